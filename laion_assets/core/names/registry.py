"""Every list of names, once: what it is called, what it says of its names, how it is shown.

Lives here: the declarations that matching, the index's fields, the tables, the pages and the
navigation read. A list more is an entry in `LISTS` and a CSV of the same name in
`laion_assets/lists`. Not here: the rows of a list (`lists`), where a user's own lie (`list_files`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: The list of domains and who runs them: no names of a kind, but captions name platforms too.
PLATFORMS = "platforms"
#: The list of what was said of such data, which is no list of names and no CSV.
CLAIMS = "claims"
#: What the query language calls one of them.
PLATFORM = PLATFORMS.removesuffix("s")
#: The columns every list of names has.
BASE_COLUMNS = ("name", "aliases", "ambiguous", "context")
#: Columns that together say whether somebody lives; what follows from them is the column `life`.
LIFE = "life"
LIFE_COLUMNS = ("born", "died", "living")


@dataclass(frozen=True)
class ListColumn:
    """A column of a list's own: its name in the CSV, its heading, and what it means.

    `facet` is the heading of the table that counts names by its values, where there is one;
    `kind` is what its cells hold: texts (several separated by `|`), a year, or yes and no.
    `optional` says that an empty cell is the rule and nothing unknown.
    """

    name: str
    label: str
    meaning: str = "as listed"
    facet: str = ""
    kind: Literal["text", "year", "flag"] = "text"
    optional: bool = False


@dataclass(frozen=True)
class NameList:
    """One list of names."""

    #: Plural: the name of the CSV, the asset, the table and the page.
    name: str
    #: The field of the query language, and how a text speaks of one of them.
    singular: str
    #: Heading of the page and the navigation.
    title: str
    #: What the asset counts, in the words of the Dagster UI.
    description: str
    columns: tuple[ListColumn, ...]
    #: The column that says what kind of name it is: names are ranked within it too.
    kind: str
    #: Columns that the ranking shows.
    shown: tuple[str, ...]
    #: Columns (and `life`) whose values are counted on the page, in that order.
    facets: tuple[str, ...]
    #: Whether its members are people: pages about those who may be living carry noindex.
    people: bool
    #: What a caption with such a name may be about, for the page of a name.
    captions_may_name: str

    def column(self, name: str) -> ListColumn:
        """Return a column by its name; KeyError when the list has none of that name."""
        return {column.name: column for column in (*self.columns, _LIFE)}[name]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of its own columns, in the order of the CSV."""
        return tuple(column.name for column in self.columns)

    @property
    def year_columns(self) -> tuple[str, ...]:
        """Its columns that hold years."""
        return tuple(column.name for column in self.columns if column.kind == "year")

    @property
    def tells_life(self) -> bool:
        """Whether it says enough to tell who is living."""
        return set(LIFE_COLUMNS) <= set(self.column_names)


_LIFE = ListColumn(
    LIFE, "Life", "died, living (as far as the list knows) or unknown", facet="Living or dead"
)
_BORN = ListColumn("born", "Born", "year of birth, empty when not known", kind="year")
_DIED = ListColumn("died", "Died", "year of death, empty when living or not known", kind="year")
_LIVING = ListColumn(
    "living", "Living", "yes or no, for people whose years nobody knows", kind="flag"
)
_NATIONALITY = ListColumn("nationality", "Nationality", facet="By nationality")
_GENDER = ListColumn("gender", "Gender", facet="By gender")

LISTS: Mapping[str, NameList] = {
    entry.name: entry
    for entry in (
        NameList(
            name="artists",
            singular="artist",
            title="Artists",
            description="How often each artist is named, zero included, and the best rows.",
            columns=(
                ListColumn("type", "Kind", "what kind of artist", facet="By kind"),
                ListColumn(
                    "role",
                    "Role",
                    "writer, where the listed person mainly writes; empty for all others",
                    facet="By role",
                    optional=True,
                ),
                _BORN,
                _DIED,
                _LIVING,
                _NATIONALITY,
                _GENDER,
            ),
            kind="type",
            shown=("type", "born", "died"),
            facets=(LIFE, "type", "role", "nationality", "gender"),
            people=True,
            captions_may_name="the maker, a style, a print, a namesake or a keyword",
        ),
        NameList(
            name="celebrities",
            singular="celebrity",
            title="Celebrities",
            description="How often each famous person is named, zero included.",
            columns=(
                ListColumn(
                    "occupation",
                    "Occupation",
                    "as listed, separated by |",
                    facet="By occupation",
                ),
                _BORN,
                _DIED,
                _LIVING,
                _NATIONALITY,
                _GENDER,
            ),
            kind="occupation",
            shown=("occupation", "gender"),
            facets=(LIFE, "gender", "occupation", "nationality"),
            people=True,
            captions_may_name="a person in the picture, a film, a product, a namesake or a keyword",
        ),
        NameList(
            name="characters",
            singular="character",
            title="Characters",
            description="How often each fictional character is named, zero included.",
            columns=(
                ListColumn(
                    "franchise",
                    "Franchise",
                    "the work or world the character belongs to",
                    facet="By franchise",
                ),
                ListColumn(
                    "medium", "Medium", "where the character first appeared", facet="By medium"
                ),
            ),
            kind="franchise",
            shown=("franchise", "medium"),
            facets=("franchise", "medium"),
            people=False,
            captions_may_name="the character, an actor in costume, a toy, a namesake or a keyword",
        ),
    )
}

#: Names of the lists of names, and of every list that captions are matched with.
ENTITY_LISTS = tuple(LISTS)
ALL_LISTS = (*ENTITY_LISTS, PLATFORMS)
