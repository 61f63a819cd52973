"""The verbs about money: costs, upgrade, charge. Added to the command line by admint.py.

Every verb's work is in cli_tools/commands/<verb>.py. Tests: tests/test_cli/test_money.py
"""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from cli_tools.flags import Cap, Output, Server, Style, Token

Ad = Annotated[str, typer.Argument(metavar="ID", help="The ad's id, or its first characters.")]


def costs(
    generation: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="ID", help="The ad's id, or its first characters. Unset: all ads.", show_default=False),
    ] = None,
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """Show what an ad has cost, call by call, or what all have cost by day and provider."""
    from cli_tools.commands.costs import run

    return run(generation, style, server, token)


def upgrade(  # noqa: PLR0913 - one parameter a flag is typer's way
    generation: Ad,
    scenes: Annotated[str, typer.Option("--scenes", metavar="1,3", help="Which scenes to buy. The rest stays.")],
    provider: Annotated[str, typer.Option(metavar="NAME", help="Who films them; local takes the draft back.")],
    cap: Cap = None,
    output: Output = None,
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """Have scenes of a finished draft filmed by a paid provider. Without --cap it only says the price."""
    from cli_tools.commands.upgrade import Flags, run

    return run(Flags(generation, scenes, provider, cap, output, style, server, token))


def charge(  # noqa: PLR0913 - one parameter a flag is typer's way
    generation: Ad,
    call: Annotated[str, typer.Argument(metavar="CALL", help="The charge's id, from admint costs.")],
    retry: Annotated[
        bool, typer.Option("--retry", metavar="", help="Buy it again if it can't be found: it may be paid twice.")
    ] = False,
    give_up: Annotated[bool, typer.Option("--give-up", metavar="", help="Count it as spent and leave it.")] = False,
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """Decide on a paid call that may have been charged."""
    from cli_tools.commands.charge import Flags, run

    return run(Flags(generation, call, retry, give_up, style, server, token))


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for verb in (costs, upgrade, charge):
        app.command()(verb)
