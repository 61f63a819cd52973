"""A user's word at a gate: understood, checked, stored with its event in one transaction, then the run is woken.

What a button says is taken as it is; typed words are read by the conversation handler, and an uncertain one is asked
back, never taken for an approval. Called by commands.py.
Tests: tests/test_services/test_words.py, tests/test_integration/test_interactive_mode.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import Conflict, InvalidInput, NotFound
from app.db.models import Generation
from app.db.repositories import documents, generations, inbox, sessions
from app.ports.intent import IntentModel
from app.schemas.api import Accepted, FeedbackBody
from app.schemas.events import FeedbackAcknowledged, UserMessage
from app.schemas.unified_pipeline import Gate, StageName, UserFeedback
from app.services.pipeline.conversation_handler import ParsedIntent
from app.services.pipeline.text_intent import readers
from app.services.session.feedback_inbox import FeedbackInbox
from app.services.unified_pipeline.approval import STALE
from app.services.unified_pipeline.runs import Runs
from app.services.unified_pipeline.scene_changes import reorder, require_scene
from app.services.unified_pipeline.stage_context import Draft, PipelineServices, append_all, publish_all
from app.services.unified_pipeline.states import phase_of

Understand = Callable[[str, StageName, int, Sequence[IntentModel]], Awaitable[ParsedIntent]]
"""Message, stage, number of scenes and the ad's own models to intent."""
SaidAction = Literal["approve", "regenerate", "refine", "edit", "reorder", "cancel", "unclear"]


class Heard(FeedbackBody):
    """A word with its intent. `question` is what to ask back when it is unclear."""

    intent: SaidAction
    question: str = ""


class Words:
    """Takes users' words and brings them to the run that waits for them."""

    def __init__(
        self,
        sessions_factory: async_sessionmaker[AsyncSession],
        runs: Runs,
        delivery: FeedbackInbox,
        services: PipelineServices,
        understand: Understand,
    ) -> None:
        self._sessions = sessions_factory
        self._runs = runs
        self._delivery = delivery
        self._services = services
        self._understand = understand

    async def hear(self, user_id: str, generation_id: str, word: FeedbackBody) -> Heard:
        """Return the word with its intent. Raises NotFound."""
        async with self._services.reads() as session:
            row = await generations.require(session, generation_id, user_id=user_id)
            count = len(row.scenes or (row.story or {}).get("scenes") or [])
        said = word.model_dump(exclude={"intent", "question"})
        if word.action is not None:
            return Heard.model_validate({**said, "intent": word.action})
        if not word.message.strip():
            raise InvalidInput("The message is empty.", hint="Say what should change, or approve.")
        parsed = await self._understand(word.message, word.stage, count, self._readers(row))
        intent, scene_id = parsed.intent, word.scene_id or parsed.scene_id
        if parsed.question:
            intent = "unclear"
        elif word.scene_id is not None and intent in {"refine", "regenerate"}:
            intent = "edit"
        return Heard.model_validate({**said, "intent": intent, "scene_id": scene_id, "question": parsed.question})

    def _readers(self, row: Generation) -> Sequence[IntentModel]:
        config = documents.config_of(row)
        return readers(self._services.providers(config.providers, config.models).text, row.id)

    async def take(self, user_id: str, generation_id: str, word: Heard) -> Accepted:
        """Store a word and wake the run. The same id again has no effect.

        Raises:
            NotFound: No such generation of this user.
            Conflict: Nobody waits for a word at that stage.
            InvalidInput: It names a scene that is not there, or an order that is none.
        """
        async with self._sessions.begin() as session:
            row = await generations.lock(session, generation_id, user_id=user_id)
            known = await inbox.get(session, generation_id, word.id)
            if known is not None:
                return Accepted(message_id=word.id, action=known.payload["action"], duplicate=True)
            gate = _gate_for(row, word.stage)
            reopen = gate is None or row.substage != "awaiting_approval"
            feedback = _feedback(row, gate, word)
            accepted, drafts = self._judge(gate, word, feedback)
            await inbox.add(session, generation_id, word.id, topic=word.stage, payload=_payload(feedback, word))
            if accepted.action in {"stale", "unclear"}:
                await inbox.consume(session, generation_id, word.id, accepted.action)
            now = self._services.clock.now()
            stored = await append_all(session, row.session_id or "", generation_id, drafts, now)
        await publish_all(self._services.bus, row.session_id or "", stored)
        if accepted.action not in {"stale", "unclear"}:
            run = await self._runs.go_on(generation_id) if reopen else await self._runs.latest(generation_id)
            await self._delivery.redeliver(generation_id, run)
        return accepted

    async def redeliver(self, generation_id: str, run: str) -> None:
        """Wake a run for what it has not read yet."""
        await self._delivery.redeliver(generation_id, run)

    async def addressee(self, user_id: str, session_id: str) -> str:
        """Return the session's generation that waits for a word, else its newest. Raises NotFound."""
        async with self._services.reads() as session:
            await sessions.require(session, session_id, user_id=user_id)
            rows = await generations.in_session(session, session_id, user_id=user_id)
        if not rows:
            raise NotFound("This session has no ad yet.", hint="Start one first.")
        waiting = [row for row in rows if row.substage == "awaiting_approval"]
        if len(waiting) > 1:
            raise Conflict("Several ads wait for your word.", hint="Say which one: set generation_id.")
        return (waiting or rows)[0].id

    def _judge(self, gate: Gate | None, word: Heard, feedback: UserFeedback | None) -> tuple[Accepted, list[Draft]]:
        """Return what becomes of a word, and the events that tell it."""
        said = UserMessage(
            message_id=word.id, message=word.message, stage=word.stage, action=word.intent, scene_id=word.scene_id
        )
        drafts: list[Draft] = [("user_message", said)]
        action: Literal["stale", "unclear"] | SaidAction = word.intent
        message = ""
        if feedback is None:
            action, message = "unclear", word.question
        elif word.intent == "approve" and gate is not None and feedback.draft_digest != gate.draft_digest:
            action, message = "stale", STALE
        if action in {"stale", "unclear"}:
            told = FeedbackAcknowledged.model_validate({"message_id": word.id, "action": action, "message": message})
            drafts.append(("feedback_acknowledged", told))
        return Accepted(message_id=word.id, action=action, message=message), drafts


