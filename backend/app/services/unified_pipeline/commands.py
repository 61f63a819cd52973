"""Everything a user may do with a generation, for every door alike: HTTP, socket and command line.

Each command checks owner and state in the transaction that acts, commits rows and events together, and only then wakes
whoever must go on. A word at a gate goes through words.py. Made by app/container.py.
Tests: tests/test_integration/test_commands.py, tests/test_integration/test_state_machine.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import Conflict, InvalidInput
from app.db.models import Generation
from app.db.repositories import documents, generations
from app.kit.ids import new_id
from app.schemas.api import (
    Accepted,
    FeedbackBody,
    GenerateBody,
    GenerationSummary,
    SceneEdit,
    SceneRegenerate,
    Started,
)
from app.schemas.events import ScenesGenerated, SceneUpdated, StatusChanged
from app.schemas.unified_pipeline import Scene, StageName, Status, Substage
from app.services.unified_pipeline.rescue import cancel_jobs
from app.services.unified_pipeline.runs import Runs
from app.services.unified_pipeline.scene_changes import apply_change, reorder, require_scene, scene_digest
from app.services.unified_pipeline.snapshots import summary
from app.services.unified_pipeline.stage_context import Draft, PipelineServices, append_all, publish_all
from app.services.unified_pipeline.starts import Assets, Starts
from app.services.unified_pipeline.states import Action, allowed, phase_of
from app.services.unified_pipeline.words import Words

_STATE_WORDS = {
    "queued": "it has not begun yet",
    "working": "it is being worked on",
    "waiting": "it waits for your approval",
    "stopped": "it is stopped",
    "failed": "it failed and can be resumed",
    "completed": "it is finished",
}


class GenerationCommands:
    """What doors call; every method takes the user first, and another user's generation does not exist for them."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        runs: Runs,
        words: Words,
        services: PipelineServices,
        assets: Assets,
    ) -> None:
        self._sessions = sessions
        self._starts = Starts(sessions, runs, services, assets)
        self._runs = runs
        self._words = words
        self._services = services

    async def start(self, user_id: str, body: GenerateBody, *, idempotency_key: str | None = None) -> Started:
        """Accept a request: one generation, or several for several prompts or variants (see starts.py).

        Raises:
            InvalidInput: Something in it is not legal; nothing was stored.
            NotFound: The session is another user's.
            Conflict: The idempotency key was used for another request.
        """
        return await self._starts.start(user_id, body, idempotency_key=idempotency_key)

    async def say(self, user_id: str, generation_id: str, word: FeedbackBody) -> Accepted:
        """Take a user's word at a gate: stored, acknowledged, and read in its order (see words.py).

        Raises:
            NotFound: No such generation of this user.
            Conflict: Nobody waits for a word at that stage.
            InvalidInput: It names a scene that is not there, or an order that is none.
        """
        heard = await self._words.hear(user_id, generation_id, word)
        if heard.intent == "cancel" and not await self._waits(user_id, generation_id):
            await self.cancel(user_id, generation_id)
            return Accepted(message_id=word.id, action="cancel")
        return await self._words.take(user_id, generation_id, heard)

    async def _waits(self, user_id: str, generation_id: str) -> bool:
        async with self._services.reads() as session:
            return (await generations.require(session, generation_id, user_id=user_id)).gate is not None

    async def open_gate_of(self, user_id: str, session_id: str) -> str:
        """Return the generation that a message without an id speaks to. Raises NotFound or Conflict."""
        return await self._words.addressee(user_id, session_id)

    async def pause(self, user_id: str, generation_id: str) -> None:
        """Start nothing new; what runs is finished and kept. Raises NotFound, Conflict."""
        async with self._sessions.begin() as session:
            row = await self._may(session, user_id, generation_id, "pause")
            await generations.set_control(session, generation_id, "pause")
            message = "Pausing: what is running is finished first."
            stored = await self._tell(session, row, [_status(row, row.substage, message)])
        await self._publish(row, stored)

    async def cancel(self, user_id: str, generation_id: str) -> None:
        """Stop it as soon as possible; everything finished is kept, and a resume goes on. Raises NotFound, Conflict."""
        async with self._sessions.begin() as session:
            row = await self._may(session, user_id, generation_id, "cancel")
            gate = documents.gate_of(row)
            runs_now = phase_of(row.status, row.substage) == "working"
            if gate is None:
                stored = await self._cancel(session, row, runs_now=runs_now)
        if gate is not None:
            await self.say(user_id, generation_id, FeedbackBody(id=new_id(), stage=gate.stage, action="cancel"))
            return
        await self._publish(row, stored)
        if not runs_now:
            await cancel_jobs(self._services, generation_id)

    async def _cancel(self, session: AsyncSession, row: Generation, *, runs_now: bool) -> list[dict[str, object]]:
        """A working run sees the word within a second and says so itself; anything else is cancelled here and now."""
        await generations.set_control(session, row.id, "cancel")
        if runs_now:
            return await self._tell(session, row, [_status(row, row.substage, "Cancelling ...")])
        stage = cast("StageName | None", row.current_stage)
        await generations.set_status(session, row.id, cast("Status", row.status), "cancelled", stage)
        return await self._tell(session, row, [_status(row, "cancelled", "")])

    async def resume(self, user_id: str, generation_id: str) -> None:
        """Go on with what was paused, cancelled, interrupted or failed. Raises NotFound, Conflict."""
        async with self._sessions.begin() as session:
            row = await self._may(session, user_id, generation_id, "resume")
            working = phase_of(row.status, row.substage) in {"working", "queued"}
            if working:
                await generations.set_control(session, generation_id, None)
                stored = await self._tell(session, row, [_status(row, row.substage, "Not pausing after all.")])
        if working:
            await self._publish(row, stored)
            return
        run = await self._runs.go_on(generation_id)
        await self._words.redeliver(generation_id, run)

    async def restore(self, user_id: str, generation_id: str) -> GenerationSummary:
        """Take a deletion back, and return the row of the history with storage keys. Not deleted: nothing changes.

        A run that has stopped because of the deletion leaves it cancelled, to be resumed; one that has not goes on.

        Raises:
            NotFound: No such generation of this user, or it is erased.
        """
        async with self._sessions.begin() as session:
            row = await generations.restore(session, generation_id, user_id=user_id)
        if _is_busy(row) and await self._runs.is_over(row):
            await self._end(user_id, row)
        elif row.gate is not None:
            await self._words.redeliver(generation_id, await self._runs.latest(generation_id))
        async with self._services.reads() as session:
            row = await generations.require(session, generation_id, user_id=user_id)
            return summary(row, documents.poster_of(row))

    async def _end(self, user_id: str, ended: Generation) -> None:
        """Say that a generation nobody works on any more is cancelled, unless it has gone on meanwhile."""
        async with self._sessions.begin() as session:
            row = await generations.lock(session, ended.id, user_id=user_id)
            if row.run != ended.run or not _is_busy(row):
                return
            await generations.mark_cancelled(session, row.id)
            stored = await self._tell(session, row, [_status(row, "cancelled", "")])
        await self._publish(row, stored)

    async def retry_clip(self, user_id: str, generation_id: str, scene_id: int, *, new_take: bool = False) -> None:
        """Film one scene's clip again; no other clip is touched.

        Args:
            user_id: Who asks.
            generation_id: Which generation.
            scene_id: Which scene.
            new_take: Film it though it is fine, with another seed.

        Raises:
            NotFound: No such generation of this user.
            InvalidInput: No such scene.
            Conflict: It is not filmed yet, it is running, or the clip is fine and `new_take` is not set.
        """
        async with self._sessions.begin() as session:
            row = await self._may(session, user_id, generation_id, "retry_clip")
            scenes = documents.scenes_of(row)
            scene = require_scene(scenes, scene_id)
            clip = next((c for c in documents.video_clips_of(row) if c.scene_id == scene_id), None)
            stored: list[dict[str, object]] = []
            if clip is not None and clip.status == "complete" and not _is_stale(scene, clip.scene_digest):
                if not new_take:
                    hint = "Ask for a new take (new_take, --new-take) to film it again all the same."
                    raise Conflict(f"Clip {scene_id} is fine.", hint=hint)
                again = scene.model_copy(update={"variation": scene.variation + 1})
                scenes = [again if each.id == scene_id else each for each in scenes]
                await generations.save_scenes(session, generation_id, scenes)
                stored = await self._tell(session, row, [("scene_updated", SceneUpdated(scene=again))])
            missing = _missing(scenes, row)
        await self._publish(row, stored)
        only = [] if missing <= {scene_id} else [scene_id]
        await self._runs.go_on(generation_id, more={"start_at": "videos", "only": only})

    async def edit_scene(self, user_id: str, generation_id: str, scene_id: int, body: SceneEdit) -> None:
        """Put a person's own words into one scene: at the gate through the inbox, later at once.

        After the film was made only this scene's clip becomes stale. Free clips are filmed again by themselves; paid
        ones wait for `retry_clip`.

        Raises:
            NotFound, Conflict, InvalidInput: As above.
        """
        if not body.change.model_dump(exclude_none=True):
            raise InvalidInput("The change is empty.", hint="Give a description or a line of on-screen text.")
        async with self._sessions.begin() as session:
            row = await self._may(session, user_id, generation_id, "edit_scene")
            scenes = documents.scenes_of(row)
            require_scene(scenes, scene_id)
            waiting = documents.gate_of(row) is not None
            if not waiting:
                changed = apply_change(scenes, scene_id, body.change)
                stored = await self._save_scenes(session, row, changed, scene_id)
        if waiting:
            word = FeedbackBody(
                id=new_id(),
                stage="scenes",
                action="edit",
                scene_id=scene_id,
                change=body.change,
                draft_digest=body.draft_digest,
            )
            await self.say(user_id, generation_id, word)
            return
        await self._publish(row, stored)
        await self._redo_free(row)

    async def regenerate_scene(self, user_id: str, generation_id: str, scene_id: int, body: SceneRegenerate) -> None:
        """Have one scene written anew at the gate. Raises NotFound, Conflict, InvalidInput."""
        async with self._sessions.begin() as session:
            row = await self._may(session, user_id, generation_id, "regenerate_scene")
            require_scene(documents.scenes_of(row), scene_id)
        wish = body.instructions.strip()
        word = FeedbackBody(
            id=new_id(), stage="scenes", action="edit" if wish else "regenerate", scene_id=scene_id, message=wish
        )
        await self.say(user_id, generation_id, word)

    async def reorder_scenes(self, user_id: str, generation_id: str, order: list[int]) -> None:
        """Put the scenes into another order. Raises NotFound, Conflict, InvalidInput."""
        async with self._sessions.begin() as session:
            row = await self._may(session, user_id, generation_id, "reorder_scenes")
            ordered = reorder(documents.scenes_of(row), order)
            waiting = documents.gate_of(row) is not None
            if not waiting:
                stored = await self._save_scenes(session, row, ordered, None)
        if waiting:
            await self.say(
                user_id, generation_id, FeedbackBody(id=new_id(), stage="scenes", action="reorder", order=order)
            )
            return
        await self._publish(row, stored)
        await self._redo_free(row)

    async def _may(self, session: AsyncSession, user_id: str, generation_id: str, action: Action) -> Generation:
        """Return the locked row if the action is possible now. Raises NotFound, Conflict."""
        row = await generations.lock(session, generation_id, user_id=user_id)
        possible = allowed(row.status, row.substage, row.current_stage, row.control)
        if action not in possible:
            state = _STATE_WORDS[phase_of(row.status, row.substage)]
            listed = ", ".join(each.replace("_", " ") for each in possible) or "wait a moment"
            raise Conflict(f"Can't {action.replace('_', ' ')} now: {state}.", hint=f"Possible now: {listed}.")
        return row

    async def _save_scenes(
        self, session: AsyncSession, row: Generation, scenes: list[Scene], scene_id: int | None
    ) -> list[dict[str, object]]:
        await generations.save_scenes(session, row.id, scenes)
        if scene_id is None:
            return await self._tell(session, row, [("scenes_generated", ScenesGenerated(scenes=scenes))])
        return await self._tell(session, row, [("scene_updated", SceneUpdated(scene=require_scene(scenes, scene_id)))])

    async def _redo_free(self, row: Generation) -> None:
        """Film again what became stale, where that costs nothing and the film was made before."""
        config = documents.config_of(row)
        films = {config.providers.video, *config.clip_providers.values()}
        if row.status == "completed" and not any(self._services.costs_money(name) for name in films):
            await self._runs.go_on(row.id, more={"start_at": "videos"})

    async def _tell(self, session: AsyncSession, row: Generation, drafts: Sequence[Draft]) -> list[dict[str, object]]:
        return await append_all(session, row.session_id or "", row.id, drafts, self._services.clock.now())

    async def _publish(self, row: Generation, stored: list[dict[str, object]]) -> None:
        await publish_all(self._services.bus, row.session_id or "", stored)


def _status(row: Generation, substage: str | None, message: str) -> Draft:
    told = StatusChanged(
        status=cast("Status", row.status),
        substage=cast("Substage | None", substage),
        current_stage=cast("StageName | None", row.current_stage),
        message=message,
    )
    return ("status_changed", told)


def _is_busy(row: Generation) -> bool:
    return phase_of(row.status, row.substage) in {"queued", "working", "waiting"}


def _is_stale(scene: Scene, filmed_from: str) -> bool:
    return bool(filmed_from) and filmed_from != scene_digest(scene)


def _missing(scenes: Sequence[Scene], row: Generation) -> set[int]:
    """Return the scenes that have no clip of what they now are."""
    clips = {clip.scene_id: clip for clip in documents.video_clips_of(row) if clip.status == "complete"}
    return {s.id for s in scenes if s.id not in clips or _is_stale(s, clips[s.id].scene_digest)}
