"""A folder of another machine as a place for a site, by the rsync program.

Not here: the order (`to_store`). What rsync is asked: files by a list, compared by their content,
each put in place by a rename; deletions by a list of what is missing here (rsync 3.1 or newer).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from laion_assets.core.base.errors import UserError
from laion_assets.core.publish.changes import MOST_LISTED
from laion_assets.core.publish.outgoing import Outgoing
from laion_assets.core.publish.to_store import Sent

#: Exit code of rsync(1) when some files were not transferred, as one that is not there.
_PARTIAL = 23
_LISTED = re.compile(r"-\S+ +[\d.,]+ \d{4}/\d\d/\d\d \d\d:\d\d:\d\d (.*)")
_LONGEST = 300  # characters shown of what rsync says
_MOST_SAID = 65_536  # bytes of it that are read
_OPTIONS = ("--checksum", "--times", "--chmod=D755,F644", "--from0")


def _ignore(_path: str) -> None:
    """Nobody is told."""


@contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="laion-assets-") as folder:
        yield Path(folder)


class Rsync:
    """The files below a target as rsync takes it, `user@host:path` or `rsync://host/module/path`."""

    def __init__(self, target: str) -> None:
        self._target = f"{target.rstrip('/')}/" if not target.endswith(":") else target
        found = shutil.which("rsync")
        if found is None:
            raise UserError(
                f"{target}: the program rsync is not installed; install it, or publish to a folder"
                " and copy that"
            )
        self._program = found

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; None when there is none."""
        with _temporary() as folder:
            limit = f"--max-size={MOST_LISTED}"
            code, said = self._run([limit, "--", f"{self._target}{path}", f"{folder}/"], _ignore)
            if code not in (0, _PARTIAL):
                raise self._refused(code, said)
            found = folder / path
            return found.read_bytes() if found.is_file() and not found.is_symlink() else None

    def holding(self, paths: Collection[str]) -> set[str]:
        """Return which of some paths have a file."""
        names: set[str] = set()

        def told(line: str) -> None:
            if found := _LISTED.fullmatch(line):
                names.add(found[1])

        code, said = self._run(["--recursive", "--list-only", "--", self._target], told)
        if code not in (0, _PARTIAL):  # partly, as where there is no such folder yet
            raise self._refused(code, said)
        return names & set(paths)

    def same(self, _outgoing: Outgoing, _paths: Collection[str]) -> set[str]:
        """Return nothing: rsync sees by itself what is there."""
        return set()

    def put(self, outgoing: Outgoing, paths: Sequence[str], sent: Sent) -> None:
        """Put some files there; those that are there with the same content are not sent."""
        lying = {path for path in paths if path not in outgoing.made}
        if lying:
            waiting = set(lying)

            def told(path: str) -> None:
                if path in waiting:
                    waiting.remove(path)
                    sent(path)

            self._transfer([*_OPTIONS, "--out-format=%n"], outgoing.site, sorted(lying), told)
            for path in sorted(waiting):  # these were there
                sent(path)
        for path in paths:
            if path in outgoing.made:
                self.put_bytes(path, outgoing.made[path])
                sent(path)

    def put_bytes(self, path: str, content: bytes) -> None:
        """Put one file there."""
        with _temporary() as folder:
            folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            folder.joinpath(path).write_bytes(content)
            self._transfer(_OPTIONS, folder, [path])

    def delete(self, paths: Sequence[str]) -> None:
        """Delete some files; one that is not there is no error."""
        if paths:
            with _temporary() as nothing:
                for folder in {Path(path).parent for path in paths}:  # or they are told as missing
                    (nothing / folder).mkdir(parents=True, exist_ok=True)
                self._transfer(["--delete-missing-args", "--from0"], nothing, paths)

    def _transfer(
        self,
        options: Sequence[str],
        folder: Path,
        paths: Sequence[str],
        told: Sent = _ignore,
    ) -> None:
        """Run rsync on some paths below a folder; `told` is called with the lines it prints."""
        with _temporary() as temporary:
            (temporary / "paths").write_bytes("\0".join(paths).encode())
            files = f"--files-from={temporary / 'paths'}"
            code, said = self._run([*options, files, "--", f"{folder}/", self._target], told)
        if code:
            raise self._refused(code, said)

    def _run(self, arguments: Sequence[str], told: Sent) -> tuple[int, str]:
        """Run rsync; return its exit code and what it says of what went wrong."""
        with tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    [self._program, *arguments],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                )  # fmt: skip
            except OSError as error:
                raise UserError(f"{self._program}: cannot be run ({error.strerror})") from error
            try:
                assert process.stdout is not None  # noqa: S101 - it is a pipe
                for line in process.stdout:
                    told(line.decode(errors="replace").rstrip("\n"))
                code = process.wait()
            finally:
                process.kill()
                process.communicate()
            errors.seek(0)
            return code, errors.read(_MOST_SAID).decode(errors="replace")

    def _refused(self, code: int, said: str) -> UserError:
        """Return the error for what rsync could not do, with the first line it says of it."""
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        what = lines[0][:_LONGEST] if lines else f"rsync ended with code {code}"
        return UserError(f"{self._target}: {what}; mend it and run it again to continue")
