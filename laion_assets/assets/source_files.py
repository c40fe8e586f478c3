"""Assets on the left of the graph: one partition per source file."""

from laion_assets.assets.per_file import per_file_asset
from laion_assets.making.bringing import fetch, fetch_again
from laion_assets.making.source_files import MAKERS

raw_parquet = per_file_asset(MAKERS["raw_parquet"], prepare=fetch)
images = per_file_asset(MAKERS["images"], prepare=fetch_again)
tallies = per_file_asset(MAKERS["tallies"])
mentions = per_file_asset(MAKERS["mentions"])
index_segment = per_file_asset(MAKERS["index_segment"])
