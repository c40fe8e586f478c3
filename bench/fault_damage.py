"""Faults in files: sources, stamps, outputs, settings and history damaged, lost or replaced.

Lives here: a function for each kind, which spoils something of a round and holds what is said of it
to what is expected. Not here: faults from outside (`fault_kinds`), the end of a round
(`fault_round`).
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.fault_corpus import COMPARED, FILES, REMOVED_DOMAIN, write_rows
from bench.fault_round import Disturb, Round

_STAMP = ".stamp.json"
_REMOVED = REMOVED_DOMAIN.encode()


def _emptied(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


def _truncated(path: Path, rng: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(len(content) or 1)])


def _overwritten(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    start = rng.randrange(len(content) or 1)
    for place in range(start, min(start + rng.randint(1, 400), len(content))):
        content[place] = rng.randrange(256)
    path.write_bytes(bytes(content))


def _lost(path: Path, _: random.Random) -> None:
    path.unlink()


def _a_folder(path: Path, rng: random.Random) -> None:
    path.unlink()
    path.mkdir()
    if rng.random() < 0.5:
        (path / "file").write_text("in the way")


_Spoil = Callable[[Path, random.Random], None]

# -- sources -------------------------------------------------------------------------------------


def source_damaged(turn: Round) -> None:
    """A source is emptied, cut, overwritten or lost; a build says so; then it is restored."""
    path = turn.place.source / turn.rng.choice(list(FILES))
    if not path.exists():  # the round's change took it away
        path = turn.place.source / "b.csv"
    content, stat = path.read_bytes(), path.stat()
    spoil: _Spoil = turn.rng.choice([_emptied, _truncated, _overwritten, _lost])
    turn.notes.append(f"{path.name} {spoil.__name__}")
    spoil(path, turn.rng)
    with turn.watched(any_site=True):
        done = turn.build().end()
        turn.judge(done, {0, 1})
        if done.code and path.name not in done.errors:
            turn.problem(f"the line does not name {path.name}", done)
    path.write_bytes(content)
    if turn.rng.random() < 0.5:
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def error_note_left(turn: Round) -> None:
    """The note about a healed source comes back, or something else lies in its place."""
    path = turn.place.source / "a.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:200])
    done = turn.run("build")
    turn.judge(done, {1})
    path.write_bytes(content)
    found = [p for p in (turn.place.build / "raw").glob("*.error.json") if p.name.startswith("a-")]
    if not found:
        turn.problem("no note about a file that cannot be read", done)
        return
    note = found[0].read_bytes()
    way = turn.rng.choice(["left", "healed", "empty", "folder"])
    turn.notes.append(way)
    if way == "healed":
        turn.judge(turn.run("build"), {0}, lines=0)
        found[0].write_bytes(note)
    elif way == "empty":
        found[0].write_bytes(b"")
    elif way == "folder":
        _a_folder(found[0], turn.rng)


def source_replaced(turn: Round) -> None:
    """A source changes while a build reads it; the next build goes by what it is then."""
    path = turn.place.source / "a.parquet"
    final = path.read_bytes()
    write_rows(path, 900, 90)
    if turn.change == "a file gone":
        write_rows(turn.place.source / "deep" / "d.parquet", 200, 80)
    with turn.watched(any_site=True):
        running = turn.build()
        turn.moment(running)
        way = turn.rng.choice(["renamed", "in place", "vanished"])
        turn.notes.append(way)
        if way == "renamed":
            path.with_name("new.tmp").write_bytes(final)
            path.with_name("new.tmp").rename(path)
        elif way == "in place":
            path.write_bytes(final)
        else:
            path.unlink()
        (
            turn.place.source / "deep" / "d.parquet"
        ).unlink() if turn.change == "a file gone" else None
        turn.judge(running.end(), {0, 1}, lines=2)
    path.write_bytes(final)


# -- what was built ------------------------------------------------------------------------------


def _files(turn: Round, *parts: str, ending: str = "") -> list[Path]:
    folders = (turn.place.build / part for part in parts)
    return sorted(
        path
        for folder in folders
        for path in folder.rglob(f"*{ending}")
        if path.is_file() and ".tmp-" not in str(path.relative_to(turn.place.build))
    )


def stamp_damaged(turn: Round) -> None:
    """Stamps are nested garbage, incomplete, of another file, empty, cut, lost or a folder."""
    stamps = _files(turn, "raw", "tables", "index", ending=_STAMP)
    stamps += list(turn.place.build.glob(f"*{_STAMP}"))

    def nested(path: Path, rng: random.Random) -> None:
        depth = rng.choice([100, 5_000, 200_000])
        path.write_text("[" * depth + "]" * rng.choice([0, depth]))

    def incomplete(path: Path, rng: random.Random) -> None:
        forms = ['{"code": "x"}', "{}", "null", '{"code":"x","inputs":{},"outputs":{}}', "7"]
        path.write_text(rng.choice(forms))

    def other(path: Path, rng: random.Random) -> None:
        path.write_bytes(rng.choice(stamps).read_bytes())

    spoils: list[_Spoil] = [nested, incomplete, other, _emptied, _truncated, _lost, _a_folder]
    for path in turn.rng.sample(stamps, turn.rng.choice([1, 1, 2, 5])):
        spoil = turn.rng.choice(spoils)
        turn.notes.append(f"{path.name} {spoil.__name__}")
        if path.is_file():
            spoil(path, turn.rng)


def output_damaged(turn: Round) -> None:
    """Outputs are folders, missing, emptied or cut."""
    outputs = [p for p in _files(turn, "raw", *COMPARED) if not p.name.endswith(_STAMP)]
    spoils: list[_Spoil] = [_emptied, _truncated, _lost, _a_folder]
    for path in turn.rng.sample(outputs, turn.rng.choice([1, 1, 2, 5])):
        spoil = turn.rng.choice(spoils)
        turn.notes.append(f"{path.relative_to(turn.place.build)} {spoil.__name__}")
        spoil(path, turn.rng)


def folder_lost(turn: Round) -> None:
    """A whole folder is deleted."""
    choices = [*COMPARED, "raw", "index/search", "index/segments", "tables/images", ".tmp-work"]
    folder = turn.place.build / turn.rng.choice(choices)
    turn.notes.append(folder.name)
    shutil.rmtree(folder, ignore_errors=True)


def byte_flipped(turn: Round) -> None:
    """One byte of an index file, table, page, segment or description changes: `--rehash` heals."""
    files = [p for p in _files(turn, "raw", *COMPARED) if not p.name.endswith(_STAMP)]
    part = turn.rng.choice(["site/", "index/search/", "index/segments/", "tables/", "raw/"])
    names = {p: p.relative_to(turn.place.build).as_posix() for p in files if p.stat().st_size}
    path = turn.rng.choice([p for p, name in names.items() if name.startswith(part)])
    content, stat = bytearray(path.read_bytes()), path.stat()
    content[turn.rng.randrange(len(content))] ^= 1 << turn.rng.randrange(8)
    with path.open("r+b") as stream:  # in place: every hard link to it changes
        stream.write(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    turn.notes.append(names[path])
    done = turn.run("verify", "--deep")
    turn.judge(done, {1})
    if done.code == 1 and names[path].partition("/")[2] not in done.output + done.errors:
        turn.problem("`verify --deep` does not name the file", done)
    turn.after = ("build", "--rehash")


# -- settings, lists, history --------------------------------------------------------------------


def settings_damaged(turn: Round) -> None:
    """build.toml is garbled: one line, exit code 2, nothing done; deleted: all is named again."""
    path = turn.place.build / "build.toml"
    content = path.read_bytes()
    texts = [
        b"threads = 0\n", b'memory = ""\n', b"lists = 5\n", b"\xff\xfe", b"[[[[",
        b"sources = [1]\n", b'colour = "red"\n', content[: len(content) // 2], b"max_files = 1\n",
    ]  # fmt: skip
    if turn.rng.random() < 0.2:
        path.unlink()
        turn.notes.append("deleted")
        for command in ("status", "lookup"):
            names = ["Pink"] if command == "lookup" else []
            turn.judge(turn.run(command, *names), {1, 2})
        turn.after = ("build", *turn.place.named)
        return
    text = turn.rng.choice(texts)
    turn.notes.append(repr(text[:30]))
    path.write_bytes(text)
    with turn.watched():
        for command in ("build", "status"):
            done = turn.run(command)
            turn.judge(done, {1, 2})
            if "build.toml" not in done.errors:
                turn.problem(f"`{command}` does not name build.toml", done)
    if path.read_bytes() != text:
        turn.problem("a command wrote over settings it could not read")
    path.write_bytes(content)


def list_damaged(turn: Round) -> None:
    """A list, its folder or the allow-list is broken or gone: one line; then it is mended."""
    path = turn.rng.choice([*turn.place.lists.glob("*.csv"), turn.place.lists])
    aside = path.with_name(path.name + ".aside")
    path.rename(aside)
    if path != turn.place.lists:
        path.write_bytes(turn.rng.choice([b"\xff\xfe\x00", b"no,such,columns\n1,2,3\n"]))
    turn.notes.append(path.name)
    with turn.watched():
        done = turn.build().end()
        turn.judge(done, {1, 2})
        if done.code and path.name not in done.errors:
            turn.problem(f"the line does not name {path.name}", done)
    path.unlink(missing_ok=True)
    aside.rename(path)


def history_damaged(turn: Round) -> None:
    """Dagster's history is deleted or damaged: the build does without, or says what to delete."""
    home = turn.place.build / "dagster"
    files = [path for path in sorted(home.rglob("*")) if path.is_file()]
    spoil = turn.rng.choice([None, _emptied, _truncated, _overwritten, _lost, _a_folder])
    if spoil is None:
        shutil.rmtree(home)
        turn.notes.append("deleted")
    else:
        for path in turn.rng.sample(files, min(len(files), turn.rng.choice([1, 2, 99]))):
            spoil(path, turn.rng)
            turn.notes.append(f"{path.relative_to(home)} {spoil.__name__}")
    with turn.watched():
        done = turn.build().end()
        turn.judge(done, {0, 1})
        if done.code:
            if "dagster" not in done.errors:
                turn.problem("the line does not name the history", done)
            shutil.rmtree(home)


