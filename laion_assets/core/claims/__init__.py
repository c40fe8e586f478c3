"""What others said of such data, and what the merged tables say to it.

Lives here: reading files of claims (`claim_files`), checking each against a table (`checking`). Not
here: the page (`core.site.claims`), counting anything (`core.tables`).
"""
