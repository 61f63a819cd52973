"""What HTTP takes and gives: request bodies, snapshots, pages and the two envelopes (spec "APIs and Interfaces").

Requests are strict: no unknown key, no coercion. Every address on the wire is signed; storage keys stay inside.
Used by app/api and by the CLI as a client. Tests: tests/test_api/
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field

from app.schemas.base import Model
from app.schemas.events import FeedbackPayload, ServerEvent
from app.schemas.money import CallView, Spending
from app.schemas.score_events import VBenchScore
from app.schemas.story import Framework, Story, StoryRound
from app.schemas.unified_pipeline import (
    AdPlan,
    AspectRatio,
    BrandAssets,
    Gate,
    ReferenceImage,
    Scene,
    SceneChange,
    StageName,
    Status,
    Substage,
    Variant,
    VideoClip,
)

T = TypeVar("T")
ErrorDetails = dict[str, Any]


class Body(Model):
    """A request body: a string is never taken for a number, an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_serialization_defaults_required=True)


class Success(Model, Generic[T]):
    """What every successful call answers."""

    data: T
    status: Literal["success"] = "success"
    message: str | None = None


class Pagination(Model):
    """`next_cursor` is null on the last page."""

    next_cursor: str | None = None
    has_more: bool = False
    limit: int


class PageOf(Model, Generic[T]):
    """One page of a list."""

    data: list[T]
    pagination: Pagination
    status: Literal["success"] = "success"


class ErrorBody(Model):
    """What went wrong. `message` is for people, `hint` the next step, `code` is stable (docs/reference/errors.md)."""

    code: str
    message: str
    hint: str = ""
    details: ErrorDetails | None = None


class Failure(Model):
    """What every failed call answers."""

    error: ErrorBody
    status: Literal["error"] = "error"


def _percent(value: float) -> float:
    """The spec's request says 0.8 where the configuration says 80."""
    return value * 100 if value <= 1 else value


Threshold = Annotated[float, Field(ge=0, le=100), AfterValidator(_percent)]


class ConfigBody(Body):
    """The spec's `config` object, and single settings by dotted name."""

    parallel_variants: int = Field(1, ge=1, le=9)
    quality_threshold: Threshold | None = Field(None, description="0-1 or 0-100; the score that counts as good.")
    enable_vbench: bool | None = None
    overrides: dict[str, Any] = Field(
        default_factory=dict, description="Settings of docs/reference/configuration.md by dotted name."
    )


class GenerateBody(Body):
    """`POST /api/v2/generate`. One of `prompt` and `prompts` (several ads at once, FR46)."""

    prompt: str | None = Field(None, max_length=5000)
    prompts: list[Annotated[str, Field(min_length=1, max_length=5000)]] = Field(default_factory=list, max_length=10)
    framework: Framework | None = None
    framework_text: str | None = Field(None, max_length=2000)
    brand_assets: BrandAssets = Field(default=BrandAssets(), description="Ids or keys of your own assets.")
    brand: str | None = Field(None, max_length=60)
    cta: str | None = Field(None, max_length=60)
    url: str | None = Field(None, max_length=120)
    duration_s: float | None = Field(None, ge=2, le=60)
    aspect_ratio: AspectRatio | None = None
    seed: int | None = Field(None, ge=0, le=2**31 - 1)
    config: ConfigBody = ConfigBody()
    interactive: bool = True
    session_id: str | None = Field(None, min_length=1, max_length=64, pattern=r"^[!-~]+$")
    variants: list[Variant] = Field(default_factory=list, max_length=9)
    budget_usd: float | None = Field(
        None, ge=0, le=10_000, description="The most each ad may spend, in US dollars. Null: what the server allows."
    )


class Started(Model):
    """The answer to an accepted request (spec, 202). `generations` names all of several."""

    generation_id: str
    session_id: str
    websocket_url: str
    status: Status = "pending"
    group_id: str | None = None
    generations: list[str] = Field(default_factory=list)


class WordsAfter(Body):
    """Words said when the ad on screen is finished."""

    message: str = Field(min_length=1, max_length=5000)


class Reading(Model):
    """What words after the film speak of. `unsure`: let the person choose. `question` is what to ask before acting."""

    about: Literal["this", "new", "unsure"]
    scene_id: int | None = Field(None, description="The scene to change; null for all of them.")
    question: str = ""


class GenerationSummary(Model):
    """One row of the history list."""

    id: str
    session_id: str | None
    group_id: str | None
    title: str | None
    prompt: str
    status: Status
    substage: Substage | None
    current_stage: StageName | None
    framework: str | None
    story_quality_score: float | None
    overall_quality_score: float | None
    favourite: bool
    tags: list[str]
    version: int
    has_video: bool
    thumbnail_url: str | None = None
    variant: str = ""
    error_code: str | None = None
    error_message: str | None = None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class ClipState(VideoClip):
    """A clip on the wire: `url` is signed; `freshness` is derived from the digests of its inputs."""

    poster_url: str | None = None
    freshness: Literal["current", "stale", "missing", "blocked"] = "missing"


