"""Pseudo-terms: how fields stand in the dictionary beside ordinary words.

`:FIELD:VALUE` can be no token and no token begins as it does (a colon separates), so no search for
words or their beginnings meets it. Here is the one spelling of every field's value, shared with the
client.
"""


def field_term(field: str, value: str) -> str:
    """Return the pseudo-term of a field's value; names are given folded (`lists.fold_name`)."""
    return f":{field}:{value}"
