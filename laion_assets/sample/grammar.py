"""Templates to text for tens of thousands of rows at once, in arrays.

Lives here: compiling templates into tables of token numbers, drawing tokens, and laying their bytes
end to end. A row's text is a run of tokens from one vocabulary, so one Arrow `take` writes the text
of a whole batch. Not here: which template a row gets (`captions`, `addresses`).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from laion_assets.sample.invented import Weighted

Integers = npt.NDArray[np.int64]

_SLOT = re.compile(r"\{(?P<article>a:|A:|s:|\^)?(?P<name>\w+?)(?P<slug>[-+]|_(?=\}))?\}")
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "de", "for", "in", "la", "of", "on", "or", "the", "to", "with")
)
_AN = re.compile(r"^(?!uni|ukulele|one|eu|ewe)([aeiou]|hour|80|11|18)", re.IGNORECASE)
_PLURAL = re.compile(r"(?<![sui])s$(?<!lens)(?<!canvas)(?<!cosmos)(?<!rhinoceros)")
_SAME_IN_PLURAL = re.compile(r"(sheep|deer|reindeer|moose|bison|elk|koi carp|heather|bamboo)$")
_PLURALS = tuple(
    (re.compile(ending), plural)
    for ending, plural in (
        (r"man$", "men"), (r"mouse$", "mice"), (r"goose$", "geese"), (r"wolf$", "wolves"),
        (r"bird of paradise$", "birds of paradise"), (r"(?<=[^aeiou])y$", "ies"),
        (r"(?<=[sx])$|(?<=[cs]h)$", "es"),
    )
)  # fmt: skip
_GOLDEN = np.uint64(2_654_435_769)  # 2**32 / golden ratio: the evenest spread of any step
_RANGE = 1 << 32
_SCALED = np.uint64(32)


def quantiles(weights: Iterable[float], size: int) -> Integers:
    """Return `size` indices in which index i occurs in proportion to the i-th weight.

    Drawing one entry evenly draws by weight, to within 1 / size.
    """
    ends = np.cumsum(np.fromiter(weights, np.float64))
    middles = (np.arange(size) + 0.5) * (ends[-1] / size)
    found: Integers = np.searchsorted(ends, middles, side="right").astype(np.int64)
    return found


def draw(random: np.random.Generator, size: int) -> npt.NDArray[np.uint64]:
    """Draw `size` even 32-bit numbers (as 64-bit ones, to be scaled without overflow)."""
    return random.integers(0, _RANGE, size=size, dtype=np.uint64)


def scale(draws: npt.NDArray[np.uint64], size: npt.ArrayLike) -> Integers:
    """Map 32-bit draws evenly onto 0 … size - 1; `size` may differ from draw to draw."""
    return ((draws * np.asarray(size, np.uint64)) >> _SCALED).astype(np.int64)


def gather(tokens: pa.Array, numbers: Integers, ends: Integers) -> pa.Array:
    """Join tokens into texts: row i is the tokens `numbers[ends[i-1]:ends[i]]`, as binary."""
    taken = tokens.take(pa.array(numbers))
    _, offsets, data = taken.buffers()
    token_offsets = np.frombuffer(offsets, np.int32, count=len(taken) + 1)
    row_offsets = np.concatenate([np.zeros(1, np.int32), token_offsets[ends]])
    buffers = [None, pa.py_buffer(row_offsets), data or pa.py_buffer(b"")]
    return pa.Array.from_buffers(pa.binary(), len(ends), buffers)


@dataclass(frozen=True)
class Grammar:
    """Compiled templates; `sections` maps a section to the numbers and weights of its templates."""

    sections: Mapping[str, tuple[Integers, tuple[float, ...]]]
    tokens: pa.Array  # binary vocabulary
    table: Integers  # token numbers; a slot owns a run of it, commoner tokens more of the run
    slot_first: Integers
    slot_size: Integers
    slot_spread: Integers  # 0, or the number of the evenly spread section the slot draws from
    template_first: Integers  # into template_slots
    template_length: Integers
    template_slots: Integers

    def expand(self, random: np.random.Generator, rows: Integers) -> pa.Array:
        """Return one text per row of template numbers; `rows` has shape (texts, parts a text)."""
        flat = rows.ravel()
        lengths = self.template_length[flat]
        ends = np.cumsum(lengths)
        steps = np.arange(ends[-1] if len(ends) else 0)
        slots = self.template_slots[
            steps + np.repeat(self.template_first[flat] - (ends - lengths), lengths)
        ]
        draws = draw(random, len(slots))
        self._spread(draws, slots)
        numbers = self.table[self.slot_first[slots] + scale(draws, self.slot_size[slots])]
        return gather(self.tokens, numbers, ends[rows.shape[1] - 1 :: rows.shape[1]])

    def _spread(self, draws: npt.NDArray[np.uint64], slots: Integers) -> None:
        """Replace the draws of names by an even walk, so that counts keep the order of weights."""
        groups = self.slot_spread[slots]
        for group in range(1, int(self.slot_spread.max(initial=0)) + 1):
            where = np.flatnonzero(groups == group)
            if len(where):
                walk = np.arange(len(where), dtype=np.uint64) * _GOLDEN + draws[where[0]]
                draws[where] = walk & np.uint64(_RANGE - 1)


class _Compiler:
    """Collects tokens and slots while templates are read."""

    def __init__(self, words: Mapping[str, Weighted], spread: tuple[str, ...]) -> None:
        self.words = words
        self.spread = spread
        self.tokens: dict[bytes, int] = {}
        self.slots: dict[str, int] = {}
        self.tables: list[Integers] = []
        self.groups: list[int] = []

    def token(self, text: str) -> int:
        return self.tokens.setdefault(text.encode(), len(self.tokens))

    def template(self, text: str) -> list[int]:
        """Return the slots of a template; literal stretches are slots with one choice."""
        slots, at = [], 0
        for found in _SLOT.finditer(text):
            if found.start() > at:
                slots.append(self.slot(text[at : found.start()], None))
            slots.append(self.slot(found[0], found))
            at = found.end()
        if at < len(text):
            slots.append(self.slot(text[at:], None))
        return slots

    def slot(self, key: str, found: re.Match[str] | None) -> int:
        if key not in self.slots:
            table, group = self._table(key, found)
            self.slots[key] = len(self.tables)
            self.tables.append(table)
            self.groups.append(group)
        return self.slots[key]

    def _table(self, key: str, found: re.Match[str] | None) -> tuple[Integers, int]:
        if found is None:
            return np.array([self.token(key)]), 0
        name = found["name"].lower()
        if name not in self.words:
            raise ValueError(f"a template asks for {key}, but there is no such word section")
        section = self.words[name]
        numbers = np.array([self.token(form(word, found)) for word, _ in section])
        weights = [weight for _, weight in section]
        if len(set(weights)) == 1:
            return numbers, 0
        if name in self.spread:
            return numbers[quantiles(weights, 1 << 16)], self.spread.index(name) + 1
        return numbers[quantiles(weights, max(1 << 12, 8 * len(weights)))], 0


def compile_grammar(
    templates: Mapping[str, Weighted], words: Mapping[str, Weighted], spread: tuple[str, ...] = ()
) -> Grammar:
    """Compile templates by section. Sections named in `spread` are drawn as evenly as possible.

    Raises ValueError when a template names a word section that does not exist.
    """
    compiler = _Compiler(words, spread)
    sections: dict[str, tuple[Integers, tuple[float, ...]]] = {}
    compiled: list[list[int]] = []
    for name, texts in templates.items():
        numbers = np.arange(len(compiled), len(compiled) + len(texts))
        compiled.extend(compiler.template(text) for text, _ in texts)
        sections[name] = (numbers, tuple(weight for _, weight in texts))
    sizes = np.array([len(table) for table in compiler.tables])
    lengths = np.array([len(slots) for slots in compiled])
    return Grammar(
        sections=sections,
        tokens=pa.array(list(compiler.tokens), pa.binary()),
        table=np.concatenate(compiler.tables),
        slot_first=np.cumsum(sizes) - sizes,
        slot_size=sizes,
        slot_spread=np.array(compiler.groups),
        template_first=np.cumsum(lengths) - lengths,
        template_length=lengths,
        template_slots=np.array([slot for slots in compiled for slot in slots], np.int64),
    )


def form(word: str, found: re.Match[str]) -> str:
    """Inflect a word as its slot asks: article, capitals, slug."""
    name = found["name"]
    if found["slug"]:
        return slug(word, found["slug"])
    if name.isupper():
        word = word.upper()
    elif name[0].isupper():
        word = _title(word)
    match found["article"]:
        case "a:":
            return _with_article(word)
        case "A:":
            word = _with_article(word)
            return word[:1].upper() + word[1:]
        case "s:":
            return _plural(word)
        case "^":
            return word[:1].upper() + word[1:]
    return word


def _with_article(word: str) -> str:
    if _PLURAL.search(word):
        return word
    return f"{'an' if _AN.match(word) else 'a'} {word}"


def _plural(word: str) -> str:
    if _PLURAL.search(word) or _SAME_IN_PLURAL.search(word):
        return word
    for ending, plural in _PLURALS:
        if ending.search(word):
            return ending.sub(plural, word)
    return f"{word}s"


def slug(text: str, separator: str) -> str:
    """Return letters and digits of a text, in ASCII and lower case, joined by `separator`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return separator.join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))


def _title(text: str) -> str:
    words = text.split(" ")
    return " ".join(
        word if i and word in _SMALL_WORDS else word[:1].upper() + word[1:]
        for i, word in enumerate(words)
    )
