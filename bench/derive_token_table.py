"""Derive the character table of FTS5's `unicode61 remove_diacritics 2` from SQLite itself.

Run by a developer when the definition of a token is to follow another SQLite; never at build
time.  It writes two files beside `laion_assets/core/text/tokens.py`:

`unicode61.json` says what every code point does::

    {"tokenizer": "unicode61 remove_diacritics 2",
     "sqlite_version": "3.40.1",
     "token": [first, last, first, last, ...],
     "join":  [first, last, ...],
     "fold":  [first, count, step, target, target_step, ...]}

All numbers are decimal code points.  `token` and `join` are flat lists of inclusive, sorted,
disjoint ranges.  `fold` is a flat list of runs of five numbers: for `i` from 0 to
`count - 1` the code point `first + i * step` becomes `target + i * target_step`.  A code
point in no run becomes itself.

- A code point in `token` (class 1) belongs to a token, which it starts if none is open, and
  adds its folded code point to it.
- One in `join` (class 2) adds nothing; it keeps an open token open, but opens none.
- All others (class 0) separate, as do lone surrogates, which no range holds.

Folding is by code point and is applied once, so a tokeniser in any language is this loop::

    token = ""; open = false
    for each code point c of the text:
        if class[c] == 1:            token += fold(c); open = true
        else if class[c] == 2:       (nothing)
        else if open:                emit token; token = ""; open = false
    if open: emit token

FTS5 then cuts a token at 32,768 UTF-8 bytes, if need be inside a character.

`token_vectors.json` is a list of `[text, [token, ...]]` with the tokens SQLite found: the
tests of every implementation, in Python and in JavaScript, read the same file.

Usage: `python bench/derive_token_table.py` (10 seconds and 100 MB when nothing else runs).
"""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

#: The tokeniser of the contract, as an FTS5 `tokenize` option.
TOKENIZER = "unicode61 remove_diacritics 2"

#: Where both files belong.
OUTPUT = Path(__file__).resolve().parents[1] / "laion_assets" / "core" / "text"

#: The three classes of code points.
SEPARATES, TOKEN, JOINS = 0, 1, 2

#: Code points probed at once; bounds the memory, nothing else.
BATCH = 65_536


def every_code_point() -> Iterator[int]:
    """Yield all Unicode scalar values in order; surrogates cannot occur in UTF-8."""
    return itertools.chain(range(0xD800), range(0xE000, 0x110000))


def tokens_of(texts: Sequence[str]) -> list[list[str]]:
    """Return the tokens that FTS5 itself finds in each of the texts, in order."""
    database = sqlite3.connect(":memory:")
    database.execute(
        f"CREATE VIRTUAL TABLE texts USING fts5(body, content='', tokenize='{TOKENIZER}')"
    )
    database.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(texts, instance)")
    database.executemany("INSERT INTO texts (rowid, body) VALUES (?, ?)", enumerate(texts))
    found: list[list[tuple[int, str]]] = [[] for _ in texts]
    for term, doc, offset in database.execute('SELECT term, doc, "offset" FROM vocabulary'):
        found[doc].append((offset, term))
    database.close()
    return [[term for _, term in sorted(instances)] for instances in found]


def classify(code: int, tokens: list[str]) -> tuple[int, int]:
    """Return class and folded code point (0 for none) from the tokens of `probe(code)`.

    Raises ValueError for behaviour that the format cannot express (no SQLite known so far).
    """
    if tokens == ["a", "b", "a", "b"]:
        return SEPARATES, 0
    if tokens == ["ab", "a", "b"]:
        return JOINS, 0
    folded = tokens[0]
    if len(folded) == 1 and tokens == [folded, f"a{folded}b", f"a{folded}", f"{folded}b"]:
        return TOKEN, ord(folded)
    raise ValueError(f"U+{code:04X} does something new: {tokens!r}")


