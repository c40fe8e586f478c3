"""The embedded sample: parquet files in the shape of LAION-Aesthetics v2 6+, every row invented.

Lives here: making them. The domain mix, the relative frequency of names, the duplicates and the
dirt follow what was published about the real dataset; captions and addresses are our own. Not
here: reading them back, which happens as for any other source.

`writer` makes the files, `captions`, `addresses` and `scores` their columns, `dirt` the broken and
hostile rows; `grammar` turns templates and the word lists in `lexicon/` into text without a Python
string per row.
"""

from laion_assets.sample.writer import COLUMNS, write_sample, write_sample_file

__all__ = ["COLUMNS", "write_sample", "write_sample_file"]
