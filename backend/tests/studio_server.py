"""`python -m tests.studio_server`: AdMint as `admint serve` runs it, on a stage for the browser tests.

Without flags it is `admint serve` with nobody who scores. With them one clip fails at its first take, clips take
longer, or the scripted scorer scores. Loopback only; says where it is once it is ready; SIGTERM stops it.
Used by frontend/e2e. Tests: tests/test_integration/test_studio_server.py
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from cli_tools.commands import serve
from tests.fixtures import scripted_scorer, staged_video


def main(words: list[str] | None = None) -> int:
    """Serve until SIGTERM. Returns the exit code."""
    flags = _parsed(words)
    _alone(flags.home)
    if flags.fail_scene is not None or flags.slow:
        staged_video.register(staged_video.Script(flags.fail_scene, flags.slow))
    if flags.scores is not None:
        os.environ["ADMINT_SCORER"] = "embedded"
        scripted_scorer.register(slow_s=flags.scores)
    return serve.run(
        serve.Flags(host="127.0.0.1", port=flags.port, role="server", open=False, style="text", verbose=False)
    )


def _parsed(words: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.studio_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--home", type=Path, required=True, help="data folder; made if it is not there")
    parser.add_argument(
        "--fail-scene", type=int, metavar="N", help="the first take of scene N's clip fails, in each ad"
    )
    parser.add_argument("--slow", type=float, default=0.0, metavar="S", help="a clip takes at least S seconds")
    parser.add_argument(
        "--scores", type=float, nargs="?", const=2.0, metavar="S", help="each score takes S (2) seconds"
    )
    return parser.parse_args(words)


def _alone(home: Path) -> None:
    """Take no setting from who started us."""
    for name in [name for name in os.environ if name.startswith("ADMINT_")] + ["DATABASE_URL", "REDIS_URL"]:
        os.environ.pop(name, None)
    quick = {"ADMINT_QUEUE_POLL_S": "0.05", "ADMINT_MEDIA_WORKERS": "2", "ADMINT_ORDER_TIMEOUT_S": "5"}
    os.environ |= {"ADMINT_HOME": str(home), **quick}
    os.environ["ADMINT_SCORER"] = "none"


if __name__ == "__main__":
    sys.exit(main())
