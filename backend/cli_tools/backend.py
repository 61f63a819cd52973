"""Where ads are made, as the command line sees it: this process, or a server. Two doors, one picture.

Implemented by local_backend.py and remote_backend.py, used by studio.py. Tests: tests/test_cli/
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from app.core.errors import AdMintError
from app.ports.events import Heard
from app.schemas.events import ServerEvent
from app.schemas.unified_pipeline import GenerationRequest, UserFeedback
from cli_tools.board import Board
from cli_tools.delivery import Delivered
from cli_tools.run_folder import RunFolder


@dataclass(frozen=True)
class Retry:
    """Film one scene again; a clip that is fine only with `new_take`."""

    scene_id: int
    new_take: bool = False


@dataclass(frozen=True)
class Purse:
    """What the user says about money before an ad goes on: a cap, scenes to upgrade, a charge to repeat."""

    cap: float | None = None
    provider: str = ""
    scenes: tuple[int, ...] = ()
    charge: str = ""


@dataclass
class Ad:
    """One ad being made here. `name` tells it from others on the screen; empty when it is the only one."""

    folder: RunFolder
    name: str
    board: Board
    session_id: str = ""
    request: GenerationRequest | None = None
    retry: Retry | None = None
    purse: Purse = field(default_factory=Purse)
    began: float = 0.0
    delivered: Delivered | None = None
    error: AdMintError | None = None

    @property
    def done(self) -> bool:
        """True when its folder is filled."""
        return self.delivered is not None


class Line(Protocol):
    """The line to one run."""

    is_over: bool
    """True when there was nothing left to do."""

    async def wait(self) -> None:
        """Wait until the run ends; raise what ended it."""

    def events(self) -> AsyncIterator[Heard]:
        """Iterate over what happens from now on."""

    async def since(self, seq: int) -> list[ServerEvent]:
        """Return some stored events numbered above `seq`, oldest first; none when there are no more."""

    async def say(self, feedback: UserFeedback) -> None:
        """Bring a word to the gate."""


class Backend(Protocol):
    """A place where ads are made."""

    async def begin(self, ad: Ad) -> Line:
        """Start an ad, or go on with it."""

    async def deliver(self, ad: Ad, *, took_s: float) -> Delivered:
        """Fill the ad's folder."""
