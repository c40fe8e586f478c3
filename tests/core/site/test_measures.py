"""The words for what cleaning decides: every reason, rule and visibility has its own."""

from laion_assets.core.cleaning import counts, repair, thresholds
from laion_assets.core.site import measures


def test_every_reason_has_words_in_the_order_they_are_tried():
    """A page says "the first that applies in this order"."""
    assert tuple(measures.REASONS) == counts.REASONS


def test_every_repair_rule_has_words_in_the_order_they_run():
    """No rule without words, no words for a rule that is gone."""
    assert tuple(measures.RULES) == repair.RULES


def test_every_visibility_has_words():
    """No visibility without words, none that is gone."""
    assert tuple(measures.VISIBILITIES) == thresholds.VISIBILITIES
