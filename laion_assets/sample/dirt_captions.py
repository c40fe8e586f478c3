"""Kinds of broken, odd and hostile captions; harmless in what they say, all of them.

Lives here: what the captions look like. Where they go is in `dirt`. Payloads set
`window.XSS`, which the browser tests look for.
"""

import unicodedata
from collections.abc import Callable

from laion_assets.sample.dirt import Kind, Text
from laion_assets.sample.lexicon import word_sections

_OVERSIZE = 100_001  # characters: one more than is accepted
_VERY_LONG = 60_000
_FORMULAS = (
    '=HYPERLINK("http://sheet.example/","Open the gallery")',
    "+44 garden ideas for spring",
    "-50% on framed prints this week",
    "@studio view of the harbour",
    "=1+1 kitchen makeover",
    "\t=SUM(A1:A9) price list",
    "\r@home with the painter",
    "=cmd|' /C calc'!A0 wall calendar",
)
_PAYLOADS = (
    "<script>window.XSS=1</script>",
    '"><img src=x onerror=window.XSS=1>',
    "</script><script>window.XSS=1</script> winter lake",
    "javascript:window.XSS=1",
    "' onmouseover='window.XSS=1' garden gate",
    "<svg onload=window.XSS=1>",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "<iframe srcdoc='<script>window.XSS=1</script>'></iframe>",
    "]]><script>window.XSS=1</script>",
    "&lt;script&gt;window.XSS=1&lt;/script&gt;",
    "`;window.XSS=1;//",
    "\\u003cscript\\u003ewindow.XSS=1",
)
_NOTHING = (
    "&nbsp;",
    '""',
    "\u200b",
    "<!-- -->",
    "\u00a0 \u00a0",
    "\ufeff",
    "&#160;&#160;",
    "\u202e",
)
_WORDS_FOR_NOTHING = (
    "NULL",
    "null",
    "None",
    "nan",
    "NaN",
    "undefined",
    "true",
    "0",
    "-",
    "…",
    "#N/A",
)
_EMOJI = (
    "Sunset at the lake 🌅🌊",
    "Fresh tulips 🌷 from the market",
    "Coffee time ☕️❤️",
    "🦊 fox in the snow ❄️",
    "Road trip! 🚐💨 #vanlife",
    "Family dinner 👩‍🍳🍝",
    "New prints in the shop 🖼️✨",
    "🇮🇹 Venice by night",
)
_DECOMPOSED = (
    "Café de la Gare, crème brûlée",
    "Ångström street, Malmö",
    "Dvořák monument in Plzeň",
    "Château de Chambord à l'aube",
    "El Niño sobre Perú",
    "Žižkov, Čapek house",
)
_CJK = (
    "春の公園で撮影した満開の桜と青空の無料写真素材です商用利用可能でクレジット表記は不要です",
    "高清风景壁纸雪山湖泊森林倒影日出云海摄影作品欣赏电脑桌面背景图片免费下载大全集",
    "가을하늘아래은행나무가로수길을걷는사람들의뒷모습사진",
    "ทะเลหมอกยามเช้าบนดอยอินทนนท์จังหวัดเชียงใหม่",
)
_RIGHT_TO_LEFT = (
    "\u202b{c}\u202c",
    "\u200f{c}",
    "{c}\u200e",
    "\u2067{c}\u2069",
    "{c} \u202egpj.exe",
)
_TAGS = (
    "<b>{c}</b>",
    "{c}<br />",
    "<p>{c}</p>",
    "<i>{c}</i>, detail",
    '<a href="http://blog.example/">{c}</a>',
    "{c}<br>Click to enlarge",
    "<strong>{c}</strong>",
    "<h1>{c}</h1>",
    "<em>Kitchen</em> {c}",
    '<span style="color:red">{c}</span>',
)
_ENTITIES = (
    "{c} &amp; more",
    "&quot;{c}&quot;",
    "{c} &#8211; part 2",
    "Caf&eacute; view: {c}",
    "{c} &amp;amp; friends",
    "{c}&nbsp;&raquo; gallery",
    "&lt;b&gt;{c}&lt;/b&gt;",
    "It&#39;s {c}",
    "{c} &copy; studio",
    "{c} &#x2764;",
    "{c} &unknown; &amp",
    "Salt &#38; pepper, {c}",
    "{c} &#0; &#1114112;",
)
_SPACES = (
    "\u00a0{c}",
    "{c}\u00a0",
    "{c}\u00a0|\u00a0gallery",
    "{c}\u2009\u2013\u2009detail",
    "{c}\u3000large",
    "  {c}   in  three   sizes ",
    "{c}\u202f!",
)
_ZERO_WIDTH = (
    "{c}\u200b",
    "har\u00adbour, {c}",
    "\u200b{c}",
    "sun\u200bflower {c}",
    "\ufeff{c}",
    "{c}\u2060",
)
_REPLACED = (
    "Caf\ufffd {c}",
    "{c} \ufffd\ufffd",
    "O\ufffd\ufffd\ufffdKeeffe museum, {c}",
    "{c}\ufffd",
)
_BREAKS = (
    "{c}\nPhotograph",
    "{c}\tlarge",
    "\n\n{c}\n",
    "{c}\r\nSold",
    "{c}\u2028print",
    "{c}\u2029",
    "{c}\x0b\x0c",
)
_CONTROLS = ("\x07{c}", "{c}\x1b[31m", "{c}\x00", "\x01{c}\x02", "{c}\x7f", "{c}\x85\x9d")
_ARTSTATION = (
    "ArtStation - {c}",
    "{c} - ArtStation",
    "{c}, trending on ArtStation",
    "my artstation: {c}",
    "{c} | artstation.com",
)
_RUTKOWSKI = ("{c} by Greg Rutkowski", "Greg Rutkowski - {c}", "fantasy painting by Greg Rutkowski")
_GURNEY = ("James Gurney - {c}", "{c}, gouache study by James Gurney", "Dinotopia, James Gurney")


