"""The command line `admint`: verbs and flags. Every verb's work is in cli_tools/commands/<verb>.py.

Only typer is imported here; what a verb needs is imported when it runs, so that `admint --help` is quick.
Reference: docs/reference/cli.md (generated). Tests: tests/test_cli/
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli_tools.arguments import spread_values, wants_json
from cli_tools.flags import Cap, Output, Server, Style, Token
from cli_tools.money_verbs import register as register_money

app = typer.Typer(
    name="admint",
    help="One sentence in, a finished video ad out. Free and on your own machine.",
    epilog='Start here: admint generate --prompt "Sunrise Roast: coffee roasted the day it ships."',
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
db = typer.Typer(help="The database's schema.", no_args_is_help=True)
app.add_typer(db, name="db")

AD, BRAND, SHAPE, RUN, OUT = "The ad", "Your brand", "Shape", "How it runs", "What you get"


@app.command(epilog="Exit codes: docs/reference/cli.md. Stopped or crashed? `admint resume` goes on.")
def generate(  # noqa: PLR0913 - one parameter a flag is typer's way
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            "--prompt",
            "-p",
            metavar="TEXT",
            rich_help_panel=AD,
            help="What you sell, in a sentence. '-' reads it from standard input. Repeat it for several ads.",
        ),
    ] = None,
    framework: Annotated[
        str | None,
        typer.Option(metavar="NAME", rich_help_panel=AD, help="AIDA, PAS, FAB, BAB or custom. Unset: chosen for you."),
    ] = None,
    framework_text: Annotated[
        str | None,
        typer.Option(metavar="TEXT", rich_help_panel=AD, help="Your own beats, in your words, for --framework custom."),
    ] = None,
    cta: Annotated[
        str | None, typer.Option(metavar="TEXT", rich_help_panel=AD, help="Call to action, for example 'Order today'.")
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="TEXT", rich_help_panel=AD, help="Web address to show.")] = None,
    brand: Annotated[str | None, typer.Option(metavar="NAME", rich_help_panel=BRAND, help="Your brand's name.")] = None,
    product_images: Annotated[
        list[str] | None,
        typer.Option(
            "--product-images",
            metavar="FILE...",
            rich_help_panel=BRAND,
            help="Photos of the product (PNG, JPEG, WebP). Takes several: ./photos/*.jpg",
        ),
    ] = None,
    character_images: Annotated[
        list[str] | None,
        typer.Option("--character-images", metavar="FILE...", rich_help_panel=BRAND, help="Pictures of people."),
    ] = None,
    logo: Annotated[str | None, typer.Option(metavar="FILE", rich_help_panel=BRAND, help="Your logo.")] = None,
    duration: Annotated[
        float | None, typer.Option(metavar="SECONDS", rich_help_panel=SHAPE, help="Length, 2 to 60. Usually 30.")
    ] = None,
    aspect: Annotated[
        str | None, typer.Option(metavar="W:H", rich_help_panel=SHAPE, help="16:9, 9:16 or 1:1. Usually 16:9.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", rich_help_panel=SHAPE, help="Same prompt and seed, same ad. Vary it for another take."
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", rich_help_panel=RUN, help="Pipeline configuration: a name, or a YAML file."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", rich_help_panel=RUN, help="Change one setting, e.g. fps=24. Repeatable."
        ),
    ] = None,
    interactive: Annotated[
        bool | None,
        typer.Option(
            "--interactive/--auto",
            metavar="",
            rich_help_panel=RUN,
            help="Ask for your approval of story and scenes, or don't. Asks when you sit at a terminal.",
        ),
    ] = None,
    cap: Annotated[
        float | None,
        typer.Option(
            "--cap",
            metavar="USD",
            min=0,
            max=10_000,
            rich_help_panel=RUN,
            help="The most each ad may spend, if it buys.",
        ),
    ] = None,
    no_wait: Annotated[
        bool,
        typer.Option("--no-wait", metavar="", rich_help_panel=RUN, help="Don't wait for another AdMint run to finish."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", rich_help_panel=OUT, help="Folder for the ad. Unset: ./output/<name>."
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", metavar="", rich_help_panel=OUT, help="Use the folder even if it holds another ad."),
    ] = False,
    style: Annotated[
        Literal["text", "json"],
        typer.Option("--format", rich_help_panel=OUT, help="json: exactly one document on standard output."),
    ] = "text",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", metavar="", rich_help_panel=OUT, help="Say only where the film is.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", metavar="", rich_help_panel=OUT, help="Say more, the log included.")
    ] = False,
    server: Server = None,
    token: Token = None,
) -> int:
    """Make a video ad from a sentence."""
    from cli_tools.commands.generate import Flags, run

    return run(
        Flags(
            prompts=prompt or [],
            product_images=product_images or [],
            character_images=character_images or [],
            logo=logo,
            framework=framework,
            framework_text=framework_text,
            brand=brand,
            cta=cta,
            url=url,
            duration=duration,
            aspect=aspect,
            seed=seed,
            config=config,
            settings=[*(set_ or []), *([] if cap is None else [f"budget_usd={cap}"])],
            interactive=interactive,
            no_wait=no_wait,
            output=output,
            force=force,
            style=style,
            quiet=quiet,
            verbose=verbose,
            server=server,
            token=token,
        )
    )


@app.command()
def resume(  # noqa: PLR0913 - one parameter a flag is typer's way
    generation: Annotated[
        str | None, typer.Argument(metavar="ID", help="The ad's id, or its first characters.", show_default=False)
    ] = None,
    output: Annotated[
        list[Path] | None, typer.Option("--output", "-o", metavar="DIR", help="The ad's output folder. Repeatable.")
    ] = None,
    auto: Annotated[
        bool, typer.Option("--auto", metavar="", help="Approve what waits for you and go on without asking.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", metavar="", help="Don't wait for another AdMint run to finish.")
    ] = False,
    cap: Cap = None,
    style: Style = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Say only where the film is.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", metavar="", help="Say more, the log included.")] = False,
    server: Server = None,
    token: Token = None,
) -> int:
    """Go on with an ad that was stopped, crashed or failed. What is finished is kept."""
    from cli_tools.commands.resume import Flags, run

    return run(
        Flags(
            generation=generation,
            outputs=output or [],
            auto=auto,
            no_wait=no_wait,
            style=style,
            quiet=quiet,
            verbose=verbose,
            server=server,
            token=token,
            cap=cap,
        )
    )


@app.command(name="list")
def list_ads(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, newest first.")] = 20,
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """List your ads, newest first."""
    from cli_tools.commands.list import run

    return run(limit, style, server, token)


@app.command()
def show(
    generation: Annotated[
        str | None, typer.Argument(metavar="ID", help="The ad's id, or its first characters.", show_default=False)
    ] = None,
    output: Output = None,
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """Show one ad: story, scenes, clips, and what went wrong if something did."""
    from cli_tools.commands.show import run

    return run(generation, output, style, server, token)


@app.command()
def retry(  # noqa: PLR0913 - one parameter a flag is typer's way
    generation: Annotated[str, typer.Argument(metavar="ID", help="The ad's id, or its first characters.")],
    scene: Annotated[int, typer.Option("--scene", metavar="NUMBER", min=1, help="Which scene to film again.")],
    new_take: Annotated[
        bool, typer.Option("--new-take", metavar="", help="Film it again though the clip is fine.")
    ] = False,
    output: Output = None,
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """Film one scene again. No other clip is touched."""
    from cli_tools.commands.retry import Flags, run

    return run(Flags(generation, scene, new_take, output, style, server, token))


@app.command()
def cancel(
    generation: Annotated[str, typer.Argument(metavar="ID", help="The ad's id, or its first characters.")],
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """Stop an ad. What is finished is kept, and resume goes on."""
    from cli_tools.commands.cancel import run

    return run(generation, style, server, token)


@app.command()
def export(
    generation: Annotated[str, typer.Argument(metavar="ID", help="The ad's id, or its first characters.")],
    output: Output = None,
    style: Style = "text",
    server: Server = None,
    token: Token = None,
) -> int:
    """Fill a folder with a finished ad: film, clips, texts, metadata."""
    from cli_tools.commands.export import run

    return run(generation, output, style, server, token)


@app.command()
def worker() -> int:
    """Work for servers that share a Postgres database, until stopped."""
    from cli_tools.commands.worker import run

    return run()


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where to listen. Unset: ADMINT_HOST, usually 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one. Unset: ADMINT_PORT, usually 8000.")
    ] = None,
    role: Annotated[
        Literal["server", "api"],
        typer.Option(help="server: also do the work. api: only answer; workers do it (Postgres)."),
    ] = "server",
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open it in your browser.")] = False,
    style: Style = "text",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", metavar="", help="Say more, the log included.")] = False,
) -> int:
    """Serve AdMint over HTTP on this machine: web, API and sockets."""
    from cli_tools.commands.serve import Flags, run

    return run(Flags(host=host, port=port, role=role, open=open_, style=style, verbose=verbose))


@app.command()
def doctor(
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            metavar="",
            help="Also compare paid models with their vendors, and ask a language model (a fraction of a cent).",
        ),
    ] = False,
    style: Style = "text",
) -> int:
    """Check that this machine is ready, and say how to mend what is not."""
    from cli_tools.commands.doctor import run

    return run(style, live=live)


@db.command()
def upgrade(style: Style = "text") -> int:
    """Bring the database up to date. SQLite does it by itself."""
    from cli_tools.commands.db import run

    return run(style)


@app.command()
def version(style: Style = "text") -> int:
    """Print the version."""
    from cli_tools.commands.version import run

    return run(style)


register_money(app)


def main() -> None:
    """The console script's entry."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(words: list[str]) -> int:
    """Run one command line and return its exit code; nothing but the code leaves this border."""
    try:
        code: object = typer.main.get_command(app).main(
            args=spread_values(words), prog_name="admint", standalone_mode=False
        )
    except typer.TyperException as error:
        from cli_tools.border import refuse_usage

        return refuse_usage(error, style="json" if wants_json(words) else "text")
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
