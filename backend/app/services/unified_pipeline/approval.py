"""The two approval points: open a gate, wait for the user's word across restarts, let exactly one word close it.

A message lies in the inbox before anybody is woken; waking is only a hint, and what counts is read from the inbox in
the transaction that acts on it. So a word sent twice, from two tabs, or to a process that is down has one effect.
Called by orchestrator.py. Tests: tests/test_services/test_approval.py, tests/test_integration/test_interactive_mode.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Interrupted
from app.db.models import InboxMessage
from app.db.repositories import generations, inbox
from app.kit.ids import new_id
from app.schemas.events import FeedbackAcknowledged, StatusChanged
from app.schemas.money_events import QuoteChanged
from app.schemas.unified_pipeline import Gate, StageName, Status, Substage, UserFeedback
from app.services.unified_pipeline.stage_context import Draft, StageContext, open_gate

Wait = Callable[[float], Awaitable[UserFeedback]]
"""Waits up to so many hours for a hint; action `timeout` when none came."""

STALE = "That was about an earlier draft, so nothing happened. Look at the current one."
_NEW_PRICE = "The price has changed since, so nothing happened. Look at the new one."


@dataclass(frozen=True)
class Approval:
    """One gate of one draft. `name` is unique in the run; `status` is what the generation shows meanwhile."""

    ctx: StageContext
    gate: Gate
    name: str
    status: Status

    @property
    def stage(self) -> StageName:
        """The stage it stands at."""
        return self.gate.stage

    async def pass_through(self, wait: Wait) -> UserFeedback:
        """Open the gate and return the word that closes it.

        Raises:
            Interrupted: The user cancelled, or nobody answered in time.
        """
        deadline = await self._open()
        turn, timed_out = 0, False
        while True:
            turn += 1
            heard = await self._take(turn, timed_out=timed_out)
            if heard is not None:
                return self._followed(heard)
            left_h = max(0.0, deadline - self.ctx.services.clock.now().timestamp()) / 3600
            timed_out = (await wait(left_h)).action == "timeout"

    async def _open(self) -> float:
        """Make sure that the gate is open; return until when it is (Unix seconds), fixed at the first time."""
        patience = timedelta(hours=self.ctx.config.approval_timeout_h).total_seconds()

        async def write(session: AsyncSession) -> tuple[list[Draft], float]:
            control = await generations.control_of(session, self.ctx.generation_id, self.ctx.run, hold=True)
            drafts = [] if control == "deleted" else await open_gate(session, self.ctx, self.gate)
            return drafts, self.ctx.services.clock.now().timestamp() + patience

        return await self.ctx.settle(f"{self.name}.open", write)

    async def _take(self, turn: int, *, timed_out: bool) -> UserFeedback | None:
        """Act on a cancel that came before the gate, or on the oldest message; null means go on waiting.

        A deleted generation keeps its gate as it is: the deletion may be taken back, and then the words count.
        """

        async def write(session: AsyncSession) -> tuple[Sequence[Draft], dict[str, Any] | None]:
            drafts: list[Draft] = []
            control = await generations.control_of(session, self.ctx.generation_id, self.ctx.run, hold=True)
            if control == "deleted":
                return drafts, self._gone("timeout") if timed_out else None
            if control == "cancel":
                return drafts, await self._leave(session, "cancel", drafts)
            while (message := await inbox.oldest(session, self.ctx.generation_id, self.stage)) is not None:
                feedback = UserFeedback.model_validate(message.payload)
                refused = self._refused(feedback)
                await self._consume(session, message, drafts, refused)
                if refused == _NEW_PRICE and self.gate.quote is not None:
                    await generations.set_gate(session, self.ctx.generation_id, self.gate)
                    drafts.append(("quote_changed", QuoteChanged(stage=self.stage, quote=self.gate.quote)))
                if not refused:
                    await self._close(session, feedback, drafts)
                    return drafts, feedback.model_dump(mode="json")
            if not timed_out:
                return drafts, None
            return drafts, await self._leave(session, "timeout", drafts)

        heard = await self.ctx.settle(f"{self.name}.{turn}", write)
        return None if heard is None else UserFeedback.model_validate(heard)

    async def _leave(
        self, session: AsyncSession, action: Literal["cancel", "timeout"], drafts: list[Draft]
    ) -> dict[str, Any]:
        """Close the gate without a message: cancelled just before it opened, or nobody came."""
        gone = self._gone(action)
        await self._close(session, UserFeedback.model_validate(gone), drafts)
        return gone

    def _gone(self, action: Literal["cancel", "timeout"]) -> dict[str, Any]:
        return UserFeedback(id=new_id(), stage=self.stage, action=action).model_dump(mode="json")

    def _refused(self, feedback: UserFeedback) -> str:
        """Return why a word has no effect; empty when it has."""
        if feedback.action != "approve":
            return ""
        if feedback.draft_digest not in {"", self.gate.draft_digest}:
            return STALE
        quote = self.gate.quote
        if quote is not None and feedback.quote_digest != quote.digest and (quote.total_usd or feedback.quote_digest):
            return _NEW_PRICE
        return ""

    async def _consume(
        self, session: AsyncSession, message: InboxMessage, drafts: list[Draft], refused: str = ""
    ) -> None:
        action = "stale" if refused else message.payload["action"]
        await inbox.consume(session, self.ctx.generation_id, message.id, action)
        told = FeedbackAcknowledged(message_id=message.id, action=action, message=refused)
        drafts.append(("feedback_acknowledged", told))

    async def _close(self, session: AsyncSession, feedback: UserFeedback, drafts: list[Draft]) -> None:
        """Close the gate; after an approval, whatever else was said of this draft comes too late."""
        while feedback.action == "approve":
            late = await inbox.oldest(session, self.ctx.generation_id, self.stage)
            if late is None:
                break
            await self._consume(session, late, drafts, f"The {_SPOKEN[self.stage]} approved before this arrived.")
        left: dict[str, Substage] = {"cancel": "cancelled", "timeout": "expired"}
        substage = left.get(feedback.action)
        await generations.set_gate(session, self.ctx.generation_id, None)
        await generations.set_status(session, self.ctx.generation_id, self.status, substage, self.stage)
        drafts.append(self._status(substage))

    def _status(self, substage: Substage | None) -> Draft:
        return ("status_changed", StatusChanged(status=self.status, substage=substage, current_stage=self.stage))

    def _followed(self, feedback: UserFeedback) -> UserFeedback:
        if feedback.action not in {"cancel", "timeout"}:
            return feedback
        reason = "You stopped it." if feedback.action == "cancel" else "Nobody answered in time."
        raise Interrupted(f"The run waits at the {self.stage} stage. {reason}", hint="`admint resume` opens it again.")


_SPOKEN: dict[str, str] = {"story": "story was", "scenes": "scenes were", "videos": "videos were"}