def _gate_for(row: Generation, stage: StageName) -> Gate | None:
    """Return the open gate of that stage; null when the gate was left and the word opens it again. Raises Conflict."""
    gate = documents.gate_of(row)
    if gate is not None and gate.stage == stage:
        return gate
    if gate is not None:
        raise Conflict(
            f"The {gate.stage} wait for your word, not the {stage.replace('_', ' ')}.",
            hint=f"Send it with stage {gate.stage!r}.",
        )
    left = phase_of(row.status, row.substage) == "stopped" and row.substage in {"expired", "cancelled"}
    gated = documents.request_of(row).interactive and stage in documents.config_of(row).gates
    if left and gated and row.current_stage == stage:
        return None
    raise Conflict(_nobody_waits(row, stage), hint="Your message was not stored; nothing was changed.")


def _nobody_waits(row: Generation, stage: str) -> str:
    phase = phase_of(row.status, row.substage)
    if phase in {"queued", "working"}:
        return f"Nothing waits for your word at the {stage.replace('_', ' ')} stage now: work is going on."
    if phase == "completed":
        return "This ad is finished: nothing waits for your word."
    return (
        f"Nothing waits for your word at the {stage.replace('_', ' ')} stage: the ad is {row.substage or row.status}."
    )


def _feedback(row: Generation, gate: Gate | None, word: Heard) -> UserFeedback | None:
    """Return the word as the run reads it, null when it is unclear. Raises InvalidInput."""
    if word.intent == "unclear":
        return None
    action, message, scene_id = word.intent, word.message.strip(), word.scene_id
    if scene_id is not None and word.intent in {"edit", "regenerate"}:
        _require_scene(row, word.stage, scene_id)
    if action == "edit" and word.stage == "story":
        named = "scene" in message.lower() or scene_id is None
        action, message = "refine", message if named else f"scene {scene_id}: {message}"
    if action == "edit" and scene_id is None:
        raise InvalidInput("Which scene? An edit names one.", hint="Set scene_id.")
    if action in {"refine", "edit"} and not message and word.change is None:
        raise InvalidInput("There is nothing in it to act on.", hint="Say what should change.")
    if action == "reorder":
        reorder(documents.scenes_of(row), word.order or [])
    return UserFeedback(
        id=word.id,
        stage=word.stage,
        action=action,
        message="" if action == "approve" else message,
        scene_id=scene_id,
        draft_digest=word.draft_digest or (gate.draft_digest if gate else ""),
        quote_digest=word.quote_digest or _free_quote(gate),
        change=word.change,
        order=word.order,
    )


def _free_quote(gate: Gate | None) -> str:
    """A price of nothing needs no naming; any other must be named by whoever accepts it."""
    return gate.quote.digest if gate and gate.quote and not gate.quote.total_usd else ""


def _require_scene(row: Generation, stage: str, scene_id: int) -> None:
    scenes: Sequence[Any] = documents.scenes_of(row)
    story = documents.story_of(row)
    require_scene(story.scenes if stage == "story" and story is not None else scenes, scene_id)


def _payload(feedback: UserFeedback | None, word: Heard) -> dict[str, Any]:
    if feedback is not None:
        return feedback.model_dump(mode="json")
    return {"id": word.id, "stage": word.stage, "action": "unclear", "message": word.message}
