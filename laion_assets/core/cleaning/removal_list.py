"""The removal list: what must not be published, as hashes that only the key's holder can test.

Lives here: the form of the list (`kind,hmac_sha256` lines; never a URL) and of its key, reading
both, adding to the list, and what a URL, an id or a domain is called on it. Not here: which rows
that concerns (`removal`).

A plain hash of a URL or a domain is no secret: whoever has the public dataset hashes every row of
it in a second and reads the list. So an entry is HMAC-SHA256, by a key that lies beside the list
and is never published, of `kind:` and the first 16 hexadecimal digits of the sha256 of the
canonical URL, the registrable domain or the decimal id. These digits can be had from an entry of
the first form of the list (`kind,sha256`) too, which is why such lists are still read. Which URL an
older version meant cannot be had from an entry: rows keep its digits too (`first_url_key`).
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from laion_assets.core.base.errors import BadUsage, UserError
from laion_assets.core.base.files import atomic
from laion_assets.core.base.typed_text import heading, lines_of, read_typed, rows_of
from laion_assets.core.cleaning.hosts import registrable_domain
from laion_assets.core.cleaning.urls import canonical_url, typed_host, unwrap

KINDS = ("domain", "id", "url")
_OF_KEY = "key"  # kind of the line that tells whether a key is the list's own
DIGITS = 16  # hexadecimal, of a sha256: what a row keeps of its URL (64 bits)
_HEADER = ("kind", "hmac_sha256")
_FIRST_HEADER = ("kind", "sha256")  # written until 0.1; anybody could test for an address
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: An image id.
INTEGER = re.compile(r"-?\d{1,20}")
_SHORTENED = re.compile(
    r"-?\d([.,]\d+)?E\+?\d+", re.IGNORECASE
)  # as spreadsheets show long numbers
#: Columns of a table of what is to be removed or allowed.
_HEADINGS = ("url", "urls", "link", "domain", "domains", "id", "ids", "image_id", "image id")
_KEY_BYTES = 32
_KEY = re.compile(r"[0-9a-f]{64}")
_BLOCK = 64  # bytes of a block of SHA-256, RFC 2104
_INNER, _OUTER = 0x36, 0x5C  # RFC 2104

#: (kind, hexadecimal HMAC): what the list holds.
Entry = tuple[str, str]


@dataclass(frozen=True)
class Named:
    """What somebody names: kind, first digits of its sha256, and the words it was said in."""

    kind: str
    digits: str
    said: str = field(compare=False)


@dataclass(frozen=True)
class RemovalKey:
    """The secret of a removal list."""

    secret: bytes

    def mark(self, kind: str, digits: str) -> str:
        """Return the keyed hash of what is named."""
        return hmac.digest(self.secret, f"{kind}:{digits}".encode(), "sha256").hex()

    def entry(self, named: Named) -> Entry:
        """Return what the list holds of what is named."""
        return named.kind, self.mark(named.kind, named.digits)

    @cached_property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and the outer block of RFC 2104, for whoever computes `mark` elsewhere."""
        block = self.secret.ljust(_BLOCK, b"\0")
        return bytes(b ^ _INNER for b in block), bytes(b ^ _OUTER for b in block)


def new_key() -> RemovalKey:
    """Return a key nobody has."""
    return RemovalKey(secrets.token_bytes(_KEY_BYTES))


def digits_of(text: str) -> str:
    """Return what a row keeps of its canonical URL, and an entry is keyed from."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def url_digits(url: str) -> str:
    """Return the digits of a URL in its canonical form."""
    return digits_of(canonical_url(url))


def name_url(url: str) -> Named:
    """Name one URL in any spelling; its scheme may be left out.

    Raises BadUsage for what has no scheme and does not begin with a host either, or has no more.
    """
    host, _ = typed_host(url)
    is_host = host is not None and ("." in host or host.startswith("["))
    if canonical_url(url) == "/" or not ("://" in unwrap(url) or is_host):
        raise BadUsage(f"{url!r} is no URL; it has to start with http:// or https://")
    said = url.encode("utf-8", "replace").decode()  # bytes of no text stand in arguments
    return Named("url", url_digits(url), said)


def name_id(image_id: str) -> Named:
    """Name one image id, a signed decimal number."""
    text = image_id.strip()
    if not INTEGER.fullmatch(text):
        raise BadUsage(f"{image_id[:40]!r} is no image id; {why_no_id(text)}")
    return Named("id", digits_of(str(int(text))), text)


def name_domain(domain: str) -> Named:
    """Name one registrable domain; a host below one is refused as too easily said.

    Raises BadUsage for `me.blogspot.com`: removing it would remove all of blogspot.com; and for a
    URL of more than a host.
    """
    host, path = typed_host(domain)
    if host is None:
        raise BadUsage(f"{domain!r} is no domain")
    registrable = registrable_domain(host)
    if path not in ("", "/"):
        raise BadUsage(
            f"{domain!r} is no domain but a URL; give it with --url, or name {registrable} to "
            "remove all of it"
        )
    if registrable != host:
        raise BadUsage(
            f"{host} is a host of {registrable}; name {registrable} to remove all of it, "
            "or give the URLs with --url or --file"
        )
    return Named("domain", digits_of(host), host)


def name_line(line: str) -> Named:
    """Name what a line of a list says: a URL, an id, or a domain."""
    text = unwrap(line)
    if INTEGER.fullmatch(text) or _SHORTENED.fullmatch(text):
        return name_id(text)
    return name_url(text) if "/" in text or "\\" in text else name_domain(text)


def why_no_id(text: str) -> str:
    """Return what to say of something that should be an image id."""
    if _SHORTENED.fullmatch(text):
        return "a spreadsheet shortened it; give its column the format of text first"
    return "ids are whole numbers"


def names_of_file(path: Path) -> list[Named]:
    """Read URLs, ids and domains: one a line (`#` begins a comment), or columns of a table."""
    named = []
    for number, text in read_lines(path):
        try:
            named.append(name_line(text))
        except BadUsage as error:
            raise BadUsage(f"{path}, line {number}: {error}") from error
    return named


def read_lines(path: Path) -> list[tuple[int, str]]:
    """Return what a list of people's says, with line numbers; BadUsage if it cannot be read."""
    try:
        return list(lines_of(read_typed(path).text, _HEADINGS))
    except csv.Error as error:
        raise BadUsage(f"{path}: {error}") from error


