"""What Dagster's own tools load (`workspace.yaml`), over the build directory of DAGSTER_HOME."""

from laion_assets.assembly import build_defs

defs = build_defs()