def probe(code: int) -> str:
    """Return a text that shows a code point alone, inside, at the end and at the start."""
    character = chr(code)
    return f"{character} a{character}b a{character} {character}b"


def derive() -> tuple[list[int], dict[int, int]]:
    """Probe every code point: return the class of each, and the folds that change something."""
    classes = [SEPARATES] * 0x110000
    folds: dict[int, int] = {}
    codes = every_code_point()
    while batch := list(itertools.islice(codes, BATCH)):
        for code, tokens in zip(batch, tokens_of([probe(code) for code in batch]), strict=True):
            classes[code], folded = classify(code, tokens)
            if classes[code] == TOKEN and folded != code:
                folds[code] = folded
    return classes, folds


def ranges(codes: Iterable[int]) -> list[int]:
    """Encode sorted code points as flat inclusive ranges."""
    flat: list[int] = []
    for code in codes:
        if flat and flat[-1] == code - 1:
            flat[-1] = code
        else:
            flat += [code, code]
    return flat


def fold_runs(folds: dict[int, int]) -> list[int]:
    """Encode a fold map as flat runs (first, count, step, target, target_step), greedily.

    From each code point not yet encoded the longest run with a step of 1 or 2 is taken.
    """
    flat: list[int] = []
    left = dict(sorted(folds.items()))
    while left:
        first = next(iter(left))
        best = (1, 1, 0)
        for step in (1, 2):
            if first + step not in left:
                continue
            target_step = left[first + step] - left[first]
            count = 2
            while left.get(first + count * step) == left[first] + count * target_step:
                count += 1
            best = max(best, (count, step, target_step), key=lambda run: run[0])
        count, step, target_step = best
        flat += [first, count, step, left[first], target_step]
        for index in range(count):
            del left[first + index * step]
    return flat


