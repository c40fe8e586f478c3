"""Sources: which files are found, and a key for each that says nothing of where it lies."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.sources.datasets import load_dataset
from laion_assets.core.sources.finding import partition_key
from tests.core.sources.looking import find, looked_at

SAMPLE = load_dataset("sample")


def touch(root: Path, *names: str) -> Path:
    """Make empty files below a folder."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def found(*sources: Path) -> list[str]:
    """Return the relative paths found, in the order of their keys."""
    return [s.relative for s in find(sources)]


# -- keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relative", "slug"),
    [
        ("part-00000.parquet", "part-00000"),
        ("data/train-00001-of-00007-abc.parquet", "train-00001-of-00007-abc"),
        ("Größe & Café.parquet", "große-cafe"),
        ("漢字.parquet", "file"),
        ("..parquet", "file"),
        ("x" * 200 + ".parquet", "x" * 60),
    ],
)
def test_key_is_a_readable_slug_and_eight_hex_digits(relative: str, slug: str) -> None:
    """Any name gives a key that is safe as a file name and short enough for one."""
    expected = slug.encode("ascii", "ignore").decode()
    assert re.fullmatch(re.escape(expected) + "-[0-9a-f]{8}", partition_key(relative))


def test_key_depends_on_the_relative_path_alone(tmp_path: Path) -> None:
    """The same tree elsewhere has the same keys; no absolute path shows."""
    here = touch(tmp_path / "here", "a/part-00000.parquet", "b.parquet")
    there = touch(tmp_path / "there" / "deep", "a/part-00000.parquet", "b.parquet")
    keys = [[s.key for s in find([root])] for root in (here, there)]
    assert keys[0] == keys[1] == sorted(keys[0])


def test_same_name_in_two_folders_is_two_partitions(tmp_path: Path) -> None:
    """Two part-00000.parquet do not collide, below one root or as two roots."""
    touch(tmp_path, "a/part-00000.parquet", "b/part-00000.parquet")
    assert sorted(found(tmp_path)) == ["a/part-00000.parquet", "b/part-00000.parquet"]
    keys = {source.key for source in find([tmp_path])}
    assert len(keys) == 2
    assert all(key.startswith("part-00000-") for key in keys)
    assert sorted(found(tmp_path / "a", tmp_path / "b")) == [
        "b/part-00000.parquet",
        "part-00000.parquet",
    ]


def test_two_roots_of_one_name_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    """Three folders `data` with the same file: the line says what to rename."""
    roots = [touch(tmp_path / name / "data", "x.parquet") for name in ("a", "b", "c")]
    with pytest.raises(BadUsage, match="look the same; rename one of their folders"):
        found(*roots)


def test_names_that_differ_only_in_case_or_ending_have_their_own_key() -> None:
    """The digest tells apart what the slug makes one."""
    names = ("A.parquet", "a.parquet", "a .parquet", "a.PARQUET", "x/a.parquet")
    assert len({partition_key(name) for name in names}) == len(names)


# -- finding ---------------------------------------------------------------------------------------


def test_hidden_and_private_files_are_passed_over(tmp_path: Path) -> None:
    """Checksums, Spark's marks and hidden folders are no sources."""
    touch(
        tmp_path,
        "a.parquet",
        "deep/er/B.PARQUET",
        ".a.parquet.crc",
        ".hidden.parquet",
        ".git/x.parquet",
        "_SUCCESS",
        "_temporary/x.parquet",
        "a.parquet.part",
        "notes.txt",
    )
    (tmp_path / "folder.parquet").mkdir()
    assert sorted(found(tmp_path)) == ["a.parquet", "deep/er/B.PARQUET"]


def test_text_files_are_sources_too(tmp_path: Path) -> None:
    """Every ending that is understood, in any case, gzipped where that makes sense."""
    names = [
        "a.csv",
        "b.tsv.gz",
        "c.JSONL",
        "d.ndjson",
        "e.Csv.Gz",
        "f.jsonl.gz",
        "g.parquet",
        "h.parquet.gz",
        "i.csv.zip",
        "j.pq",
    ]
    touch(tmp_path, *names, "x.txt", "x.gz", "x.json.gz", "csv")
    assert sorted(found(tmp_path)) == names