def _around(patterns: tuple[str, ...]) -> Callable[[int, str], Text]:
    """Return a maker that puts the caption that was there into the patterns in turn."""
    return lambda number, before: patterns[number % len(patterns)].replace("{c}", before)


def _instead(texts: tuple[str, ...]) -> Callable[[int, str], Text]:
    """Return a maker that takes the texts in turn."""
    return lambda number, _before: texts[number % len(texts)]


def _keywords(number: int, length: int) -> str:
    """Return a list of keywords of exactly `length` characters."""
    sections = ("kw", "landscape", "flower")
    words = [word for section in sections for word, _ in word_sections()[section]]
    parts, total, at = [], 0, number
    while total < length:
        at = (at * 31 + 17) % 1_000_003
        parts.append(words[at % len(words)])
        total += len(parts[-1]) + 2
    return ", ".join(parts)[:length]


def _file_name(number: int, _before: str) -> Text:
    words = word_sections()["landscape"]
    name = words[number * 11 % len(words)][0]
    forms = (
        f"{name.replace(' ', '_')}_{number:03d}.jpg",
        f"IMG_{number * 37 % 10_000:04d}.JPG",
        f"{name.replace(' ', '-')}-1024x683.png",
        f"DSC{number * 91 % 100_000:05d}.jpeg",
        f"{name} (1).jpg",
    )
    return forms[number % len(forms)]


def _address(number: int, _before: str) -> Text:
    forms = (
        f"https://www.wrenwharf.example/gallery/{number}",
        f"http://fernferry.example/{number}.jpg",
        "www.moonlodge.example",
        f"https://i.pinimg.com/sample/{number}.jpg",
    )
    return forms[number % len(forms)]


def _not_utf8(number: int, before: str) -> Text:
    """Return a caption in Latin-1, or cut in the middle of a character."""
    if number % 2:
        return b"Cr\xe8me br\xfbl\xe9e, " + before.encode()
    return before.encode() + " – café".encode()[:-1]


def _shifted(number: int) -> dict[str, float | None]:
    """Return the numbers of a row whose columns moved by one: the width came to be a score."""
    return {"WIDTH": 640.0 + number, "HEIGHT": None, "similarity": 6_016.0, "punsafe": None}


CAPTION_KINDS = (
    Kind("null caption", 15_000, caption=lambda _n, _: None),
    Kind("empty caption", 15_000, caption=lambda _n, _: ""),
    Kind("blank caption", 15_000, caption=lambda n, _: (" ", "\t", "\n \n", "   ")[n % 4]),
    Kind("nothing after repair", 7_500, caption=_instead(_NOTHING)),
    Kind("word for nothing", 6_000, caption=_instead(_WORDS_FOR_NOTHING)),
    Kind(
        "shifted row",
        15_000,
        url=lambda n, _: ("UNLIKELY", "UNSURE", "NSFW")[n % 3],
        caption=lambda n, _: f"0.3289{n * 7_919 % 10_000_000:07d}",
        numbers=_shifted,
    ),
    Kind("HTML tags", 300, caption=_around(_TAGS)),
    Kind("HTML entities", 450, caption=_around(_ENTITIES)),
    Kind("odd spaces", 300, caption=_around(_SPACES)),
    Kind("zero width", 3_000, caption=_around(_ZERO_WIDTH)),
    Kind("bidirectional", 6_000, caption=_around(_RIGHT_TO_LEFT)),
    Kind("replacement character", 3_000, caption=_around(_REPLACED)),
    Kind("line break or tab", 4_500, caption=_around(_BREAKS)),
    Kind("control character in caption", 7_500, caption=_around(_CONTROLS)),
    Kind("file name", 150, caption=_file_name),
    Kind("address as caption", 3_000, caption=_address),
    Kind("spreadsheet formula", 4_500, caption=_instead(_FORMULAS)),
    Kind("payload", 4_500, caption=_instead(_PAYLOADS)),
    Kind("emoji", 1_500, caption=_instead(_EMOJI)),
    Kind(
        "decomposed diacritics",
        6_000,
        caption=lambda n, _: unicodedata.normalize("NFD", _DECOMPOSED[n % len(_DECOMPOSED)]),
    ),
    Kind("no word breaks", 6_000, caption=_instead(_CJK)),
    Kind("long caption", 3_000, caption=lambda n, _: _keywords(n, 600 + n * 211 % 1_500)),
    Kind("very long caption", 60_000, caption=lambda n, _: _keywords(n, _VERY_LONG)),
    Kind("oversize caption", 60_000, caption=lambda n, _: _keywords(n, _OVERSIZE)),
    Kind("not UTF-8", 30_000, caption=_not_utf8),
    Kind("ArtStation in caption", 4_500, caption=_around(_ARTSTATION)),
    Kind("Greg Rutkowski", 60_000, caption=_around(_RUTKOWSKI)),
    Kind("James Gurney", 30_000, caption=_around(_GURNEY)),
)