#: Hand-picked texts, one kind of trouble each.
VECTOR_TEXTS = (
    "",
    " ",
    "a",
    "Hello, World!",
    "two  spaces\tand\na newline\r\n",
    "nul\x00inside",
    "\x00",
    "bell\x07and\x7fdelete",
    "snake_case kebab-case dot.com slash/slash back\\slash",
    "user@example.com http://example.com/a?b=c&d=e#f",
    "1 23 4.5 6,789 1e10 0x1F ½ ¼ ¾",
    "AC/DC AT&T R&B C++ C# .NET",
    "<b>bold</b> &amp; &lt;",
    '"quoted" “curly” ‘single’ «guillemets» „low“',
    "O'Keeffe O’Keeffe O‘Keeffe Oʼ Keeffe OʼKeeffe O`Keeffe O´Keeffe O′Keeffe O＇Keeffe",
    "well-known well‐known well‑known well‒known well–known well—known well―known well−known",
    "well﹣known well－known well­known well·known well‧known",
    "Dalí Björk Beyoncé Zoë Søren Łukasz Đorđe Þór Æsir Œuvre Ångström",
    "Dali\u0301 Bjo\u0308rk Beyonce\u0301 Zoe\u0308 A\u030angstro\u0308m",
    "ÀÁÂÃÄÅ Ç ÈÉÊË ÌÍÎÏ Ð Ñ ÒÓÔÕÖØ ÙÚÛÜ Ý Þ ß ÿ",
    "ĀāĂăĄą ĆćĈĉĊċČč ĎďĐđ ĒēĔĕĖėĘęĚě ĜĝĞğĠġĢģ ĤĥĦħ ĨĩĪīĬĭĮįİı Ĳĳ Ĵĵ Ķķĸ",
    "ĹĺĻļĽľĿŀŁł ŃńŅņŇňŉŊŋ ŌōŎŏŐő ŔŕŖŗŘř ŚśŜŝŞşŠš ŢţŤťŦŧ ŨũŪūŬŭŮůŰűŲų Ŵŵ Ŷŷ ŹźŻżŽž ſ",
    "Ǆ ǅ ǆ Ǉ ǈ ǉ Ǌ ǋ ǌ Ǎ ǖ ǘ ǚ ǜ Ǟ Ǡ Ǣ Ǥ Ǧ Ǩ Ǫ Ǭ Ǯ ǰ Ǳ",
    "Ȁ Ȃ Ȅ Ȉ Ȍ Ȑ Ȕ Ș Ț Ȝ Ȟ Ƞ Ȣ Ȥ Ȧ Ȩ Ȫ Ȭ Ȯ Ȱ Ȳ Ⱥ Ȼ Ƚ Ⱦ Ɂ Ƀ Ʉ Ʌ Ɇ",
    "Ḁ Ḃ Ḅ Ḇ Ḉ Ḋ Ḑ Ḕ Ḟ Ḡ Ḣ Ḯ Ḱ Ḷ Ḽ Ṁ Ṅ Ṏ Ṕ Ṙ Ṝ Ṡ Ṥ Ṫ Ṳ Ṽ Ẁ Ẋ Ẏ Ẑ ẖ ẗ ẘ ẙ ẚ ẛ ẞ",
    "Ạ Ấ Ầ Ẩ Ẫ Ậ Ắ Ằ Ẵ Ặ Ẹ Ế Ề Ể Ễ Ệ Ỉ Ị Ọ Ố Ồ Ộ Ớ Ờ Ợ Ụ Ứ Ừ Ự Ỳ Ỵ Ỷ Ỹ",
    "Nguyễn Phạm Trần Đặng Hồ Chí Minh",
    "İstanbul ISPARTA ısparta Iğdır i̇",
    "STRASSE straße STRAẞE",
    "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς ὈΔΥΣΣΕΎΣ οδυσσευσ",
    "Ά Έ Ή Ί Ό Ύ Ώ ΐ ΰ ϊ ϋ ϐ ϑ ϕ ϖ ϰ ϱ ϵ ϴ",
    "ἀ Ἁ ἂ ᾀ ᾈ ᾳ ᾼ Ὴ ῼ ᾽ ι ῾",
    "Москва МОСКВА ёлка Ёлка Йод й Ї ї Ў ў Ѓ Ќ",
    "и\u0306 е\u0308 І\u0308",
    "Ѡ ѡ Ҁ ҂ ҃ ҄ Ҋ Ӂ Ӏ ӏ Ԁ Ԧ Ԩ",
    "Երևան ԵՐԵՎԱՆ և ՙ ՚",
    "თბილისი Ⴀ ⴀ Ა",
    "Ꭰ ꭰ Ᏸ ᏸ",
    "שָׁלוֹם שלום יִשְׂרָאֵל ש״ס",
    "مرحبا مَرْحَبًا السلام عليكم ـ ٱ ى ي ﷺ ﻼ",
    "کتاب‌ها می‌خواهم",
    "हिन्दी नमस्ते क़ श्री देवनागरी",
    "বাংলা தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල",
    "ภาษาไทย ที่นี่ น้ำ กำ",
    "ພາສາລາວ မြန်မာ ភាសាខ្មែរ བོད་ཡིག",
    "漢字かな交じり文 カタカナ ｶﾀｶﾅ ひらがな",
    "が か\u3099 パ ハ\u309a ー ・ ゝ 々 〆 〇 〡",
    "中文，没有空格。第二句！",
    "北京 上海 「東京」『大阪』【京都】",
    "한국어 한국어를 한국어",
    "한글 ﾡ ㄱ ㅏ ㈀",
    "𠀀𠀁 𪚥 𫝆 𰀀",
    "ᚠᚢᚦ 𐌰𐌱 𐎠 𒀀 𓀀 𐐀𐐨 𐒰 𞤀𞤢",
    "𝐀𝒜𝓐𝔄𝔸𝕬𝖠𝙰 𝟎𝟘𝟬𝟶 𝚨 𝛼",
    "Ａｂｃ１２３！ ｶﾞ ￦ ＿ －",
    "ﬀ ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ ﬓ ﬔ",
    "ª º ² ³ ¹ ⁰ ⁴ ⁱ ⁿ ₀ ₁ ₐ x² H₂O",
    "Ⅰ Ⅳ ⅷ ↀ ↈ ① ⑳ ⒈ ⒜ Ⓐ ⓐ ㉑ ㊀ ❶ ➓",
    "٠١٢٣٤٥٦٧٨٩ ۰۱۲۳ ०१२३ ০১২ ๐๑๒ ༠༡ ០១ 𝟏𝟐 𑁦 ߀",
    "€ £ ¥ ₹ $ ¢ ₿ % ‰ + − × ÷ = ≠ ∞ √ ∑",
    "© ® ™ ℠ ℡ № ℃ Å K Ω ℵ ℓ ℮ ⅓",
    "← → ↔ ⇒ ★ ☆ ♥ ♪ ☺ ✓ ✔ ✂ ☎",
    "😀 👍🏽 👨‍👩‍👧 🏳️‍🌈 🇩🇪 1️⃣ ❤️ 🧠 🫠 🥰 🤖",
    "art😀work art🧠work art❤️work",
    "a\u200bb a\u200cb a\u200db a\u2060b a\ufeffb",
    "a\u00a0b a\u2003b a\u202fb a\u3000b a\u1680b a\u180eb a\u205fb",
    "a\u2028b a\u2029b a\u0085b a\u000bb a\u000cb",
    "a\u200eb a\u200fb a\u202ab a\u202eb a\u2066b a\u061cb",
    "soft\u00adhyphen co\u00adop\u00aderate",
    "\u0301 \u0301a a\u0301 a\u0301\u0301b \u0301\u0301 .\u0301. 1\u0301",
    "a\u0300b a\u0305b a\u030db a\u0310b a\u031ab a\u0338b a\u0345b a\u034fb a\u0360b",
    "a\u0483b a\u05b0b a\u064bb a\u093cb a\u0e31b a\u1ab0b a\u1dc0b a\u20d0b a\u20e3b a\ufe20b",
    "\u0327c c\u0327 \u0327 c\u0327\u0301 \u0328e",
    "Z\u0351\u036b\u0343a\u0329\u0348l\u0316\u0327g\u030f\u0311o\u0300\u0301",
    "\ufe0f a\ufe0fb a\ufe00b a\U000e0100b",
    "\ufffd \ufffe \uffff \ufdd0 a\ufffdb a\ufffeb a\uffffb a\ufdd0b",
    "\U0001fffe \U0001ffff \U0010fffe \U0010ffff a\U0010ffffb",
    "\ue000 \uf8ff a\ue000b \U000f0000 \U000ffffd \U00100000 \U0010fffd",
    "\u0378 \u0530 \u2fe0 \U0001bca0 \U000e0001 \U000e0041 \U00050000",
    "\u02b0 \u02bc \u02c6 \u02d0 \u02e4 \u02ee ʻokina Hawaiʻi",
    "ʹ ʺ ˈ ˌ ː ˑ ꞌ ꞉ ǃ ǀ !Xóõ ǃXóõ",
    "a_b a\u203fb a\u2040b a\u2054b a\ufe33b a\uff3fb",
    "“Salvador Dalí’s ‘The Persistence of Memory’ (1931)”",
    "Portrait of Frida Kahlo | Etsy UK – 30×40 cm ©2019",
    "IMG_20190614_123456.jpg DSC00001.JPG",
    "Mr. T., J.R.R. Tolkien & C.S. Lewis; Jay-Z vs. P!nk; will.i.am; Ke$ha",
    "Charli D'Amelio / Charli D’Amelio / Charli DAmelio",
    "L’Oréal c’est-à-dire aujourd'hui rock 'n' roll",
    "Antoni Gaudí i Cornet, Joan Miró; Caspar David FRIEDRICH, ÉDOUARD MANET",
    "ﺍﻟﻌﺮﺑﻴﺔ ﻻ ﹰ ﹷ",
    "ꙀꙁꙂ ꙮ ꙯ ꜰ ꜱ Ꜳ ꜳ Ꞌ ꞌ Ɦ Ꞵ ꟲ ꟻ",
    "Ⱡ ⱡ Ɫ Ᵽ Ɽ Ⱨ Ⱪ Ⱬ Ɑ Ɱ Ɐ Ɒ Ⱳ Ⱶ Ȿ Ɀ Ⲁ ⲁ Ⳬ",
    "Ɓ Ƃ Ƅ Ɔ Ƈ Ɖ Ɗ Ƌ Ǝ Ə Ɛ Ƒ Ɠ Ɣ Ɩ Ɨ Ƙ Ɯ Ɲ Ɵ Ơ ơ Ư ư Ʀ Ʃ Ʈ Ʊ Ʋ Ʒ",
    "ͅ Ͱ ͱ ͺ ͻ ; Ϳ ΄ · ϗ Ϗ Ϛ Ϣ ϲ Ϲ Ͻ",
    "ᴀ ᴬ ᵃ ᵢ ᵷ ᶀ ᶜ",
    "⺀ ⼀ ⿰ 㐀 䶿 一 鿿 豈 﫿 ꀀ ꒌ ꓐ ꔀ",
    "〱 〵 〻 〼 〽 ㄅ ㆠ ㆐ ㆒ ㍿ ㏂ ㏿",
    "ꠀ ꠂ ꡀ ꢀ ꤀ ꥀ ꦀ ꨀ ꩀ ꪀ ꯀ",
)

