"""Flags that several verbs share. Used by admint.py and money_verbs.py. Tests: tests/test_cli/test_arguments.py"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

Style = Annotated[Literal["text", "json"], typer.Option("--format", help="json: one document on standard output.")]
Server = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--server", metavar="URL", help="Talk to this AdMint server. Unset: ADMINT_URL, else one that runs here."
    ),
]
Token = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--token", metavar="TEXT", help="Token for that server. Safer: ADMINT_TOKEN.", show_default=False),
]
Output = Annotated[Optional[Path], typer.Option("--output", "-o", metavar="DIR", help="The ad's output folder.")]  # noqa: UP045
Cap = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--cap", metavar="USD", min=0, max=10_000, help="The most this ad may spend, all so far included."),
]
