"""Text in other encodings: told for certain, told by the description, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from laion_assets.core.reading import opening
from laion_assets.core.reading.source_file import describe_source
from laion_assets.core.sources.datasets import load_dataset
from tests.core.reading.text_rows import FILES, complaint, read, texts, written

WESTERN = [
    "Un phare près de la forêt|L’été à Nîmes — sœur et cœur|Noël, ça va",
    "Ein schöner Leuchtturm|Die Straße nach München|„Größe“ für 3 €",
    "Niño en la montaña|¿Dónde está?|Señal",
    "São Paulo|Três irmãs|Ações e limões, coração",
    "Rødt fyrtårn på øen|Ærø|Sjö",
    "Don’t walk|“Hello”, she said|A café",
]
#: Encoding and captions that Windows-1252 would read as other ones.
OTHERS = [
    ("cp1250", "Żółta łódź na jeziorze|Piękny zachód słońca|Gdańsk"),
    ("cp1250", "Příliš žluťoučký kůň|Černý les u řeky|Šumava"),
    ("cp1250", "Vörös tűz az erdőben|Nő a hídon|Műszer és ő"),
    ("cp1250", "Oraşul în amurg|Două bărci|Ţara"),
    ("cp1254", "Güneşli bir gün|Işık ve gölge|Çiçek bahçesi"),
    ("cp1257", "Raudonas švyturys|Žalia ąžuolo šaka|Upė"),
    ("cp1251", "Красный маяк|Две лодки|Дом"),
    ("koi8-r", "Красный маяк|Две лодки|Дом"),
    ("cp1253", "Κόκκινος φάρος|Δύο βάρκες|Σπίτι"),
    ("shift_jis", "夕暮れの赤い灯台|二つのボート|海"),
    ("gb18030", "黄昏时的红色灯塔|两艘船|海洋"),
    ("big5", "黃昏時的紅色燈塔|兩艘船|海洋"),
    ("euc_kr", "붉은 등대|두 척의 배|바다"),
    ("mac_roman", "Un café près de la mer|Don’t “go”|Été"),
    ("cp850", "Ein schöner Leuchtturm|Größe|Käse"),
]


def table_of(captions: str) -> str:
    """Return a list of captions as CSV."""
    rows = (f'https://a.org/{n}.jpg,"{text}"' for n, text in enumerate(captions.split("|")))
    return "\r\n".join(["url,caption", *rows, ""])


def captions_of(path: Path, dataset: str = "files") -> str:
    """Return the captions of a file, as they were given."""
    rows = texts(read(path, load_dataset(dataset)))
    return "|".join((caption or b"").decode() for _, caption in rows)


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_told_with_and_without_a_mark(
    tmp_path: Path, encoding: str, *, marked: bool
) -> None:
    """Letters of any kind: the addresses have zeros enough."""
    captions = "Ein schöner Turm|黄昏|Две лодки"
    content = ("\ufeff" * marked + table_of(captions)).encode(encoding)
    path = written(tmp_path, "x.csv", content)
    assert captions_of(path) == captions
    assert describe_source(path, FILES).layout.format.encoding == encoding
    lines = ('{"url": "u", "caption": "é"}\n' * 9).encode(encoding)
    assert captions_of(written(tmp_path, "x.jsonl", lines)) == "|".join("é" * 9)


@pytest.mark.parametrize("captions", WESTERN)
def test_western_lists_of_windows_are_told(tmp_path: Path, captions: str) -> None:
    """Excel saves them so."""
    path = written(tmp_path, "x.csv", table_of(captions).encode("cp1252"))
    assert captions_of(path) == captions
    assert describe_source(path, FILES).layout.format.encoding == "windows-1252"


@pytest.mark.parametrize(("encoding", "captions"), OTHERS)
def test_what_is_not_certain_is_refused_with_what_to_say(
    tmp_path: Path, encoding: str, captions: str
) -> None:
    """No guess makes other captions of them; what the line says to do is right."""
    path = written(tmp_path, "x.csv", table_of(captions).encode(encoding))
    line = complaint(path)
    assert line.startswith("is not UTF-8 (")
    assert "kind = 'csv' and encoding = 'windows-1250'" in line
    mine = written(tmp_path, "mine.toml", f"[format]\nkind = 'csv'\nencoding = '{encoding}'")
    assert captions_of(path, str(mine)) == captions


@pytest.mark.parametrize(
    "bad", [b"caf\xe9", b"caf\xc3", b"\xff\xfe", b"\xe2\x80", b"\x93quoted\x94"]
)
@pytest.mark.parametrize("good", ["plain", "crème"])
def test_a_few_bad_bytes_make_no_other_encoding(tmp_path: Path, bad: bytes, good: str) -> None:
    """They reject their rows, and the others stay as they are."""
    rows = [f"https://a.org/{n},{good} {n}".encode() for n in range(30)]
    content = b"\n".join([b"url,caption", *rows, b"https://a.org/x," + bad, b""])
    assert texts(read(written(tmp_path, "x.csv", content)))[-1] == (b"https://a.org/x", bad)
    assert texts(read(tmp_path / "x.csv"))[0][1] == f"{good} 0".encode()


def test_one_bad_row_alone_is_no_encoding(tmp_path: Path) -> None:
    """Of one row nothing can be told."""
    path = written(tmp_path, "x.csv", b"url,caption\nu,caf\xe9\n")
    assert texts(read(path)) == [(b"u", b"caf\xe9")]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1 << 20])
def test_what_cannot_be_decoded_rejects_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """It comes as bytes that are not UTF-8, wherever they lie across what is read at once."""
    monkeypatch.setattr(opening, "_BLOCK", block)
    content = (
        "url,caption\nu1,灯\nu2,".encode("shift_jis") + b"\x85" + "\nu3,海\n".encode("shift_jis")
    )
    mine = written(tmp_path, "mine.toml", "[format]\nkind = 'csv'\nencoding = 'shift-jis'")
    rows = texts(read(written(tmp_path, "x.csv", content), load_dataset(str(mine))))
    assert rows[0] == (b"u1", "灯".encode())
    assert rows[2] == (b"u3", "海".encode())
    assert rows[1][1]
    with pytest.raises(UnicodeDecodeError):
        rows[1][1].decode()
    wide = "url,caption\nu1,é\n".encode("utf-16-le") + "u2,".encode("utf-16-le") + b"\x00\xd8"
    rows = texts(read(written(tmp_path, "y.csv", wide + "\nu3,c".encode("utf-16-le") + b"x")))
    assert rows[0] == (b"u1", "é".encode())
    for _, caption in rows[1:]:
        assert caption
        with pytest.raises(UnicodeDecodeError):
            caption.decode()


def test_encoding_that_is_told_is_not_looked_for(tmp_path: Path) -> None:
    """Not even UTF-8."""
    content = table_of(WESTERN[0]).encode("cp1252")
    path = written(tmp_path, "x.csv", content)
    mine = written(tmp_path, "mine.toml", "[format]\nkind = 'csv'\nencoding = 'UTF-8'")
    captions = [caption for _, caption in texts(read(path, load_dataset(str(mine))))]
    assert captions[0] == WESTERN[0].split("|")[0].encode("cp1252")
