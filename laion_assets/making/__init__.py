"""What is made of one source file, here or on other machines; no Dagster.

Lives here: the makers of the left half of the graph (`source_files`), handing files to them:
several at once on this machine (`lanes`) or on a cluster (`on_ray`). Not here: what is noted of
each in Dagster (`laion_assets.assets`), the work itself (`laion_assets.core`).
"""
