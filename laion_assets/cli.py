"""The command line: `laion-assets build`, `status`, `remove`, `serve`, `verify` and more.

Lives here: which module has which command; it is imported when it runs. Not here: any command
(`laion_assets.commands`).
"""

from __future__ import annotations

from laion_assets.commands.start import starting

with starting():
    import click

    from laion_assets.commands.one_line import CommandsOnDemand, OneLineGroup

_COMMANDS = CommandsOnDemand(
    {
        "build": "build", "status": "build", "settings": "build",
        "completion": "completion",
        "datasets": "datasets", "sample": "datasets",
        "diff": "diff",
        "export": "exports",
        "inspect": "inspect",
        "lists": "names", "lookup": "names",
        "publish": "publish",
        "remove": "removal", "withdraw": "removal",
        "serve": "site", "verify": "site",
    }
)  # fmt: skip


@click.group(
    cls=OneLineGroup,
    commands=_COMMANDS,
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


if __name__ == "__main__":
    main()
