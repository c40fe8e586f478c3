"""Kinds of broken and odd addresses. Hosts are reserved names or documentation ranges throughout.

Lives here: what the addresses look like. Where they go is in `dirt`. RFC 2606 reserves .example,
RFC 5737 and RFC 3849 the address ranges.
"""

from collections.abc import Callable

from laion_assets.sample.dirt import Kind, Text
from laion_assets.sample.lexicon import word_sections

_LONGEST = 3_500  # characters, about the longest among 10,000 real addresses
_OVERSIZE = 8_193
_RANGES = ("192.0.2", "198.51.100", "203.0.113")
_HEAD_HOSTS = (
    "I.PINIMG.COM",
    "Images.FineArtAmerica.com",
    "CDN.Shopify.com",
    "UPLOAD.wikimedia.org",
    "Static.WixStatic.com",
    "Previews.123RF.com",
)
_PUNYCODE = (
    "xn--mller-fotografie-jzb.example",
    "www.xn--caf-dma-bilder.example",
    "xn--bcher-kva.example",
    "images.xn--fiqs8s-prints.example",
    "xn--fotografa-i5a.example",
)
_UNICODE = (
    "müller-fotografie.example",
    "www.bücher.example",
    "фото.example",
    "写真館.example",
    "images.señal-arte.example",
    "Ñandú.example",
)


def _pick(section: str, number: int) -> str:
    words = word_sections()[section]
    return words[number * 7 % len(words)][0].lower()


def _host(number: int) -> str:
    """Return an invented host."""
    return f"{_pick('host_first', number)}{_pick('host_second', number + 3)}.example"


def _file(number: int) -> str:
    return f"{_pick('host_second', number)}-{number:04d}.jpg"


def _cycle(*patterns: str) -> Callable[[int, str], Text]:
    """Return a maker that takes the patterns in turn: {h} is an invented host, {f} a file name."""

    def make(number: int, _before: str) -> Text:
        pattern = patterns[number % len(patterns)]
        return pattern.replace("{h}", _host(number)).replace("{f}", _file(number))

    return make


def _upper_case_host(number: int, _before: str) -> Text:
    if number % 3:
        return f"https://{_HEAD_HOSTS[number % len(_HEAD_HOSTS)]}/sample/{_file(number)}"
    return f"http://WWW.{_host(number).upper()}/Images/{_file(number)}"


def _with_port(number: int, _before: str) -> Text:
    if number % 4 == 0:
        return f"https://images.fineartamerica.com:443/sample/{_file(number)}"
    return f"https://www.{_host(number)}:443/photos/{_file(number)}"


def _ip_address(number: int, _before: str) -> Text:
    port = ":8080" if number % 5 == 4 else ""
    address = f"{_RANGES[number % 3]}.{1 + number * 37 % 254}"
    return f"http://{address}{port}/pictures/{_file(number)}"


def _long(number: int, _before: str) -> Text:
    length = _LONGEST - number * 457 % 2_400
    return _filled(f"https://render.{_host(number)}/compose?size=large", length)


def _oversize(number: int, _before: str) -> Text:
    return _filled(f"https://render.{_host(number)}/compose?size=huge", _OVERSIZE + number)