class GenerationSnapshot(GenerationSummary):
    """Everything about one generation: what a client that was away needs to draw the screen (`last_seq` to follow)."""

    last_seq: int = 0
    brand_assets: BrandAssets = BrandAssets()
    assets_in_use: list[str] = Field(default_factory=list, description="Names of the caller's own images (FR25).")
    story_text: str | None = None
    story: Story | None = None
    story_rounds: list[StoryRound] = Field(default_factory=list)
    reference_images: list[ReferenceImage] = Field(default_factory=list)
    consistency_context: str | None = None
    scenes: list[Scene] = Field(default_factory=list)
    storyboard: dict[int, str] = Field(default_factory=dict)
    video_clips: list[ClipState] = Field(default_factory=list)
    final_video_url: str | None = None
    scores: list[VBenchScore] = Field(
        default_factory=list, description="Of the clips and the film shown here, the film's last (`clip_id` null)."
    )
    scoring: list[int | None] = Field(
        default_factory=list, description="Scene ids whose clip's score is still to land; null: the film's."
    )
    gate: Gate | None = None
    actions: list[str] = Field(default_factory=list, description="What may be done now, e.g. approve, pause, retry.")
    plan: AdPlan | None = None
    request: dict[str, Any] = Field(default_factory=dict, description="The request as it was accepted.")
    config: dict[str, Any] = Field(default_factory=dict)
    spending: Spending = Spending()
    charges_unknown: list[CallView] = Field(
        default_factory=list, description="Paid calls that may have been charged: the user decides on each."
    )


class SessionSnapshot(Model):
    """A conversation as it stands, for a client that comes back: draw it, then follow the log from `last_seq`.

    `conversation` holds the session's newest 500 stored events in order, so what is older is only in the generations.
    """

    session_id: str
    last_seq: int
    generations: list[GenerationSnapshot] = Field(default_factory=list)
    conversation: list[ServerEvent] = Field(default_factory=list)
    created_at: datetime
    last_seen: datetime


class GenerationEdit(Body):
    """`PATCH /api/generations/{id}`: only what is given changes."""

    title: str | None = Field(None, max_length=200)
    favourite: bool | None = None
    tags: list[Annotated[str, Field(min_length=1, max_length=40)]] | None = Field(None, max_length=20)
    version: int | None = Field(None, ge=1, description="The version you saw; another one meanwhile is a conflict.")


class SceneEdit(Body):
    """`PATCH …/scenes/{scene_id}`: your own words, taken as they are."""

    change: SceneChange
    draft_digest: str = Field("", max_length=64)


class SceneRegenerate(Body):
    """`POST …/scenes/{scene_id}/regenerate`: written anew, with a wish if there is one."""

    instructions: str = Field("", max_length=2000)


class SceneOrder(Body):
    """`POST …/scenes/order`: every scene id once."""

    order: list[int] = Field(min_length=1, max_length=20)


class ClipRetry(Body):
    """`POST …/clips/{scene_id}/retry`. A clip that is fine is filmed again only when `new_take` says so."""

    new_take: bool = False


class CapBody(Body):
    """`POST …/cap`: the most this ad may spend from now on, all it has spent included. An ad that waits goes on."""

    cap_usd: float = Field(ge=0, le=10_000)


class ChargeBody(Body):
    """`POST …/charges/{call_id}`: a call nobody knows the charge of. `retry` may pay it a second time."""

    decision: Literal["retry", "give_up"]


class UpgradeBody(Body):
    """`POST …/upgrade`: have only these scenes filmed by `provider`; `quote_digest` names the price it accepts."""

    scene_ids: list[int] = Field(min_length=1, max_length=20)
    provider: str = Field(min_length=1, max_length=50)
    quote_digest: str = Field("", max_length=64)
    cap_usd: float | None = Field(None, ge=0, le=10_000, description="Raises the ad's cap with the same click.")


class FeedbackBody(FeedbackPayload):
    """`POST …/feedback`: what the socket's `user_feedback` does, for clients that poll. One `id` has one effect."""

    model_config = Body.model_config

    id: str = Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")


class Accepted(Model):
    """What became of a user's word: stored and on its way, or asked back."""

    message_id: str
    action: Literal["approve", "regenerate", "refine", "edit", "reorder", "cancel", "stale", "unclear"]
    duplicate: bool = False
    message: str = Field("", description="What is asked back when `unclear`, or why it had no effect.")


AssetKind = Literal["product", "logo", "character"]
ASSET_NAME_LENGTH = 120
ASSET_TAG_LENGTH = 40
ASSET_TAGS = 20


class AssetView(Model):
    """One image of the caller's library. `url` is signed and shows the stored copy, whose size in pixels this is."""

    id: str
    kind: AssetKind
    name: str
    tags: list[str]
    url: str
    media_type: str
    width: int
    height: int
    size_bytes: int = Field(description="Of the file as it was uploaded; counts towards the 50 MB of a generation.")
    use_count: int = Field(description="Requests for ads it was used in.")
    created_at: datetime


class AssetEdit(Body):
    """`PATCH /api/assets/{id}`: only what is given changes; `tags` replaces all of them."""

    name: str | None = Field(None, min_length=1, max_length=ASSET_NAME_LENGTH)
    tags: list[Annotated[str, Field(min_length=1, max_length=ASSET_TAG_LENGTH)]] | None = Field(
        None, max_length=ASSET_TAGS
    )


class GroupSummary(Model):
    """One group of variants in the list; `winner_id` is null while none is picked."""

    id: str
    title: str
    winner_id: str | None
    members: int
    completed: int
    created_at: datetime


class GroupMember(GenerationSummary):
    """One variant beside the others: its scores, its video and where it differs from the first."""

    label: str = Field(description="Told apart within the group.")
    hook: int = 0
    pacing: Literal["calm", "standard", "fast"] | None = None
    duration_s: float | None = None
    scene_count: int = 0
    final_video_url: str | None = None
    differs_in: list[int] | None = Field(
        None, description="Ids of scenes that are not the first member's; null until both are written."
    )
    shares_clips: list[int] = Field(default_factory=list, description="Ids of scenes whose clip is the first member's.")
    winner: bool = False


class GroupView(GroupSummary):
    """A group side by side (FR48), in the order its ads were asked for."""

    variants: list[GroupMember]


class WinnerBody(Body):
    """`POST /api/groups/{id}/winner`; null takes the mark back."""

    generation_id: str | None = Field(max_length=64)
