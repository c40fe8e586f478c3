"""Putting a site in its place: staged beside the old one, exchanged in one step, verified.

Not here: what the pages say (`core.site`).
"""
