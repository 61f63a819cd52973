"""Every message on the wire, as one discriminated union each way (spec "WebSocket Interactive Communication").

Durable server events carry `seq`; transient ones (progress, text, heartbeat) carry null.
Documented in docs/reference/events.md (generated). Tests: tests/test_db/test_events.py
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from app.schemas.base import Model
from app.schemas.money_events import ChargeUnclear, CostUpdated, QuoteChanged
from app.schemas.score_events import VBenchScore
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import (
    ClipStatus,
    Quote,
    ReferenceImage,
    Scene,
    SceneChange,
    StageName,
    Status,
    Substage,
)


class Envelope(Model):
    """What every server event carries beside its payload."""

    generation_id: str | None = None
    seq: int | None = Field(None, description="Position in the session's log; null on transient events.")
    timestamp: datetime


class GenerationStarted(Model):
    """A request was accepted: the first event of every generation."""

    prompt: str
    interactive: bool
    assets_in_use: list[str] = Field(default_factory=list, description="Names of the user's own images (FR25).")
    variant: str = Field("", description="Label of the variant, empty when there is only one.")
    group_id: str | None = None


class UserMessage(Model):
    """What the user said or did at a gate, kept as part of the conversation."""

    message_id: str
    message: str = ""
    stage: StageName
    action: Literal["approve", "regenerate", "refine", "edit", "reorder", "cancel", "unclear"]
    scene_id: int | None = None


class StatusChanged(Model):
    """The generation moved on."""

    status: Status
    substage: Substage | None = None
    current_stage: StageName | None = None
    message: str = ""


class StoryGenerated(Model):
    """A story draft is ready."""

    story_text: str
    story: Story
    quality_score: float
    critique: Critique
    round: int = 1
    awaiting_approval: bool = False
    draft_digest: str = ""
    quote: Quote | None = Field(None, description="What its reference images cost; approving accepts it. Null: free.")


class ReferenceImagesReady(Model):
    """The references are chosen and analysed (AC-2.5)."""

    images: list[ReferenceImage]
    message: str = "Using these 3 reference images for visual consistency across all scenes"
    consistency_context: str = ""


class ScenesGenerated(Model):
    """All scenes are written and checked against each other."""

    scenes: list[Scene]
    awaiting_approval: bool = False
    draft_digest: str = ""
    cohesion: Critique | None = None
    adjustments: list[str] = Field(default_factory=list)
    quote: Quote | None = Field(None, description="What filming these scenes costs; approving accepts it.")


class SceneUpdated(Model):
    """One scene changed; its neighbours did not."""

    scene: Scene
    awaiting_approval: bool = False
    draft_digest: str = ""
    note: str = Field("", description="Said when the writer could not act on the request and nothing changed.")
    quote: Quote | None = None


class StoryboardReady(Model):
    """One still per scene: the animatic before the clips land."""

    stills: dict[int, str] = Field(description="Scene id to still.")


class VideoProgress(Model):
    """One clip's progress (AC-3.4). `estimated` is true where the provider reports none."""

    clip_id: int
    progress: int = Field(ge=0, le=100)
    status: ClipStatus
    estimated: bool = False


class VideoComplete(Model):
    """One clip is stored (AC-3.5)."""

    clip_id: int
    url: str
    duration: float
    scoring: bool = Field(default=False, description="A `vbench_score` of this clip will follow.")
    notes: list[str] = Field(default_factory=list, description="How it differs from what was asked, for people.")


class ClipFailed(Model):
    """One clip failed for good; the others go on (AC-3.7)."""

    clip_id: int
    clip_index: int
    code: str
    message: str
    hint: str = ""


class ProgressUpdate(Model):
    """Free progress of a stage, for people: a transient line, never a promise."""

    stage: StageName | Literal["stitching"]
    message: str
    fraction: float | None = Field(None, ge=0, le=1)


class TextChunk(Model):
    """One more sentence of the text being written."""

    stage: StageName
    text: str


class GenerationComplete(Model):
    """The final video is stored."""

    generation_id: str
    final_video_url: str
    overall_quality_score: float | None = None
    duration: float
    checks: list[str] = Field(default_factory=list, description="What the delivery check found, said plainly.")
    scoring: bool = Field(default=False, description="A `vbench_score` of the whole video will follow.")


class FeedbackAcknowledged(Model):
    """A user's message took effect, or did not and why."""

    message_id: str
    action: Literal["approve", "regenerate", "refine", "edit", "reorder", "cancel", "stale", "unclear"]
    message: str = ""


class MessageReceived(Model):
    """Sent to the sender alone: the message is stored (`duplicate`: it already was)."""

    message_id: str
    duplicate: bool = False


class Hello(Model):
    """The first message of every connection: where the log ends, and what is replayed before live events."""

    session_id: str
    last_seq: int
    resumed: bool = Field(description="True when `since` named a place in the log and what followed is replayed.")


class ErrorRaised(Model):
    """Something failed; what was kept is kept."""

    code: str
    message: str
    hint: str = ""
    stage: StageName | None = None
    retryable: bool = False
    message_id: str | None = Field(None, description="Of the client's message that was refused; null otherwise.")


class Heartbeat(Model):
    """Alive."""


