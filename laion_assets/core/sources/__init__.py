"""Which files there are, where they are, and what is known of them before a row is read.

Lives here: presets and people's own dataset files, finding source files, fetching remote ones. Not
here: reading rows (`core.reading`).
"""
