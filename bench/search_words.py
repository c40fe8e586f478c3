"""What captions and addresses are made of: the model of the search benchmark's corpus.

Lives here: common words and pairs, lengths, the law that words are drawn by, domains; built in, or
learned from a few real rows where they are given. Not here: rows (`search_kernels`), tables and
files (`search_corpus`).
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from laion_assets.core.names.lists import load_entities
from laion_assets.core.names.registry import LISTS
from laion_assets.core.text.tokens import tokenise

#: Zipf-Mandelbrot with this exponent and shift for the first `HEAD` words, a steeper law beyond:
#: 12 million captions then have some 2 million words, half of them once.
HEAD, EXPONENT, SHIFT, TAIL_EXPONENT = 1 << 16, 1.06, 2.7, 1.75
GUIDE = 1 << 16
LENGTHS = 4096  # quantiles of the number of words in a caption
FOLLOWERS = 8  # words that are known to follow a common word, the commonest first
NAMES = 360

_WORDS = """
the of and in a for with s to by on photo at stock black new 1 2 free white t from 3 image blue
5 shirt set is vector art 4 i women red print design home gold x men 8 cover sale 6 you book 10
light background bag best royalty wedding top world de how case day house car poster portrait
painting illustration green silver photos images hand baby music my canvas 2015 2014 2016 old
vintage city beautiful wall pink woman girl it food wood kids party leather room dress summer
man dog water your river night beach sunset landscape canon flower flowers tree mountain park
lake street church school kitchen living bedroom table chair modern style fashion long short
sleeve size large small mini full high low card cards christmas birthday happy love heart star
moon sky sea island bridge garden cake chocolate recipe chicken salad coffee tea wine beer cat
horse bird fish bear lion fox butterfly rose oil watercolor drawing abstract pattern texture
logo icon icons map flag sign paper box glass metal steel stone iron cotton silk wool yellow
orange purple brown grey gray dark bright colour color one two three four five six seven eight
nine ten first second last north south east west new york london paris california texas india
china japan italy france germany spain canada australia european american british german french
italian royal king queen prince princess captain doctor saint van john james david michael
thomas robert george charles william henry mary anna maria elizabeth museum gallery exhibition
collection edition volume series season episode game games movie film video tv show news review
guide tips ideas diy project free download pdf digital photography camera lens nikon sony
samsung apple iphone galaxy phone tablet laptop computer keyboard mouse watch ring necklace
earrings bracelet diamond pearl jewelry shoes boots sneakers hat jacket coat sweater hoodie
jeans pants shorts skirt blouse suit tie socks glove scarf belt wallet backpack tote pillow
blanket rug curtain lamp mirror frame clock shelf desk sofa couch bed bath shower sink toilet
tile floor door window roof fence deck patio pool engine wheel tire brake truck van bike
motorcycle boat ship train plane airport hotel restaurant bar cafe shop store market mall bank
office building tower castle palace temple bridge road path trail forest desert canyon valley
waterfall ocean coast
""".split()  # noqa: SIM905 - a list of words is read more easily than a list of strings

_PAIRS = """
of the|in the|on the|at the|to the|for the|from the|by the|with the|stock photo|stock photos|
stock image|royalty free|free stock|free shipping|t shirt|men s|women s|kids s|for sale|
new york|how to|of a|in a|on a|with a|for a|set of|vector image|vector illustration|print by|
image of|photo of|living room|black white|black and|and white|oil painting|hand drawn|
long sleeve|high quality|wall art|case for|cover for|picture of|portrait of|one of|day of|
king of|christmas card|birthday party|wedding dress|rose gold|river in|lake in|the best|
the world|the new|how the|white background|canvas print|map of|car for|by the|photography by|
full size|happy birthday|star wars|tv show|video game|engine oil
""".replace("\n", "").split("|")

_DOMAINS = """
pinimg.com shopify.com wp.com dreamstime.com blogspot.com staticflickr.com ebayimg.com
etsystatic.com images-amazon.com alamy.com 123rf.com squarespace-cdn.com depositphotos.com
shutterstock.com wixstatic.com slidesharecdn.com zazzle.com redbubble.net bing.net
feedbooks.net wordpress.com picdn.net istockphoto.com fineartamerica.com bigcommerce.com
walmartimages.com media-amazon.com rackcdn.com cloudfront.net tripadvisor.com medium.com
ytimg.com spreadshirt.com gettyimages.com
""".split()  # noqa: SIM905 - as above

_Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Strings:
    """Texts one after another: `data[offsets[i]:offsets[i + 1]]` is text `i`."""

    data: npt.NDArray[np.uint8]
    offsets: _Numbers

    @classmethod
    def of(cls, texts: list[str]) -> Strings:
        """Return texts as arrays."""
        encoded = [text.encode() for text in texts]
        offsets = np.cumsum([0, *map(len, encoded)]).astype(np.int64)
        return cls(np.frombuffer(b"".join(encoded) or b"\0", np.uint8), offsets)


@dataclass(frozen=True)
class Model:
    """What rows are drawn from: words by rank, what follows what, lengths, names, domains."""

    words: list[str]
    pairs: list[tuple[str, str]]  # commonest first
    lengths: _Numbers
    names: list[tuple[str, str]]  # list and name
    domains: list[str]

    @cached_property
    def strings(self) -> Strings:
        """Common words in the order of their ranks, then the names."""
        return Strings.of([*self.words, *(name for _, name in self.names)])

    @cached_property
    def domain_strings(self) -> Strings:
        """The largest domains."""
        return Strings.of(self.domains)

    @cached_property
    def cumulative(self) -> _Floats:
        """The chance of a word of at most each rank; what is left to 1 is the tail's."""
        ranks = np.arange(1, HEAD + 1)
        weights = (ranks + SHIFT) ** -EXPONENT
        tail = weights[-1] * HEAD / (TAIL_EXPONENT - 1)
        cumulative: _Floats = np.cumsum(weights) / (weights.sum() + tail)
        return cumulative

    @cached_property
    def guide(self) -> _Numbers:
        """Where to look in `cumulative` for each of equal steps of chance."""
        steps = np.arange(GUIDE + 1) / GUIDE
        return np.searchsorted(self.cumulative, steps, side="right").astype(np.int64)

    @cached_property
    def followers(self) -> _Numbers:
        """Up to `FOLLOWERS` ranks of words that follow each common word, -1 where not known."""
        number = {word: rank for rank, word in reversed(list(enumerate(self.words)))}
        table = np.full((len(self.words), FOLLOWERS), -1, np.int64)
        used: Counter[int] = Counter()
        for first, second in self.pairs:
            place = number.get(first, -1)
            if place >= 0 and second in number and used[place] < FOLLOWERS:
                table[place, used[place]] = number[second]
                used[place] += 1
        return table


