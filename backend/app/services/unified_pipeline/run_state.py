"""What a run knows: the state the stages hand on, and the snapshot an earlier run left to adopt.

Used by orchestrator.py. Tests: tests/test_integration/test_pipeline_execution.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.db.models import Clip
from app.db.repositories import clips, documents, generations
from app.kit.ids import digest
from app.schemas.base import Model
from app.schemas.providers import BriefReading
from app.schemas.story import Story, StoryRound
from app.schemas.unified_pipeline import (
    AdPlan,
    ClipStatus,
    GenerationRequest,
    PipelineConfig,
    ReferenceImage,
    Scene,
    SceneChange,
    StageName,
    UserFeedback,
    VideoResult,
)
from app.services.unified_pipeline.ad_planner import plan_ad


class RunState(Model):
    """What the stages so far have made, and what the current one is asked for."""

    generation_id: str
    attempt: int = 1
    feedback: list[str] = Field(default_factory=list)
    scene_id: int | None = None
    change: SceneChange | None = None
    order: list[int] | None = None
    awaiting_approval: bool = False
    story: Story | None = None
    references: list[ReferenceImage] | None = None
    consistency_context: str = ""
    scenes: list[Scene] | None = None


class Wish(Model):
    """What a run that begins after the film is asked for: the newest remark last; null means all scenes."""

    scene_id: int | None = None
    feedback: list[str] = Field(default_factory=list)


class Filmed(Model):
    """What earlier runs made: the newest take's number a scene, its failure, and clips by "scene id:digest"."""

    takes: dict[int, int] = Field(default_factory=dict)
    kept: dict[str, VideoResult] = Field(default_factory=dict)
    failed: dict[int, VideoResult] = Field(default_factory=dict)

    @property
    def digests(self) -> frozenset[str]:
        """What need not be filmed again."""
        return frozenset(result.digest for result in self.kept.values())


class Snapshot(Model):
    """What a run starts from, read once and recorded: a later run adopts what an earlier one finished."""

    session_id: str
    user_id: str = ""
    request: GenerationRequest
    config: PipelineConfig
    plan: AdPlan | None = None
    reached: StageName | None = None
    state: RunState
    rounds: list[StoryRound] = Field(default_factory=list)
    filmed: Filmed = Filmed()


async def load_snapshot(reads: async_sessionmaker[AsyncSession], generation_id: str) -> Snapshot:
    """Read what a run starts from. Raises NotFound."""
    async with reads() as session:
        row = await generations.require(session, generation_id)
        takes = await clips.takes(session, generation_id)
    return Snapshot(
        session_id=row.session_id or "",
        user_id=row.user_id,
        request=documents.request_of(row),
        config=documents.config_of(row),
        plan=documents.plan_of(row),
        reached=cast("StageName | None", row.current_stage),
        state=RunState(
            generation_id=generation_id,
            story=documents.story_of(row),
            references=documents.references_of(row) or None,
            consistency_context=row.consistency_context or "",
            scenes=documents.scenes_of(row) or None,
        ),
        rounds=documents.rounds_of(row),
        filmed=_filmed(takes),
    )


def new_row(
    generation_id: str, session_id: str, user_id: str, request: GenerationRequest, config: PipelineConfig
) -> generations.NewGeneration:
    """Return the row a request starts with."""
    return generations.NewGeneration(
        id=generation_id,
        user_id=user_id,
        session_id=session_id,
        prompt=request.prompt,
        framework=request.framework,
        seed=request.seed,
        brand_assets=request.brand_assets,
        config=config,
        request=request,
    )


def unplanned(snapshot: Snapshot) -> AdPlan:
    """The shape a run has before its brief is read; only the seed matters until then."""
    return plan_ad(snapshot.request, BriefReading(), snapshot.config)


def first_attempt(state: RunState, *, gated: bool, wish: Wish | None, run: int) -> RunState:
    """Return the state a stage begins with; a wish makes it a further attempt at scenes that are there."""
    fresh = {"attempt": 1, "feedback": [], "scene_id": None, "change": None, "order": None}
    asked = {} if wish is None else {"attempt": run, **wish.model_dump()}
    return state.model_copy(update={**fresh, **asked, "awaiting_approval": gated})


def next_attempt(state: RunState, feedback: UserFeedback) -> RunState:
    """Return the state of the next draft, with what the user said."""
    said = [*state.feedback, feedback.message] if feedback.message else list(state.feedback)
    return state.model_copy(
        update={
            "attempt": state.attempt + 1,
            "feedback": said,
            "scene_id": feedback.scene_id if feedback.action in {"edit", "regenerate"} else None,
            "change": feedback.change if feedback.action == "edit" else None,
            "order": feedback.order if feedback.action == "reorder" else None,
        }
    )


def draft_digest(stage: StageName, state: RunState) -> str:
    """Return the digest by which a user's word names the current draft."""
    if stage == "story" and state.story is not None:
        return digest(state.story.model_dump(mode="json"))
    return digest([scene.model_dump(mode="json") for scene in state.scenes or []])


def _filmed(takes: Sequence[Clip]) -> Filmed:
    """Sort takes, oldest first, into what a run may adopt."""
    done = [clip for clip in takes if clip.status == "complete"]
    newest = {clip.clip_id: clip for clip in takes}
    return Filmed(
        takes={number: clip.take for number, clip in newest.items()},
        kept={f"{clip.clip_id}:{clip.digest}": _result(clip) for clip in done},
        failed={number: _result(clip) for number, clip in newest.items() if clip.status == "failed"},
    )


def _result(clip: Clip) -> VideoResult:
    return VideoResult(
        scene_id=clip.clip_id,
        clip_index=clip.clip_index,
        url=clip.storage_key,
        duration=clip.duration,
        status=cast("ClipStatus", clip.status),
        progress=100 if clip.status == "complete" else 0,
        error_code=clip.error_code,
        error_message=clip.error_message,
        digest=clip.digest,
        scene_digest=clip.scene_digest,
        provider=clip.provider,
    )