def _filled(start: str, length: int) -> str:
    """Pad an address with query parameters to exactly `length` characters."""
    layers = "".join(f"&layer{i}={_pick('host_second', i)}-{i * i}" for i in range(length // 12))
    return (start + layers)[: length - 4] + ".jpg"


ADDRESS_KINDS = (
    Kind("upper-case host", 1_650, url=_upper_case_host),
    Kind("port 443", 1_200, url=_with_port),
    Kind("other port", 6_000, url=_cycle("http://{h}:80/{f}", "http://img.{h}:8080/a/{f}")),
    Kind(
        "underscore in host", 4_500, url=_cycle("http://my_photos.{h}/{f}", "https://a_b.{h}/{f}")
    ),
    Kind("IPv4 host", 3_000, url=_ip_address),
    Kind(
        "IPv6 host", 30_000, url=_cycle("http://[2001:db8::1]/{f}", "http://[2001:DB8::2]:80/{f}")
    ),
    Kind("local name", 30_000, url=_cycle("http://localhost/{f}", "https://localhost:8443/{f}")),
    Kind("punycode host", 6_000, url=lambda n, _: f"https://{_PUNYCODE[n % 5]}/bilder/{_file(n)}"),
    Kind("Unicode host", 6_000, url=lambda n, _: f"https://{_UNICODE[n % 6]}/foto/{_file(n)}"),
    Kind("trailing dot", 30_000, url=_cycle("https://www.{h}./images/{f}")),
    Kind("upper-case scheme", 15_000, url=_cycle("HTTP://{h}/{f}", "Https://www.{h}/{f}")),
    Kind("long address", 6_000, url=_long),
    Kind("oversize address", 30_000, url=_oversize),
    Kind("null address", 15_000, url=lambda _n, _: None),
    Kind("empty address", 30_000, url=lambda n, _: ("", "   ")[n % 2]),
    Kind("ftp scheme", 15_000, url=_cycle("ftp://ftp.{h}/pub/{f}", "FTP://{h}/{f}")),
    Kind("data scheme", 30_000, url=lambda _n, _: "data:image/gif;base64,R0lGODlhAQABAAAAACw="),
    Kind(
        "javascript scheme",
        30_000,
        url=_cycle("javascript:window.XSS=1", "JavaScript://{h}/%0Awindow.XSS=1"),
    ),
    Kind("no scheme", 15_000, url=_cycle("//cdn.{h}/{f}", "/images/{f}", "www.{h}/{f}")),
    Kind(
        "userinfo",
        15_000,
        url=_cycle("https://user:secret@{h}/{f}", "http://www.a.example@{h}/{f}"),
    ),
    Kind("no host", 30_000, url=_cycle("http:///{f}", "https://")),
    Kind(
        "bad port",
        15_000,
        url=_cycle("http://{h}:99999/{f}", "http://{h}:port/{f}", "http://{h}:-1/{f}"),
    ),
    Kind(
        "bad host",
        15_000,
        url=_cycle("http://a..{h}/{f}", "https://%7Bhost%7D/{f}", "http://-.{h}/{f}"),
    ),
    Kind("space in path", 3_000, url=_cycle("http://{h}/my photos/{f}", "https://{h}/a  b {f}")),
    Kind("space in host", 30_000, url=_cycle("http://www {h}/{f}", "http://www.{h} /{f}")),
    Kind(
        "spaces around",
        15_000,
        url=_cycle(" https://{h}/{f}", "https://{h}/{f} ", "\nhttps://{h}/{f}\n"),
    ),
    Kind(
        "tab or newline",
        15_000,
        url=_cycle("https://{h}/a\t{f}", "https://{h}/a\n{f}", "http://{h}/\r{f}"),
    ),
    Kind(
        "control character",
        15_000,
        url=_cycle("https://{h}/\x07{f}", "https://{h}/\x1b{f}", "http://{h}/\x7f{f}"),
    ),
    Kind("backslash", 30_000, url=_cycle("https://{h}\\images\\{f}", "http:\\\\{h}\\{f}")),
    Kind(
        "Unicode path",
        3_000,
        url=_cycle(
            "https://{h}/zdjęcia/łąka/{f}", "https://{h}/写真/{f}", "https://{h}/%E5%86%99/{f}"
        ),
    ),
    Kind("fragment", 6_000, url=_cycle("https://{h}/{f}#main", "https://www.{h}/g/{f}#/2")),
    Kind("no path", 15_000, url=_cycle("https://{h}", "https://{h}?image=7", "http://www.{h}/")),
    Kind(
        "markup in address",
        15_000,
        url=_cycle(
            'https://{h}/a"><img src=x onerror=window.XSS=1>.jpg',
            "https://{h}/'-window.XSS=1-'/{f}",
            "https://{h}/</script><script>window.XSS=1</script>{f}",
        ),
    ),
)