def _names() -> list[tuple[str, str]]:
    """Return names of every list, spread over it."""
    found: list[tuple[str, str]] = []
    for list_name in LISTS:
        entities = load_entities(list_name)
        share = min(len(entities), NAMES // len(LISTS))
        found += [(list_name, entities[n * len(entities) // share].name) for n in range(share)]
    return found


def built_in() -> Model:
    """Return a model that needs no real rows."""
    rng = np.random.Generator(np.random.PCG64(7))
    drawn = np.sort(rng.lognormal(np.log(8.5), 0.63, LENGTHS))
    pairs = [(first, second) for first, second in (pair.split() for pair in _PAIRS)]
    lengths = np.clip(np.rint(drawn), 1, 250).astype(np.int64)
    return Model(list(dict.fromkeys(_WORDS)), pairs, lengths, _names(), _DOMAINS)


def learned(captions: Path | None, domains: Path | None) -> Model:
    """Return a model that takes after real rows, where such files are given.

    `captions` is a parquet file with a column TEXT, `domains` a CSV whose first column is domains,
    the largest first.
    """
    base = built_in()
    words, pairs, lengths, largest = base.words, base.pairs, base.lengths, base.domains
    if captions is not None:
        texts = pq.read_table(captions, columns=["TEXT"])["TEXT"].to_pylist()
        tokens = [tokenise(text) for text in texts if text]
        counts = Counter(token for caption in tokens for token in caption)
        words = [word for word, count in counts.most_common() if count > 3]
        follow = Counter(pair for caption in tokens for pair in pairwise(caption))
        pairs = [pair for pair, count in follow.most_common() if count > 3]
        found = np.array([max(1, len(caption)) for caption in tokens])
        found = np.sort(found) * (float(base.lengths.mean()) / found.mean())
        places = np.linspace(0, len(found) - 1, LENGTHS).astype(np.int64)
        lengths = np.clip(np.rint(found[places]), 1, 250).astype(np.int64)
    if domains is not None:
        with domains.open(encoding="utf-8", newline="") as file:
            largest = [row[0] for row in csv.reader(file)][1:]
    return Model(words, pairs, lengths, base.names, largest)
