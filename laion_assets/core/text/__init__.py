"""Text: what a token is, which tokens a caption holds and which names it mentions.

Here live the one definition of a token (SQLite FTS5's `unicode61 remove_diacritics 2`, as data
in `unicode61.json`), the tokeniser, the interner behind the search index and the name matcher.
Repairing captions, reading the lists of names and laying out the index live elsewhere.
"""
