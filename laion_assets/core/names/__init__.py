"""Names and platforms: the lists, and which captions have which name.

Lives here: the registry of lists, their rows, mentions, other spellings, words in context and
beside a name, looking any name up. Not here: the matcher (`core.text`), the tables of names
(`core.tables`).
"""
