"""Word lists that are computed: invented names, numbers, years.

Lives here: sections a template may use that no file under `lexicon/` spells out. Every list is the
same on every call and on every machine. Not here: real words and real names.
"""

from collections.abc import Iterator
from itertools import islice

#: Words of a section with their weights.
Weighted = tuple[tuple[str, float], ...]

_PLACE_STARTS = (
    "Alder Ashen Bal Birken Bracken Calder Carrow Corn Dun Elder Fallow Farn Garrow Glen Hallow "
    "Harrow Hazel Heron Inver Kel Kestrel Kin Lanner Larch Linden Lorn Marl Merrow Mossen Nether "
    "Norr Oaken Orrin Pell Penna Quarren Rathen Raven Rookh Rowan Sallow Scarr Sel Sorrel Stenn "
    "Tarn Thistle Thorn Tolver Under Vell Wester Whin Wickle Wren Yarrow Yell Zenn Brum Cobbe"
).split()
_PLACE_ENDS = (
    "acre beck bourne bridge by combe cott dale den fell field firth ford garth gate grove ham "
    "haven hithe holm how hurst keld leigh low marsh mere minster moor more mouth ness shaw side "
    "stead thorpe thwaite wick wold worth"
).split()
_SURNAME_STARTS = (
    "Abre Alver Arken Bel Bjørn Bracke Cal Castel Corv Dor Drey Ekl Fal Ferr Gald Grün Hal Hark "
    "Ister Jess Kald Kov Land Lindq Mar Mend Mor Nev Noor Osk Pavl Quill Rask Reyn Sand Sjö Tall "
    "Thorn Ulv Vand Vel Wald Wex Yar Zav"
).split()
_SURNAME_ENDS = (
    "andt angel ardo bach berg borg brook by dahl eaux elli en ering eson etti feld gate gren hart "
    "heim holt ini insky land ley lund man mark mond oni or ovic quist sen ski son stad ström ton "
    "veld wall ward worth"
).split()
_BRAND_STARTS = (
    "Alto Axi Bri Cali Cen Dyna Elu Fen Gala Heli Ino Juno Kala Kry Lumi Lyr Mira Nex Nova Omni "
    "Ori Pala Qui Rhea Sola Syn Tele Ume Vela Vexa Wavo Xeno Yuma Zeni"
).split()
_BRAND_ENDS = (
    "bel bex co cor dane dex dora dria gen ka ker lex lia lix lo lon lume mar mont na nix nova pia "
    "ra rix ro san sor ta tec tis tor tra va vex via von wyn xa zen"
).split()
_MODEL_STARTS = (
    "Aer Ald Ar Bor Cas Cor Del El Es Fal Gar Hy Im Jet Kar Lan Lor Mer Mon Nor Ot Pel Ral Ser Sil "
    "Tor Ur Val Vir Zan"
).split()
_MODEL_ENDS = (
    "ado aris aro atis eda ello enza era ero etta ex iano ida illo ima ion is ita ium o ona ora "
    "oro oso ova ula una ura us yx"
).split()

_FIRST_URL_YEAR, _LAST_URL_YEAR = 2006, 2021
_OLD_YEARS = (1480, 1905)
_YEARS = (1905, 2022)


def computed_sections() -> dict[str, Weighted]:
    """Return section name → its words and their weights, for every computed section."""
    sections = {
        "place": _named(_PLACE_STARTS, _PLACE_ENDS, 900),
        "surname": _named(_SURNAME_STARTS, _SURNAME_ENDS, 800),
        "brand": _named(_BRAND_STARTS, _BRAND_ENDS, 500),
        "model": _named(_MODEL_STARTS, _MODEL_ENDS, 420),
        "n": tuple((str(i), 1 / i**0.7) for i in range(2, 100)),
        "n80s": _even(str(i) for i in range(80, 90)),
        "year": tuple((str(y), 1.0 + max(0, y - 1990) / 8) for y in range(*_YEARS)),
        "oldyear": _even(str(y) for y in range(*_OLD_YEARS)),
        "recent": tuple((str(y), float(y - 2007)) for y in range(2010, 2022)),
        "uy": tuple(_url_years()),
        "century": _even(("15th", "16th", "17th", "18th", "19th", "20th")),
        "mm": _even(f"{i:02d}" for i in range(1, 13)),
        "dd": _even(f"{i:02d}" for i in range(1, 29)),
        "hex1": _even(f"{i:x}" for i in range(16)),
        "hex2": _even(f"{i:02x}" for i in range(256)),
        "hex3": _even(f"{i:03x}" for i in range(4096)),
    }
    for digits in (1, 2, 3):
        sections[f"d{digits}"] = _even(f"{i:0{digits}d}" for i in range(10**digits))
    return sections


def _even(words: Iterator[str] | tuple[str, ...]) -> Weighted:
    return tuple((word, 1.0) for word in words)


def _named(starts: list[str], ends: list[str], count: int) -> Weighted:
    """Return `count` different combinations, the first the commonest (Zipf-like)."""
    names = dict.fromkeys(islice(_combinations(starts, ends), count * 2))
    return tuple((name, 1 / (rank + 8) ** 0.6) for rank, name in enumerate(list(names)[:count]))


def _combinations(starts: list[str], ends: list[str]) -> Iterator[str]:
    """Walk the cross product so that neighbours share neither beginning nor end."""
    for turn in range(len(ends)):
        for i, start in enumerate(starts):
            yield start + ends[(i * 7 + turn * 3) % len(ends)]


def _url_years() -> Iterator[tuple[str, float]]:
    """Yield upload years: more every year, few from the year the dataset was put together."""
    for year in range(_FIRST_URL_YEAR, _LAST_URL_YEAR + 1):
        growth = float(year - _FIRST_URL_YEAR + 1) ** 1.3
        yield str(year), growth * (0.25 if year == _LAST_URL_YEAR else 1.0)