#: What the seeded vectors are drawn from: letters, joiners, marks and separators, evenly.
VECTOR_ALPHABET = (
    "abcXYZ019 .,-_'’\"éÉßıİΣςσæﬀＡ２²½Ⅷ"
    "\u0301\u0308\u0327\u0305\u0345\u0338\u00ad\u200b\u200d\ufe0f\u00a0\ufffd"
    "漢かパ한กที่عَहि्\ue000😀🧠𝒜𐐀𠀀\U0010ffff\u0378\u1e9e\u1ffc"
)

#: How many vectors are drawn from the alphabet, with a fixed seed.
SEEDED_VECTORS = 100


def vector_texts() -> list[str]:
    """Return the texts of the shared vectors: the hand-picked, then the seeded."""
    generator = random.Random(61)  # noqa: S311 - test data, to be the same every time
    drawn = [
        "".join(generator.choices(VECTOR_ALPHABET, k=generator.randint(1, 24)))
        for _ in range(SEEDED_VECTORS)
    ]
    return [*VECTOR_TEXTS, *drawn]


def main() -> None:
    """Write both files and say how large they are."""
    classes, folds = derive()
    table = {
        "tokenizer": TOKENIZER,
        "sqlite_version": sqlite3.sqlite_version,
        "token": ranges(code for code, kind in enumerate(classes) if kind == TOKEN),
        "join": ranges(code for code, kind in enumerate(classes) if kind == JOINS),
        "fold": fold_runs(folds),
    }
    text = json.dumps(table, separators=(",", ":")) + "\n"
    (OUTPUT / "unicode61.json").write_text(text, encoding="ascii", newline="\n")
    texts = vector_texts()
    rows = (json.dumps(row) for row in zip(texts, tokens_of(texts), strict=True))
    vectors = "[\n" + ",\n".join(rows) + "\n]\n"
    (OUTPUT / "token_vectors.json").write_text(vectors, encoding="ascii", newline="\n")
    print(f"SQLite {sqlite3.sqlite_version}: {classes.count(TOKEN):,} token code points,")
    print(f"{classes.count(JOINS)} that join, {len(folds):,} folds; {len(text):,} bytes")


if __name__ == "__main__":
    main()