def test_root_may_be_hidden_itself(tmp_path: Path) -> None:
    """Only names below the source root count as hidden."""
    assert found(touch(tmp_path / ".cache" / "data", "a.parquet")) == ["a.parquet"]


def test_file_named_outright_is_taken(tmp_path: Path) -> None:
    """A file given as the source is read whatever its name is."""
    touch(tmp_path, "download")
    assert found(tmp_path / "download") == ["download"]


def test_file_given_twice_counts_once(tmp_path: Path) -> None:
    """A folder and a file in it, or the folder again, are no duplicates."""
    touch(tmp_path, "a.parquet", "b.parquet")
    assert sorted(found(tmp_path, tmp_path / "a.parquet", tmp_path)) == ["a.parquet", "b.parquet"]


def test_order_on_the_disk_makes_no_difference(tmp_path: Path) -> None:
    """Sources are sorted by key."""
    touch(tmp_path, *(f"{n}.parquet" for n in (3, 1, 2)))
    keys = [source.key for source in find([tmp_path])]
    assert keys == sorted(keys)


def test_sample_s_files_are_known_before_they_exist(tmp_path: Path) -> None:
    """A generated dataset lists its files in the raw folder, numbered."""
    assert SAMPLE.generated is not None
    sources = find([], dataset=SAMPLE, root=tmp_path)
    assert [source.part for source in sources] == list(range(SAMPLE.generated.files))
    assert {source.path.parent for source in sources} == {tmp_path / "raw"}


# -- complaints ------------------------------------------------------------------------------------


def test_empty_folder_is_said_to_hold_nothing(tmp_path: Path) -> None:
    """A folder without parquet files is an error, not an empty build."""
    touch(tmp_path, "notes.txt", ".hidden.parquet")
    with pytest.raises(UserError, match="no parquet files in this folder"):
        found(tmp_path)


def test_missing_source_is_named(tmp_path: Path) -> None:
    """The line says which path does not exist."""
    with pytest.raises(UserError, match="nowhere: no such file or folder"):
        found(tmp_path / "nowhere")


def test_dataset_of_files_needs_a_source() -> None:
    """Without --source there is nothing to read, and the line says what to give."""
    with pytest.raises(BadUsage, match="needs --source"):
        found()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("improved-aesthetics-6plus", "is gone and needs --source. If you have a copy, name it"),
        ("laion-400m", "is withdrawn and needs --source. There is no official source"),
        ("img2dataset", "needs --source: a file of rows or a folder"),
    ],
)
def test_dataset_that_cannot_be_had_says_what_to_do(name: str, expected: str) -> None:
    """Gone and withdrawn ones say so, with what a user can do instead."""
    with pytest.raises(BadUsage) as raised:
        find([], dataset=load_dataset(name))
    assert expected in str(raised.value)


@pytest.mark.parametrize("source", ["", " ", "\t"])
def test_an_empty_source_is_not_the_working_directory(source: str) -> None:
    """Whether it was typed or stands in build.toml."""
    with pytest.raises(BadUsage, match="--source is empty"):
        find([source])


# -- what else lies in folders ---------------------------------------------------------------------


def test_a_name_that_is_not_utf8_is_read_under_a_name_that_is_text(tmp_path: Path) -> None:
    """Files and folders; keys, relative names and complaints can be written anywhere."""
    folder = tmp_path / os.fsdecode(b"dossi\xe9")
    folder.mkdir()
    for name in (b"caf\xe9.parquet", b"caf\xea.parquet", "café.parquet".encode()):
        (folder / os.fsdecode(name)).touch()
    files = find([tmp_path])
    assert len({file.key for file in files}) == 3
    assert all(file.path.exists() for file in files)
    assert sorted(file.relative for file in files) == [
        "dossi\\xe9/caf\\xe9.parquet",
        "dossi\\xe9/caf\\xea.parquet",
        "dossi\\xe9/café.parquet",
    ]


def test_names_that_differ_have_texts_that_differ(tmp_path: Path) -> None:
    """Whatever they hold: controls, backslashes that look like ours, bytes and characters alike."""
    names = [
        b"a\n.csv",
        b"a\\u000a.csv",
        b"a\xa0.csv",
        "a\xa0.csv".encode(),
        b"a\\xa0.csv",
        b"a\x1b.csv",
    ]
    for name in names:
        (tmp_path / os.fsdecode(name)).touch()
    relative = found(tmp_path)
    assert len(set(relative)) == len(names)
    assert all(text.encode().decode().splitlines() == [text] for text in relative)
    assert "\x1b" not in "".join(relative)