@dataclass(frozen=True)
class RemovalList:
    """A removal list and its key, wherever they lie; neither need exist."""

    path: Path
    key_path: Path

    def key(self) -> RemovalKey | None:
        """Return the key; None when there is none yet. Raises UserError when it is no key."""
        try:
            text = self.key_path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{self.key_path}: cannot be read ({error})") from error
        if not _KEY.fullmatch(text):
            raise UserError(f"{self.key_path}: not a key (64 hexadecimal digits)")
        return RemovalKey(bytes.fromhex(text))

    def ensure_key(self) -> RemovalKey:
        """Return the key, made first when there is none and no entry needs one that is lost."""
        found = self.key()
        if found is not None:
            return found
        self._refuse_without_key()
        made = new_key()
        _write_private(self.key_path, made.secret.hex() + "\n")
        return made

    def entries(self, key: RemovalKey | None) -> frozenset[Entry]:
        """Return the entries, those of the first form keyed; empty when there is no list.

        Raises UserError with the number of a line that is none, and when the key is not there.
        """
        lines = self._lines()
        if lines and key is None:
            self._refuse_without_key()
            key = new_key()  # a list of the first form that nobody has built with yet
        for (kind, mark), _ in lines:
            if kind == _OF_KEY and key is not None and mark != key.mark(_OF_KEY, ""):
                raise UserError(
                    f"{self.key_path} is not the key that {self.path} was made with; put that back"
                )
        return frozenset(
            (kind, mark if keyed or key is None else key.mark(kind, mark[:DIGITS]))
            for (kind, mark), keyed in lines
            if kind != _OF_KEY
        )

    def add(self, named: Iterable[Named]) -> int:
        """Add what is named, sorted and atomically; return how much of it is new."""
        key = self.ensure_key()
        before = self.entries(key)
        after = before | {key.entry(each) for each in named}
        if after != before or not all(keyed for _, keyed in self._lines()):
            buffer = io.StringIO()
            lines = [(_OF_KEY, key.mark(_OF_KEY, "")), *sorted(after)]
            csv.writer(buffer, lineterminator="\n").writerows([_HEADER, *lines])
            _write_private(self.path, buffer.getvalue())
        return len(after) - len(before)

    def _refuse_without_key(self) -> None:
        if any(keyed for _, keyed in self._lines()):
            raise UserError(
                f"{self.path} needs the key it was made with, and {self.key_path} is not there; "
                "put it back, or name it with `laion-assets build --removals-key FILE`"
            )

    def _lines(self) -> list[tuple[Entry, bool]]:
        """Return every (entry, whether it is keyed)."""
        if not self.path.exists():
            return []
        keyed = False
        entries: list[tuple[Entry, bool]] = []
        for number, row in self._rows():
            if not entries and tuple(map(heading, row)) in (_HEADER, _FIRST_HEADER):
                keyed = heading(row[1]) == _HEADER[1]
                continue
            if (
                len(row) != len(_HEADER)
                or row[0] not in (*KINDS, _OF_KEY)
                or not _DIGEST.fullmatch(row[1])
            ):
                raise UserError(f"{self.path}, line {number}: not a `kind,hmac_sha256` entry")
            entries.append(((row[0], row[1]), keyed))
        return entries

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows, whatever program has saved the list again."""
        try:
            for number, cells in rows_of(read_typed(self.path).text, (*_HEADER, *_FIRST_HEADER)):
                filled = [cell for place, cell in enumerate(cells) if cell or place < len(_HEADER)]
                yield number, filled
        except csv.Error as error:
            raise UserError(f"{self.path}: {error}") from error


def _write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, atomically."""
    with atomic(path) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text(text, encoding="ascii")
