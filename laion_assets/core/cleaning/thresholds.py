"""From which punsafe score a row is blurred, shown without picture, or withheld.

Lives here: the three numbers and their order. Not here: applying them
(`sql/cleaning/judge_rows.sql`), setting them (`core.build.settings`).
"""

from dataclasses import dataclass

from laion_assets.core.base.errors import BadUsage

#: What becomes of a row, in the order of rising scores; the last is not published.
VISIBILITIES = ("shown", "blurred", "no_image", "withheld")


@dataclass(frozen=True)
class Thresholds:
    """punsafe values (0 to 1) from which a row is blurred, shown without picture, or withheld.

    0.5 is where LAION's own detector calls a picture unsafe; withheld rows are not published.
    """

    blurred: float = 0.5
    no_image: float = 0.9
    withheld: float = 0.99

    def __post_init__(self) -> None:
        """Refuse thresholds that are out of order."""
        if not 0 <= self.blurred <= self.no_image <= self.withheld <= 1:
            raise BadUsage("thresholds must be 0 <= blurred <= no_image <= withheld <= 1")
