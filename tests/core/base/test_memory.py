"""A process keeps little of the memory that its threads freed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ARENAS = """
import ctypes, sys, threading
from laion_assets.core.base.memory import keep_less_memory
libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_info"):
    sys.exit(3)
keep_less_memory()
together = threading.Barrier(8)
def work():
    together.wait()
    held = [bytes(100_000) for _ in range(50)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.parametrize(("said", "most"), [("", 2), ("5", 5)])
def test_threads_share_few_arenas(tmp_path: Path, said: str, most: int) -> None:
    """Two of glibc's, or as many as the environment says."""
    environment = {**os.environ, "MALLOC_ARENA_MAX": said} if said else dict(os.environ)
    command = [sys.executable, "-c", ARENAS, str(tmp_path / "info")]
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode == 3:
        pytest.skip("not glibc's allocator")
    arenas = (tmp_path / "info").read_text().count("<heap nr=")
    assert 2 <= arenas <= most
