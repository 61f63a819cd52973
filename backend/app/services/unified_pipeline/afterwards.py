"""What a person says once the ad is finished: whether it speaks of this ad, and what becomes of it.

A wish is stored with its events first; the run that follows writes the scene anew and films what that made stale, if
filming is free. A paid clip waits for `retry_clip`.
Called by commands.py. Tests: tests/test_integration/test_afterwards.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import Conflict, InvalidInput
from app.db.models import Generation
from app.db.repositories import documents, generations, inbox
from app.schemas.api import Accepted, Reading
from app.schemas.events import FeedbackAcknowledged, UserMessage
from app.schemas.unified_pipeline import StageName
from app.services.unified_pipeline.run_state import Wish
from app.services.unified_pipeline.runs import Runs
from app.services.unified_pipeline.scene_changes import require_scene
from app.services.unified_pipeline.stage_context import Draft, PipelineServices, append_all, publish_all
from app.services.unified_pipeline.states import phase_of
from app.services.unified_pipeline.words import Heard

STAGE: StageName = "videos"
"""The stage that words about a finished ad name."""
ReadAfter = Callable[[str, int], Awaitable[Reading]]
"""Message and number of scenes to what it speaks of."""


class Afterwards:
    """Takes words about finished ads."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], runs: Runs, services: PipelineServices, read: ReadAfter
    ) -> None:
        self._sessions = sessions
        self._runs = runs
        self._services = services
        self._read = read

    async def read(self, user_id: str, generation_id: str, message: str) -> Reading:
        """Say whether a message speaks of this ad; nothing is stored. Raises NotFound."""
        async with self._services.reads() as session:
            row = await generations.require(session, generation_id, user_id=user_id)
            count = len(documents.scenes_of(row))
        return await self._read(message, count)

    async def take(self, user_id: str, generation_id: str, word: Heard) -> Accepted:
        """Store a wish and begin the run that fulfils it. The same id again has no second effect.

        Raises:
            NotFound: No such generation of this user.
            Conflict: It is not finished, or the word is none for a finished ad.
            InvalidInput: There is nothing in it to act on, or it names a scene that is not there.
        """
        async with self._sessions.begin() as session:
            row = await generations.lock(session, generation_id, user_id=user_id)
            known = await inbox.get(session, generation_id, word.id)
            if known is not None and (known.consumed_at is not None or not _finished(row)):
                return Accepted(message_id=word.id, action=known.payload["action"], duplicate=True)
            wish = None if word.intent == "unclear" else await self._wish(session, row, word)
            stored = [] if known else await self._store(session, row, word)
        await publish_all(self._services.bus, row.session_id or "", stored)
        if wish is None:
            return Accepted(message_id=word.id, action="unclear", message=word.question)
        await self._runs.go_on(generation_id, more={"start_at": "scenes", "wish": wish.model_dump()})
        async with self._sessions.begin() as session:
            await inbox.consume(session, generation_id, word.id, word.intent)
        return Accepted(message_id=word.id, action=word.intent)

    async def _wish(self, session: AsyncSession, row: Generation, word: Heard) -> Wish:
        """Return what the run is asked for, with what was said of the scenes before."""
        if not _finished(row):
            raise Conflict("This ad is not finished yet.", hint="Wait for it, or speak of the step that waits for you.")
        if word.intent not in {"edit", "refine", "regenerate"}:
            raise Conflict("This ad is finished: nothing waits for your word.", hint="Say what should change in it.")
        if word.intent != "regenerate" and not word.message.strip():
            raise InvalidInput("There is nothing in it to act on.", hint="Say what should change.")
        if word.scene_id is not None:
            require_scene(documents.scenes_of(row), word.scene_id)
        before = await inbox.acted_on(session, row.id, ("scenes", STAGE))
        said = [each.payload["message"] for each in before if each.id != word.id and each.payload.get("message")]
        return Wish(scene_id=word.scene_id, feedback=[*said, *filter(None, [word.message.strip()])])

    async def _store(self, session: AsyncSession, row: Generation, word: Heard) -> list[dict[str, object]]:
        said = UserMessage(
            message_id=word.id, message=word.message, stage=STAGE, action=word.intent, scene_id=word.scene_id
        )
        told = FeedbackAcknowledged(message_id=word.id, action=word.intent, message=word.question)
        payload = {"id": word.id, "stage": STAGE, "action": word.intent, "message": word.message.strip()}
        await inbox.add(session, row.id, word.id, topic=STAGE, payload=payload)
        if word.intent == "unclear":
            await inbox.consume(session, row.id, word.id, word.intent)
        drafts: list[Draft] = [("user_message", said), ("feedback_acknowledged", told)]
        return await append_all(session, row.session_id or "", row.id, drafts, self._services.clock.now())


def _finished(row: Generation) -> bool:
    return phase_of(row.status, row.substage) == "completed"
