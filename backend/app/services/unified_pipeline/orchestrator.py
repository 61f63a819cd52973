"""The one pipeline: runs the stages in the order of the YAML, waits at the gates, keeps every result (AC-1.1).

UI, CLI and API are three faces of it. `generate` accepts a request, `run` is the durable workflow behind it.
Made by app/container.py. Tests: tests/test_services/test_orchestrator.py, tests/test_integration/
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import AdMintError, ConfigError, Interrupted, MediaError, OverCap
from app.db.models import Generation
from app.db.repositories import generations, sessions, users
from app.kit.ids import new_id
from app.kit.together import together
from app.ports.durable import Engine
from app.schemas.events import StatusChanged
from app.schemas.providers import VideoRequest
from app.schemas.story import Story
from app.schemas.unified_pipeline import (
    AdPlan,
    Gate,
    GenerationRequest,
    GenerationResponse,
    Quote,
    Scene,
    StageName,
    StageResult,
    Status,
    Substage,
    UserFeedback,
)
from app.services.unified_pipeline import (
    buying,
    filming,
    reference_stage,
    run_endings,
    scene_stage,
    story_stage,
    storyboard,
    video_stage,
)
from app.services.unified_pipeline.ad_planner import plan_ad
from app.services.unified_pipeline.approval import Approval
from app.services.unified_pipeline.run_context import context_of
from app.services.unified_pipeline.run_state import (
    RunState,
    Snapshot,
    draft_digest,
    first_attempt,
    load_snapshot,
    next_attempt,
)
from app.services.unified_pipeline.runs import Runs
from app.services.unified_pipeline.stage_context import (
    Draft,
    PipelineServices,
    StageContext,
    append_all,
    publish_all,
)
from app.services.unified_pipeline.states import STATUS_OF, stopped_as

log = logging.getLogger(__name__)


class PipelineOrchestrator:
    """Coordinates story, references, scenes and videos for any number of generations at once."""

    def __init__(
        self,
        services: PipelineServices,
        engine: Engine,
        sessions_factory: async_sessionmaker[AsyncSession],
        reads: async_sessionmaker[AsyncSession],
    ) -> None:
        self._services = services
        self._sessions = sessions_factory
        self._reads = reads
        self._runs = Runs(sessions_factory, engine, services)
        self._open_runs: dict[str, StageContext] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._stages: dict[StageName, Callable[[StageContext, RunState], Awaitable[StageResult]]] = {
            "story": self._story,
            "reference_images": self._references,
            "scenes": self._scenes,
            "videos": self._videos,
        }

    # -- the spec's three interfaces -----------------------------------------------------------------------------------

    async def generate(self, request: GenerationRequest, *, pipeline: str = "default") -> GenerationResponse:
        """Store the local user's request and queue its run; returns at once.

        Args:
            request: The user's request; its `config` overrides single settings.
            pipeline: Name or path of the pipeline's YAML. A path is for doors on this machine only, never for a client.

        Raises:
            InvalidInput: An override that is not legal.
            ConfigError: The pipeline's YAML is wrong, or names a provider that does not exist.
        """
        order = self._runs.prepare(request, pipeline=pipeline)
        async with self._sessions.begin() as session:
            user = await users.ensure_local_user(session)
            session_id = request.session_id or new_id()
            await sessions.ensure(session, session_id, user.id)
            await self._runs.insert(session, user.id, session_id, order)
        await self._runs.enqueue(order.generation_id)
        return GenerationResponse(
            generation_id=order.generation_id, session_id=session_id, websocket_url=f"/ws/{session_id}"
        )

    async def execute_stage(self, stage_name: str, inputs: dict[str, Any]) -> StageResult:
        """Run one stage of an open run.

        Args:
            stage_name: One of the pipeline's stages.
            inputs: A RunState as a dict; `generation_id` names the run.

        Raises:
            ConfigError: No such stage.
            AdMintError: What the stage raised; finished work is stored.
        """
        state = RunState.model_validate(inputs)
        for known, body in self._stages.items():
            if known == stage_name:
                ctx = self._open_runs[state.generation_id]
                ctx.stage = known
                return await body(ctx, state)
        raise ConfigError(f"There is no stage {stage_name!r}.", hint=f"Stages: {', '.join(self._stages)}.")

    async def wait_for_approval(self, session_id: str, stage: str, *, hours: float = 24) -> UserFeedback:
        """Wait, across restarts, for the user's word on a stage; action `timeout` when `hours` have passed."""
        message = await self._services.durable.receive(stage, hours * 3600)
        if message is None:
            log.info("approval timed out", extra={"session_id": session_id, "stage": stage})
            return UserFeedback.model_validate({"id": new_id(), "stage": stage, "action": "timeout"})
        return UserFeedback.model_validate(message)

    # -- the workflow -----------------------------------------------------------------------------------------------

    async def run(self, argument: dict[str, Any]) -> dict[str, Any]:
        """The workflow behind one generation. Raises what made it fail, after recording it."""
        ctx = await self._open(argument)
        try:
            await self._awake(ctx)
            await self._plan(ctx)
            return await self._run_stages(ctx)
        except Interrupted:
            await self._stop(ctx)
            raise
        except OverCap as error:
            await run_endings.hold(ctx, error)
            raise
        except AdMintError as error:
            await run_endings.fail(ctx, error)
            raise
        except Exception as error:
            log.exception("run broke", extra={"generation_id": ctx.generation_id})
            broken = AdMintError("Something unexpected went wrong.", hint="What is finished is kept: resume it.")
            await run_endings.fail(ctx, broken)
            raise broken from error
        finally:
            self._open_runs.pop(ctx.generation_id, None)
            self._snapshots.pop(ctx.generation_id, None)

    async def run_reference(self, argument: dict[str, Any]) -> dict[str, Any]:
        """The child workflow of one reference image."""
        ctx = context_of(argument, await load_snapshot(self._reads, argument["generation_id"]), self._services)
        ctx.stage = "reference_images"
        ctx.start_clock(ctx.config.timeouts.reference_images)
        pick = reference_stage.Pick(argument["type"], argument["key"])
        story = Story.model_validate(argument["story"])
        made = await reference_stage.make_reference(ctx, story, pick, argument["number"], argument["palette"])
        return made.model_dump(mode="json")

    async def run_clip(self, argument: dict[str, Any]) -> dict[str, Any]:
        """The child workflow of one clip."""
        snapshot = await load_snapshot(self._reads, argument["generation_id"])
        ctx = context_of(argument, snapshot, self._services)
        request = VideoRequest.model_validate(argument["request"])
        waited = argument.get("waited", False)
        return (await video_stage.film_clip(ctx, request, argument["take"], waited=waited)).model_dump(mode="json")

    async def _run_stages(self, ctx: StageContext) -> dict[str, Any]:
        state = self._snapshots[ctx.generation_id].state
        for stage in ctx.config.order:
            if ctx.leaves_out(stage, self._snapshots[ctx.generation_id].reached):
                continue
            await ctx.obey("pause", "cancel")
            await self._announce(ctx, f"{stage}.begin", STATUS_OF[stage], stage=stage)
            state = await self._run_stage(ctx, stage, state)
        await self._announce(ctx, "run.complete", "completed")
        return {"generation_id": ctx.generation_id}

    async def _run_stage(self, ctx: StageContext, stage: StageName, state: RunState) -> RunState:
        wish = ctx.wish if stage == "scenes" else None
        gated = ctx.request.interactive and stage in ctx.config.gates and getattr(ctx.config.stages, stage)
        gated = gated and wish is None
        state = first_attempt(state, gated=gated, wish=wish, run=ctx.run)
        while True:
            ctx.start_clock(getattr(ctx.config.timeouts, stage))
            result = await self.execute_stage(stage, state.model_dump())
            state = state.model_copy(update=result.outputs)
            if not gated:
                return state
            feedback = await self._gate(ctx, stage, state)
            if feedback.action == "approve":
                return state
            state = next_attempt(state, feedback)

    async def _gate(self, ctx: StageContext, stage: StageName, state: RunState) -> UserFeedback:
        """Open the gate on the current draft and return the word that closes it."""
        quote: Quote | None = None
        if stage == "scenes" and state.scenes and ctx.config.stages.videos:
            quote = filming.quote_for(ctx, _film(state, state.scenes), ctx.kept)
        elif stage == "story" and state.story is not None and not state.references:
            quote = reference_stage.quote_references(ctx, state.story)
        gate = Gate(stage=stage, draft_digest=draft_digest(stage, state), quote=quote)
        name = f"{stage}.gate.{state.attempt}"

        async def wait(hours: float) -> UserFeedback:
            return await self.wait_for_approval(ctx.session_id, stage, hours=hours)

        return await Approval(ctx, gate, name, STATUS_OF[stage]).pass_through(wait)

    # -- stages -------------------------------------------------------------------------------------------------------

    async def _story(self, ctx: StageContext, state: RunState) -> StageResult:
        task = story_stage.StoryTask(
            attempt=state.attempt,
            feedback=state.feedback,
            previous=state.story if state.feedback else None,
            awaiting_approval=state.awaiting_approval,
            quote=None if state.references else lambda story: reference_stage.quote_references(ctx, story),
        )
        if state.story is not None and not state.feedback and state.attempt == 1:
            rounds = self._snapshots[ctx.generation_id].rounds
            best = next(each for each in rounds if each.story == state.story)
            await story_stage.announce_story(ctx, task, best, rounds)
            return StageResult(stage="story", outputs={"story": state.story}, skipped=True)
        best = await story_stage.write_story(ctx, task)
        return StageResult(stage="story", outputs={"story": best.story})

    async def _references(self, ctx: StageContext, state: RunState) -> StageResult:
        assert state.story is not None
        references, context = await reference_stage.make_references(ctx, state.story)
        return StageResult(stage="reference_images", outputs={"references": references, "consistency_context": context})

    async def _scenes(self, ctx: StageContext, state: RunState) -> StageResult:
        assert state.story is not None
        task = scene_stage.SceneTask(
            story=state.story,
            references=state.references or [],
            consistency_context=state.consistency_context,
            attempt=state.attempt,
            feedback=state.feedback,
            previous=state.scenes or [],
            scene_id=state.scene_id,
            change=state.change,
            order=state.order,
            awaiting_approval=state.awaiting_approval,
        )
        if state.scenes is not None and not state.feedback and state.attempt == 1:
            await scene_stage.announce_scenes(ctx, task, state.scenes, None)
            return StageResult(stage="scenes", outputs={"scenes": state.scenes}, skipped=True)
        scenes = await scene_stage.write_scenes(ctx, task)
        if state.awaiting_approval or not ctx.config.stages.videos:
            await storyboard.draw_storyboard(ctx, _film(state, scenes), state.attempt)
        return StageResult(stage="scenes", outputs={"scenes": scenes})

    async def _videos(self, ctx: StageContext, state: RunState) -> StageResult:
        assert state.story is not None
        assert state.scenes is not None
        if not ctx.config.stages.videos:
            return StageResult(stage="videos", skipped=True)
        film, filmed = _film(state, state.scenes), self._snapshots[ctx.generation_id].filmed
        await buying.admit_clips(ctx, film, video_stage.to_film(ctx, film, filmed, ctx.only))
        done: list[Any] = await together(  # one recorded step among children that record nothing here
            video_stage.compose_bed(ctx, film), video_stage.film_all(ctx, film, filmed, ctx.only)
        )
        bed, results = done
        while not ctx.only and any(result.status == "queued" for result in results):
            await ctx.obey("pause", "cancel")
            results = await video_stage.film_all(ctx, film, filmed)
        failed = [result for result in results if result.status != "complete"]
        if failed:
            run_endings.stop_for_money(failed)
            names = ", ".join(str(result.scene_id) for result in failed)
            raise MediaError(
                f"Clip {names} of {len(results)} failed: {failed[0].error_message or 'it was not filmed yet'}",
                hint="The others are kept. `admint resume` makes only what is missing.",
            )
        await storyboard.collect_posters(ctx, results)
        await self._announce(ctx, "stitch.begin", "videos", "stitching", stage="videos")
        await video_stage.finish_film(ctx, film, results, bed)
        return StageResult(stage="videos")

    # -- bookkeeping ---------------------------------------------------------------------------------------------------

    async def _open(self, argument: dict[str, Any]) -> StageContext:
        """Load what earlier runs kept and register the run."""
        generation_id, run = argument["generation_id"], argument["run"]

        async def load() -> dict[str, Any]:
            return (await load_snapshot(self._reads, generation_id)).model_dump(mode="json")

        snapshot = Snapshot.model_validate(await self._services.durable.step("run.load", load))
        ctx = context_of(argument, snapshot, self._services)
        self._open_runs[generation_id], self._snapshots[generation_id] = ctx, snapshot
        log.info("run opened", extra={"generation_id": generation_id, "run": run})
        return ctx

    async def _plan(self, ctx: StageContext) -> None:
        """Plan the ad, if no earlier run has."""
        snapshot = self._snapshots[ctx.generation_id]
        if snapshot.plan is not None:
            return

        async def read() -> AdPlan:
            await ctx.providers.check()
            reading = await ctx.providers.text.read_brief(ctx.brief, ctx.call("brief"))
            return plan_ad(snapshot.request, reading.value, snapshot.config, ctx.providers.video.lengths_s)

        ctx.plan = await ctx.step("run.plan", AdPlan, read)

        async def write(session: AsyncSession) -> list[Draft]:
            await generations.save_plan(session, ctx.generation_id, ctx.plan)
            return []

        await ctx.record("run.planned", write)

    async def _announce(
        self,
        ctx: StageContext,
        step: str,
        status: Status,
        substage: Substage | None = None,
        stage: StageName | None = None,
    ) -> None:
        async def write(session: AsyncSession) -> list[Draft]:
            await generations.set_status(session, ctx.generation_id, status, substage=substage, current_stage=stage)
            return [("status_changed", StatusChanged(status=status, substage=substage, current_stage=stage))]

        await ctx.record(step, write)

    async def _stop(self, ctx: StageContext) -> None:
        """Say that the user's pause or cancel has taken effect; never leave it looking busy."""
        words: dict[str | None, Substage] = {"pause": "paused", "cancel": "cancelled"}
        await self._restate(ctx, lambda row: words.get(row.control) or stopped_as(row.substage))

    async def _awake(self, ctx: StageContext) -> None:
        """Say where a run stands that goes on after an interruption: replaying its recorded steps says nothing."""

        def standing(row: Generation) -> Substage | None:
            if row.substage != "interrupted":
                return cast("Substage | None", row.substage)
            return None if row.gate is None else "awaiting_approval"

        await self._restate(ctx, standing)

    async def _restate(self, ctx: StageContext, substage_of: Callable[[Generation], Substage | None]) -> None:
        """Move the substage of this run's generation. Not a recorded step: the next command may take it back."""
        async with self._sessions.begin() as session:
            row = await generations.lock(session, ctx.generation_id)
            substage = substage_of(row)
            if row.run != ctx.run or row.substage == substage:
                return
            status, stage = cast("Status", row.status), cast("StageName | None", row.current_stage)
            await generations.set_status(session, ctx.generation_id, status, substage, stage)
            told = StatusChanged(status=status, substage=substage, current_stage=stage)
            now = self._services.clock.now()
            stored = await append_all(session, ctx.session_id, ctx.generation_id, [("status_changed", told)], now)
        await publish_all(self._services.bus, ctx.session_id, stored)


def _film(state: RunState, scenes: list[Scene]) -> filming.Film:
    assert state.story is not None
    return filming.Film(state.story, scenes, state.references or [], state.consistency_context)
