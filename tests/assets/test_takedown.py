"""A takedown waits for nothing: what is built is enough to take a row out of everything."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from laion_assets.core.build import code_version
from laion_assets.core.build.forgetting import forget
from laion_assets.core.build.stamps import Stamp, Stamps
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.cleaning.removal_list import RemovalList, name_id
from laion_assets.core.cleaning.rules import image_id
from laion_assets.refresh import _instance
from tests.building import Builder, forget_lists, rows, use_small_lists, write_source
from tests.servers import Server, isolate, sends, serving
from tests.traces import holding

URL = "https://i.pinimg.com/2019/01/0.jpg"


def _truncate_the_source(builder: Builder) -> None:
    path = min(builder.source.iterdir())
    path.write_bytes(path.read_bytes()[:-200])
    assert builder.run("build").exit_code == 1


def _lose_the_sources(builder: Builder) -> None:
    shutil.rmtree(builder.source)


def _lose_the_dataset(builder: Builder) -> None:
    (builder.root.parent / "mine.toml").unlink()


def _break_the_dataset(builder: Builder) -> None:
    (builder.root.parent / "mine.toml").write_text("title = 7\n", encoding="utf-8")


def _lose_the_allow_list(builder: Builder) -> None:
    (builder.root.parent / "allowed.txt").unlink()


def _break_the_lists(builder: Builder) -> None:
    more = builder.root.parent / "mine" / "more-artists.csv"
    more.write_text("name\n???\n", encoding="utf-8")


def _lose_the_lists(builder: Builder) -> None:
    shutil.rmtree(builder.root.parent / "mine")


def _spoil_the_settings(builder: Builder) -> None:
    (builder.root / "build.toml").write_text("threads = 0\n", encoding="utf-8")


def _lose_the_settings(builder: Builder) -> None:
    (builder.root / "build.toml").unlink()


LOSSES = (
    _truncate_the_source, _lose_the_sources, _lose_the_dataset, _break_the_dataset,
    _lose_the_allow_list, _break_the_lists, _lose_the_lists, _spoil_the_settings,
    _lose_the_settings,
)  # fmt: skip


@pytest.fixture(scope="module")
def _first_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Build once with a dataset file, an allow-list and lists of one's own."""
    folder = tmp_path_factory.mktemp("own")
    builder = Builder(folder / "build", folder / "source")
    write_source(builder.source / "a.parquet", 0)
    write_source(builder.source / "deep" / "b.parquet", 60)
    (folder / "mine.toml").write_text('title = "Mine"\n', encoding="utf-8")
    (folder / "mine").mkdir()
    (folder / "mine" / "more-artists.csv").write_text("name\nSunset\n", encoding="utf-8")
    ids = [image_id(str(row["URL"]).encode(), str(row["TEXT"]).encode()) for row in rows(0, 120)]
    (folder / "allowed.txt").write_text("".join(f"{n}\n" for n in ids), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        use_small_lists(folder / "lists", patch)
        builder.build(
            "--dataset", str(folder / "mine.toml"), "--source", str(builder.source),
            "--allow", str(folder / "allowed.txt"), "--lists", str(folder / "mine"),
        )  # fmt: skip
    forget_lists()
    return builder


@pytest.fixture
def built_of_ones_own(_first_of_ones_own: Builder, tmp_path: Path) -> Builder:
    """Return a copy of that build, sources, lists and settings included."""
    before = _first_of_ones_own.root.parent
    folder = tmp_path / "own"
    shutil.copytree(before, folder)
    settings = folder / "build" / "build.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace(str(before), str(folder)), encoding="utf-8")
    return Builder(folder / "build", folder / "source")


@pytest.mark.parametrize("lose", LOSSES)
def test_removing_needs_nothing_but_what_is_built(
    built_of_ones_own: Builder, lose: Callable[[Builder], None]
) -> None:
    """Whatever else is gone or broken, the row is in nothing, and the rest is as it was."""
    builder = built_of_ones_own
    lose(builder)
    assert holding(builder.root / "site", URL)
    result = builder.run("remove", "--url", URL)
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert "1 listed rows in 1 source files" in result.output
    assert not holding(builder.root, URL)
    assert builder.run("verify").exit_code == 0
    pages = builder.site_files()
    assert b"Mine" in pages["index.html"][0]
    assert b"Sunset" in pages["artists.html"][0]
    paths = sorted((builder.root / "tables" / "rejects").glob("*.parquet"))
    assert pq.read_table(paths, columns=["reason"])["reason"].to_pylist() == ["removed"]


@pytest.mark.parametrize("spoil", ["a bad line", "no key", "no folder"])
def test_what_cannot_be_remembered_is_taken_out_and_said(
    built: Builder, tmp_path: Path, spoil: str
) -> None:
    """The row goes at once; one line says that the list does not have it; exit code 1."""
    folder = tmp_path / "kept"
    folder.mkdir()
    listed = folder / "removals.csv"
    settings = built.root / "build.toml"
    text = settings.read_text(encoding="utf-8").replace('removals = ""', f'removals = "{listed}"')
    settings.write_text(text, encoding="utf-8")
    RemovalList(listed, listed.with_suffix(".key")).add([name_id("7")])
    if spoil == "a bad line":
        listed.write_text(listed.read_text() + "nonsense\n", encoding="utf-8")
    elif spoil == "no key":
        listed.with_suffix(".key").unlink()
    else:
        shutil.rmtree(folder)
        folder.write_text("a file where the folder was", encoding="utf-8")
    result = built.run("remove", "--url", URL)
    assert result.exit_code == 1, result.output
    assert "the removal list does not have it" in result.stderr
    assert len(result.stderr.splitlines()) <= 2
    assert not holding(built.root, URL)


def test_what_is_removed_is_nowhere_in_the_build_directory(built: Builder) -> None:
    """No URL, caption, host or domain of it: tables, index, site, history and logs included."""
    removed = [
        row
        for path in sorted((built.root / "tables" / "images").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
        if row["domain"] == "museum.org"
    ]
    assert holding(built.root, "museum.org")
    halfway = built.root / "index" / "halfway" / "rows"  # of a merge that was killed
    halfway.parent.mkdir()
    halfway.write_bytes(b"museum.org")
    assert built.run("remove", "--domain", "museum.org").exit_code == 0
    assert not halfway.parent.exists()
    for text in {"museum.org", *(row["url"] for row in removed), *(row["host"] for row in removed)}:
        assert not holding(built.root, text), text


def test_rejected_rows_of_a_removed_domain_go_too(builder: Builder) -> None:
    """By another scheme, without one, with userinfo: whoever has a domain removed means these."""
    urls = [
        "ftp://museum.org/1", "//museum.org/2", "museum.org/3", "http://me@museum.org/4",
        "data:https://museum.org/5", "https://museum.org,/6", "\\u0001https://museum.org/7",
        "https://www.museum%2Eorg/8", "https://museum.org../9", "'https://museum.org/10'",
        "http%3A%2F%2Fmuseum.org%2F11", f"https://museum.org:{'9' * 600}/12",
    ]  # fmt: skip
    lines = [f'{{"url": "{url}", "caption": "one of them"}}\n' for url in urls]
    (builder.source / "odd.jsonl").write_text("".join(lines), encoding="utf-8")
    builder.build("--source", str(builder.source), "--accept-losses")
    assert builder.run("remove", "--domain", "museum.org").exit_code == 0
    assert not holding(builder.root, "museum.org")


def test_a_history_that_names_what_is_removed_is_deleted(built: Builder) -> None:
    """An older version showed the largest domains in the UI, and Dagster keeps what it showed."""
    (built.root / "dagster").mkdir(exist_ok=True)
    with sqlite3.connect(built.root / "dagster" / "old.db") as database:
        database.execute("CREATE TABLE shown (text)")
        database.execute("INSERT INTO shown VALUES ('| museum.org | 40 |')")
    database.close()
    logs = built.root / "logs"
    logs.mkdir()
    (logs / "one.log").write_text("www.museum.org")
    (logs / "other.log").write_text("www.example.com")
    result = built.run("remove", "--domain", "museum.org")
    assert "history" in result.output
    assert not holding(built.root, "museum.org")
    assert [path.name for path in logs.iterdir()] == ["other.log"]
    assert "Nothing to do" in built.build().output


def test_a_takedown_opens_no_build_directory_but_its_own() -> None:
    """What Dagster's tools load reads the settings of DAGSTER_HOME, which may be broken."""
    assert "laion_assets.definitions" not in code_version._imports().find_upstream_modules(
        "laion_assets.refresh"
    )


@pytest.mark.parametrize("spoil", ["damaged", "a file in its place"])
def test_no_history_holds_a_takedown_up(
    built: Builder, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    """Dagster's databases may be damaged or gone: the rows go, and the site is made again."""
    monkeypatch.setattr("laion_assets.refresh._instance", _instance)
    history = built.root / "dagster"
    if spoil == "damaged":
        (history / "history").mkdir(parents=True)
        (history / "history" / "runs.db").write_bytes(b"no database" * 1000)
    else:
        shutil.rmtree(history, ignore_errors=True)
        history.write_text("a file", encoding="utf-8")
    result = built.run("remove", "--url", URL)
    assert result.exit_code == 0, result.output
    assert not holding(built.root, URL)


def test_the_history_holds_no_domain(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Dagster keeps on the disk names none of the rows' hosts."""
    monkeypatch.setattr("laion_assets.refresh._instance", _instance)
    builder.build("--source", str(builder.source))
    history = builder.root / "dagster"
    assert list(history.rglob("*.db"))
    for domain in ("museum.org", "pinimg.com", "example.com"):
        assert not holding(history, domain)
    workspace = Workspace(builder.root, settings=None)  # type: ignore[arg-type]
    assert not forget(workspace.paths, ["museum.org"])


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A web server on the loopback address."""
    isolate(monkeypatch, tmp_path)
    with serving() as running:
        yield running


def test_a_download_that_held_it_goes_until_it_is_read_again(
    builder: Builder, server: Server, tmp_path: Path
) -> None:
    """Other downloads stay; the next build fetches nothing; what has to be read again is."""
    sources = []
    for number in range(2):
        content = write_source(tmp_path / "made" / f"{number}.parquet", 60 * number).read_bytes()
        name = f"/{number}.parquet"
        sources.append(server.on(name, sends(content, headers={"ETag": f'"{number}"'})))
    builder.build("--source", sources[0], "--source", sources[1])
    assert builder.run("remove", "--url", URL).exit_code == 0
    assert not holding(builder.root, URL)
    assert [path.name for path in (builder.root / "raw").rglob("*.parquet")] == ["1.parquet"]
    asked = len(server.got("GET"))
    assert "Nothing to do" in builder.build().output
    assert len(server.got("GET")) == asked
    before = builder.tables()
    builder.build("--blurred", "0.005")
    assert len(server.got("GET")) == asked + 1
    assert not holding(builder.root, URL)
    builder.build("--blurred", "0.5")
    assert builder.tables() == before


def test_a_generated_file_that_held_it_goes_until_it_is_read_again(builder: Builder) -> None:
    """The embedded sample is no exception."""
    dataset = builder.root.parent / "tiny.toml"
    dataset.write_text("title = 'T'\n[generated]\nrows = 60\nfiles = 2\nseed = 1\n")
    builder.build("--dataset", str(dataset))
    table = pq.read_table(min((builder.root / "tables" / "images").glob("*.parquet")))
    domain = table["domain"][0].as_py()
    assert builder.run("remove", "--domain", domain).exit_code == 0
    assert not holding(builder.root, domain)
    assert "Nothing to do" in builder.build().output
    before = builder.tables()
    builder.build("--blurred", "0.005")
    assert not holding(builder.root, domain)
    builder.build("--blurred", "0.5")
    assert builder.tables() == before


def test_a_row_that_came_back_fails_the_check(built: Builder) -> None:
    """Whatever state its file is in: the check looks through every table that is there."""
    (built.root / "tables" / "images").mkdir(exist_ok=True)
    path = min(built.source.iterdir())
    before = {p: p.read_bytes() for p in built.root.rglob("*") if p.is_file()}
    assert built.run("remove", "--url", URL).exit_code == 0
    for name in ("removals.csv", "removals.key"):
        before[built.root / name] = (built.root / name).read_bytes()
    for place, content in before.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    path.write_bytes(path.read_bytes()[:-200])
    result = built.run("verify", "--deep")
    assert result.exit_code == 1
    assert "on the removal list" in result.output


def test_a_list_edited_by_hand_counts_at_the_next_build(built: Builder, tmp_path: Path) -> None:
    """Entries that came from elsewhere take their rows out, of a file set aside as well."""
    other = Builder(tmp_path / "other", built.source)
    other.build("--source", str(other.source))
    other.run("remove", "--url", URL)
    for name in ("removals.csv", "removals.key"):
        shutil.copy(other.root / name, built.root / name)
    path = min(built.source.iterdir())
    path.write_bytes(path.read_bytes()[:-200])
    result = built.run("build")
    assert result.exit_code == 1  # the file is set aside
    assert not holding(built.root, URL)
    assert "removed 1" in result.output


MOMENTS = ("images", "rejects", "row_keys", "counts")


@pytest.mark.parametrize("moment", MOMENTS)
def test_removing_that_was_killed_is_finished_by_the_next_one(
    built: Builder, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whatever was written already, `remove` again ends as if nothing had happened."""
    write = Stamps.write
    written: list[str] = []

    def killed(self: Stamps, asset: str, key: str | None, stamp: Stamp) -> None:
        written.append(asset)
        if len(written) == 2:  # the first says that the tables are being rewritten
            raise KeyboardInterrupt
        write(self, asset, key, stamp)

    folder = built.root / "tables"
    files = [min((folder / name).glob("a-*.parquet")) for name in MOMENTS[:3]]
    files.append(min((folder / "images").glob("a-*.counts.json")))
    before = [path.read_bytes() for path in files]
    with monkeypatch.context() as patch:
        patch.setattr(Stamps, "write", killed)
        built.run("remove", "--url", URL)
    assert len(written) == 2
    after = MOMENTS.index(moment) + 1  # what comes later was not written yet
    for path, content in list(zip(files, before, strict=True))[after:]:
        path.write_bytes(content)
    result = built.run("remove", "--url", URL)
    assert result.exit_code == 0, result.output
    assert not holding(built.root, URL)
    assert "119 kept, 1 rejected (removed 1)" in result.output
    assert "Nothing to do" in built.build().output
    assert built.run("verify", "--deep").exit_code == 0


def test_a_stamp_that_is_garbage_holds_no_takedown_up(built: Builder) -> None:
    """Nothing vouches for the tables of one file: they are looked through all the same."""
    for stamp in (built.root / "tables" / "images").glob("*.stamp.json"):
        stamp.write_text('{"code": []}', encoding="utf-8")
    result = built.run("remove", "--url", URL)
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert not holding(built.root, URL)
    assert "120 read, 119 kept" in result.output
    built.build()
    assert not holding(built.root, URL)


@pytest.mark.parametrize("table", ["images", "row_keys", "rejects"])
def test_damage_of_one_file_holds_no_takedown_up(built: Builder, table: str) -> None:
    """The row goes from the others; the damaged file leaves the site until it is read again."""
    path = min((built.root / "tables" / table).glob("b-*.parquet"))
    path.write_bytes(path.read_bytes()[:-100] + b"x" * 100)
    result = built.run("remove", "--url", URL)
    assert result.exit_code in (0, 1)
    assert "Traceback" not in result.output
    assert not holding(built.root / "site", URL)
    built.build("--rehash")
    assert not holding(built.root / "site", URL)
    assert built.run("verify", "--deep").exit_code == 0
    assert "119 kept" in built.build().output


def test_a_table_that_is_gone_holds_no_takedown_up(built: Builder) -> None:
    """Its file leaves the site, said with exit code 1; the row goes; a build reads the file."""
    min((built.root / "tables" / "rejects").glob("a-*.parquet")).unlink()
    result = built.run("remove", "--url", URL)
    assert result.exit_code == 1
    assert "left the site" in result.stderr
    assert not holding(built.root / "site", URL)
    built.build()
    assert not holding(built.root, URL)


def test_a_takedown_keeps_a_withdrawn_site_withdrawn(built: Builder) -> None:
    """Even when the settings that say so are lost."""
    built.run("withdraw", "--why", "Under review.")
    (built.root / "build.toml").unlink()
    assert built.run("remove", "--url", URL).exit_code == 0
    assert len(built.site_files()) == 4
    assert not holding(built.root, URL)


@pytest.mark.parametrize("lost", ["the list", "the list and the key"])
def test_a_lost_list_brings_no_row_back(built: Builder, lost: str) -> None:
    """A build refuses; removing takes out what is named, and says that the list is lost."""
    built.run("remove", "--url", URL)
    (built.root / "removals.csv").unlink()
    if lost != "the list":
        (built.root / "removals.key").unlink()
    result = built.run("build", "--blurred", "0.3")
    assert result.exit_code == 1
    assert "put it back" in result.stderr
    other = "https://i.pinimg.com/2019/04/3.jpg"
    result = built.run("remove", "--url", other)
    assert result.exit_code == 1
    assert "is not there" in result.stderr
    assert not holding(built.root, URL)
    assert not holding(built.root, other)