# -- takedowns -----------------------------------------------------------------------------------


def removing_without_inputs(turn: Round) -> None:
    """`remove` when sources, lists, settings or what the site was made from are lost or broken."""
    place = turn.place
    paths = [
        place.source, place.source / "a.parquet", place.source / "deep" / "d.parquet", place.lists,
        place.lists / "platforms.csv", place.build / "build.toml", place.build / "dagster",
        *(path for path in place.build.glob("made_from*") if path.exists()),
    ]  # fmt: skip
    lost = turn.rng.sample(paths, turn.rng.choice([1, 1, 2]))
    aside = place.folder / "aside"
    aside.mkdir()
    for number, path in enumerate(lost):
        if not path.exists():  # within a folder that is gone
            continue
        path.rename(aside / str(number))
        broken = path.suffix and turn.rng.random() < 0.5
        turn.notes.append(f"{path.relative_to(place.folder)} {'broken' if broken else 'lost'}")
        if broken:
            path.write_bytes(b"[broken\xff")
    with turn.watched(any_site=True):
        done = turn.run("remove", *turn.what.arguments)
        turn.judge(done, {0, 1}, lines=2)
    left = [path for path in _files(turn, "site") if _REMOVED in path.read_bytes()]
    if left:
        turn.problem(f"{len(left)} published files hold what was removed, first {left[0]}", done)
    for number, path in reversed(list(enumerate(lost))):
        if not (aside / str(number)).exists():
            continue
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        (aside / str(number)).rename(path)


DAMAGE: Mapping[str, tuple[Disturb, str]] = {
    "source damaged": (source_damaged, ""),
    "error note left": (error_note_left, ""),
    "source replaced during a build": (source_replaced, ""),
    "stamp damaged": (stamp_damaged, ""),
    "output damaged": (output_damaged, ""),
    "folder lost": (folder_lost, ""),
    "one byte flipped": (byte_flipped, ""),
    "settings damaged": (settings_damaged, ""),
    "list damaged": (list_damaged, ""),
    "history damaged": (history_damaged, ""),
    "remove without inputs": (removing_without_inputs, "removed"),
}
