"""The search index: sorted runs per source file (`segment`), merged into script shards (`merge`).

Here live the pseudo-terms (`terms`), the documents' numbers and blocks (`documents`), the files a
browser loads (`shards`). The client that reads them is `site_templates/static/search.js`; the
tokeniser is `core.text`.
"""
