"""The user's messages at a gate: stored first, then the workflow is woken. Waking is only a hint.

A message is stored once by its id, so sent twice, from two tabs, or while nothing runs it has one effect.
Called by the doors and, at launch, by the container. Tests: tests/test_integration/test_interactive_mode.py
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.db.repositories import inbox
from app.ports.durable import Engine
from app.schemas.unified_pipeline import UserFeedback


class FeedbackInbox:
    """Delivers feedback to the workflow that waits for it."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], engine: Engine) -> None:
        self._sessions = sessions
        self._engine = engine

    async def redeliver(self, generation_id: str, workflow_id: str) -> int:
        """Wake the workflow again for every message it has not consumed; return how many."""
        async with self._sessions() as session:
            waiting = await inbox.pending(session, generation_id)
        for message in waiting:
            await self._wake(workflow_id, UserFeedback.model_validate(message.payload))
        return len(waiting)

    async def _wake(self, workflow_id: str, feedback: UserFeedback) -> None:
        await self._engine.send(
            workflow_id, feedback.stage, feedback.model_dump(mode="json"), f"{workflow_id}:{feedback.id}"
        )
