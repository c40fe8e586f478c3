"""From source rows to images and rejects: kept + rejected = read.

Lives here: the rules, repairs, hosts, the canonical URL, taking rows out. Not here: reading
(`core.reading`), counting (`core.tables`).
"""
