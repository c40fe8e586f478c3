"""`laion-assets completion`: what a shell needs to complete commands and options.

Not here: what can be completed (Click knows it from the commands).
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from laion_assets.core.base.errors import UserError

_PROGRAM = "laion-assets"
_VARIABLE = "_LAION_ASSETS_COMPLETE"  # by Click's rule, from the program's name


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what lets a shell complete commands and options with Tab.

    \b
    eval "$(laion-assets completion bash)"              in ~/.bashrc
    eval "$(laion-assets completion zsh)"               in ~/.zshrc
    laion-assets completion fish | source               in ~/.config/fish/config.fish
    """
    found = get_completion_class(shell)
    if found is None:
        raise UserError(f"no completion for {shell}")
    try:
        click.echo(found(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source())
    except RuntimeError as error:  # bash older than 4.4, which Click looks for
        raise UserError(str(error)) from error