def test_links_in_a_folder_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    """To a file and to a folder, inside and outside; each is named."""
    outside = touch(tmp_path / "outside", "secret.parquet", "deep/er.parquet")
    root = touch(tmp_path / "root", "a.parquet", "sub/b.parquet", "notes.txt")
    (root / "link.parquet").symlink_to(outside / "secret.parquet")
    (root / "relative.parquet").symlink_to("a.parquet")
    (root / "folder").symlink_to(outside / "deep")
    (root / "sub" / "up").symlink_to(root)
    (root / "text.txt").symlink_to(outside / "secret.parquet")
    (root / ".hidden.parquet").symlink_to(outside / "secret.parquet")
    files, left_out = looked_at(root)
    assert files == ["a.parquet", "sub/b.parquet"]
    known = "is a link to what is read already"
    empty = "is empty (0 bytes); download it again"
    again = {"relative.parquet": known, "up": known, "notes.txt": empty}
    assert {name: why for name, why in left_out.items() if "--follow" not in why} == again
    assert set(left_out) == {"folder", "link.parquet", "text.txt", *again}
    files, left_out = looked_at(root, follow_links=True)
    assert files == ["a.parquet", "folder/er.parquet", "link.parquet", "sub/b.parquet"]
    assert left_out == {**again, "text.txt": known}


@pytest.mark.parametrize("follow", [False, True])
def test_links_to_nowhere_and_special_files_are_named_and_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, follow: bool
) -> None:
    """Opening a pipe would wait for ever."""
    root = touch(tmp_path / "r", "a.parquet")
    (root / "dangling.parquet").symlink_to("nothing")
    (root / "circle.parquet").symlink_to("circle.parquet")
    (root / "round").symlink_to("trip")
    (root / "trip").symlink_to("round")
    os.mkfifo(root / "pipe.parquet")
    (root / "null.parquet").symlink_to("/dev/null")
    monkeypatch.chdir(root)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.parquet")
    files, left_out = looked_at(root, follow_links=follow)
    assert files == ["a.parquet"]
    nothing = "is a link that leads nowhere: "
    assert left_out == {
        "null.parquet": nothing + "is a device, no file or folder",
        "dangling.parquet": nothing + "no such file or folder",
        "circle.parquet": nothing + "no such file or folder",
        "round": nothing + "no such file or folder",
        "trip": nothing + "no such file or folder",
        "pipe.parquet": "is a named pipe, no file or folder",
        "socket.parquet": "is a socket, no file or folder",
    }


def test_a_link_that_is_named_outright_is_followed(tmp_path: Path) -> None:
    """It is what the user asked for: a file or a folder."""
    root = touch(tmp_path / "root", "a.parquet")
    touch(tmp_path, "b.parquet")
    (tmp_path / "folder").symlink_to(root)
    (tmp_path / "file").symlink_to(tmp_path / "b.parquet")
    assert looked_at(tmp_path / "folder", tmp_path / "file") == (["a.parquet", "file"], {})


def test_a_source_that_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    """A pipe, a link to nothing, a folder of links alone."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="pipe: is a named pipe, no file or folder"):
        found(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(UserError, match=r"cannot be opened \(File name too long\)"):
        found(tmp_path / ("x" * 5_000))
    with pytest.raises(UserError, match="no such file or folder"):
        found(tmp_path / "a\0b")
    with pytest.raises(UserError, match="circle: no such file or folder"):
        found(tmp_path / "circle")
    root = touch(tmp_path / "cache" / "blobs", "1234").parent
    (root / "a.parquet").symlink_to("blobs/1234")
    with pytest.raises(UserError, match=r"2 left out: .*a.parquet is a link .*--follow-links"):
        found(root)
    assert looked_at(root, follow_links=True)[0] == ["a.parquet"]


def test_a_folder_that_may_not_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is read."""
    touch(tmp_path, "a.parquet", "closed/b.parquet")
    scan = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    expected = ["a.parquet"], {"closed": "cannot be opened (Permission denied)"}
    assert looked_at(tmp_path) == expected
