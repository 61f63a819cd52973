"""Write the generated pages of docs/reference, or check that they are current.

Called by `make gen` (write) and `make drift` (`--check`). Each page is one module of tools/pages with a
`render() -> str`; the text depends on the code alone, never on the machine. Tests: tests/test_house/test_docs.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tools.pages import cli, configuration, errors, events, openapi, settings, traceability

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli.render,
    "configuration.md": configuration.render,
    "errors.md": errors.render,
    "events.md": events.render,
    "openapi.json": openapi.render,
    "settings.md": settings.render,
    "traceability.md": traceability.render,
}


def stale_pages() -> list[str]:
    """Names of the pages whose file differs from what the code says now."""
    return [name for name, render in PAGES.items() if _current(REFERENCE / name) != render()]


def _current(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def write_pages() -> None:
    """Write every page."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, render in PAGES.items():
        (REFERENCE / name).write_text(render(), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the generator. Returns the exit code: 1 when `--check` finds a stale page."""
    if arguments != ["--check"]:
        write_pages()
        return 0
    stale = stale_pages()
    if stale:
        sys.stderr.write(f"Stale in docs/reference: {', '.join(stale)}. Run `make gen` and commit the result.\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
