"""The search index: a segment per source file (`segment`), merged into files of slices (`merge`).

`FORMAT.md` describes these files. Here live ranks (`documents`, `ranking`), rows in slots
(`slots`), terms of each series (`words`, `runs`, `characters`, `fields`, `hashes`, `beginnings`) in
their files (`term_files`, `blocks`, `lists`, `tails`). Not here: the client that reads them, which
is `site_templates/static/search-*.js`; the tokeniser, which is `core.text`.
"""
