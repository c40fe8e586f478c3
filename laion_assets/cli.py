"""The command line: `laion-assets build`, `status`, `remove`, `serve`, `verify` and more.

Lives here: gathering the commands. Not here: any command (`laion_assets.commands`).
"""

from __future__ import annotations

from laion_assets.commands.start import starting

with starting():
    import click

    from laion_assets.commands import build, datasets, inspect, names, removal, site
    from laion_assets.commands.shared import OneLineGroup


@click.group(
    cls=OneLineGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="laion-assets", message="%(prog)s %(version)s")
def main() -> None:
    """Turn LAION-style image-caption parquet into a static site anyone can search.

    \b
    laion-assets build                         the embedded sample, into build/
    laion-assets build --source my-parquet/    a folder of your own files
    laion-assets build                         again: only what is missing or stale
    """


for command in (
    build.build, build.status, build.settings, datasets.datasets, datasets.sample,
    inspect.inspect, names.lists, names.lookup, removal.remove, removal.withdraw, site.serve,
    site.verify,
):  # fmt: skip
    main.add_command(command)


if __name__ == "__main__":
    main()