class GenerationStartedEvent(Envelope):
    type: Literal["generation_started"] = "generation_started"
    payload: GenerationStarted


class UserMessageEvent(Envelope):
    type: Literal["user_message"] = "user_message"
    payload: UserMessage


class MessageReceivedEvent(Envelope):
    type: Literal["message_received"] = "message_received"
    payload: MessageReceived


class HelloEvent(Envelope):
    type: Literal["hello"] = "hello"
    payload: Hello


class StatusChangedEvent(Envelope):
    type: Literal["status_changed"] = "status_changed"
    payload: StatusChanged


class StoryGeneratedEvent(Envelope):
    type: Literal["story_generated"] = "story_generated"
    payload: StoryGenerated


class ReferenceImagesReadyEvent(Envelope):
    type: Literal["reference_images_ready"] = "reference_images_ready"
    payload: ReferenceImagesReady


class ScenesGeneratedEvent(Envelope):
    type: Literal["scenes_generated"] = "scenes_generated"
    payload: ScenesGenerated


class SceneUpdatedEvent(Envelope):
    type: Literal["scene_updated"] = "scene_updated"
    payload: SceneUpdated


class StoryboardReadyEvent(Envelope):
    type: Literal["storyboard_ready"] = "storyboard_ready"
    payload: StoryboardReady


class VideoProgressEvent(Envelope):
    type: Literal["video_progress"] = "video_progress"
    payload: VideoProgress


class VideoCompleteEvent(Envelope):
    type: Literal["video_complete"] = "video_complete"
    payload: VideoComplete


class ClipFailedEvent(Envelope):
    type: Literal["clip_failed"] = "clip_failed"
    payload: ClipFailed


class ProgressUpdateEvent(Envelope):
    type: Literal["progress_update"] = "progress_update"
    payload: ProgressUpdate


class TextChunkEvent(Envelope):
    type: Literal["text_chunk"] = "text_chunk"
    payload: TextChunk


class VBenchScoreEvent(Envelope):
    type: Literal["vbench_score"] = "vbench_score"
    payload: VBenchScore


class GenerationCompleteEvent(Envelope):
    type: Literal["generation_complete"] = "generation_complete"
    payload: GenerationComplete


class FeedbackAcknowledgedEvent(Envelope):
    type: Literal["feedback_acknowledged"] = "feedback_acknowledged"
    payload: FeedbackAcknowledged


class ErrorEvent(Envelope):
    type: Literal["error"] = "error"
    payload: ErrorRaised


class CostUpdatedEvent(Envelope):
    type: Literal["cost_updated"] = "cost_updated"
    payload: CostUpdated


class ChargeUnknownEvent(Envelope):
    type: Literal["charge_unknown"] = "charge_unknown"
    payload: ChargeUnclear


class QuoteChangedEvent(Envelope):
    type: Literal["quote_changed"] = "quote_changed"
    payload: QuoteChanged


class HeartbeatEvent(Envelope):
    type: Literal["heartbeat"] = "heartbeat"
    payload: Heartbeat = Heartbeat()


ServerEvent = Annotated[
    GenerationStartedEvent
    | UserMessageEvent
    | MessageReceivedEvent
    | HelloEvent
    | StatusChangedEvent
    | StoryGeneratedEvent
    | ReferenceImagesReadyEvent
    | ScenesGeneratedEvent
    | SceneUpdatedEvent
    | StoryboardReadyEvent
    | VideoProgressEvent
    | VideoCompleteEvent
    | ClipFailedEvent
    | ProgressUpdateEvent
    | TextChunkEvent
    | VBenchScoreEvent
    | GenerationCompleteEvent
    | FeedbackAcknowledgedEvent
    | ErrorEvent
    | CostUpdatedEvent
    | ChargeUnknownEvent
    | QuoteChangedEvent
    | HeartbeatEvent,
    Field(discriminator="type"),
]
TRANSIENT_TYPES = frozenset(
    {"video_progress", "progress_update", "text_chunk", "heartbeat", "message_received", "hello"}
)
SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(ServerEvent)


class FeedbackPayload(Model):
    """A user's words at a gate. `draft_digest` names the draft they speak of."""

    message: str = Field("", max_length=5000)
    stage: StageName
    scene_id: int | None = Field(None, ge=1, le=100)
    action: Literal["approve", "regenerate", "refine", "edit", "reorder", "cancel"] | None = Field(
        None, description="What a button said. Null: read from the words; an uncertain one is asked back."
    )
    change: SceneChange | None = None
    order: list[int] | None = Field(None, max_length=20)
    draft_digest: str = Field("", max_length=64, description="Empty: the draft that is open when the server reads it.")
    quote_digest: str = Field("", max_length=64)


class UserFeedbackMessage(Model):
    type: Literal["user_feedback"] = "user_feedback"
    id: str = Field(min_length=1, max_length=128)
    generation_id: str | None = None
    payload: FeedbackPayload
    timestamp: datetime | None = None


class PingMessage(Model):
    type: Literal["heartbeat"] = "heartbeat"
    id: str = Field("", max_length=128)


ClientMessage = Annotated[UserFeedbackMessage | PingMessage, Field(discriminator="type")]
CLIENT_MESSAGE: TypeAdapter[Any] = TypeAdapter(ClientMessage)
