"""What crosses the provider seam: typed tasks in, typed results out, with usage, cost and origin.

The seam is the task, not chat completion: an LLM adapter renders the task's YAML prompt, the local adapter
computes. Tests: tests/test_contracts/
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Generic, Literal, TypeVar

from pydantic import Field

from app.schemas.base import Model
from app.schemas.story import Critique, Framework, Story, Tone
from app.schemas.unified_pipeline import (
    AspectRatio,
    Consistency,
    FrameworkPlan,
    ReferenceImage,
    ReferenceType,
    Scene,
    StageName,
)

T = TypeVar("T")
CostSource = Literal["reported", "list_price", "estimate", "free"]
"""Where a cost comes from: the provider's own bill, our dated price list, an estimate, or local work."""
TaskName = Literal[
    "brief.reader",
    "story.director",
    "story.critic",
    "scene.writer",
    "scene.critic",
    "scene.cohesor",
    "vision.analyst",
    "chat.intent",
]


class Usage(Model):
    """Tokens, seconds or images a call used; zero for local work."""

    input_tokens: int = 0
    output_tokens: int = 0
    media_seconds: float = 0.0


class CallContext(Model):
    """Who asks, for what, and how much may be spent. Passed into every provider call."""

    generation_id: str
    step: str
    seed: int = 0
    attempt: int = 1
    idempotency_key: str = ""
    budget_left_usd: Decimal = Decimal(0)


class Result(Model, Generic[T]):
    """Every provider call returns this."""

    value: T
    provider: str
    model: str
    usage: Usage = Usage()
    cost_usd: Decimal = Decimal(0)
    cost_source: CostSource = "free"


class BriefInput(Model):
    """What the user said, untouched, plus what the flags said. Text here is data, never instructions."""

    prompt: str
    brand: str | None = None
    cta: str | None = None
    url: str | None = None
    framework: Framework | None = None
    framework_text: str | None = None
    has_product_photo: bool = False
    has_logo: bool = False
    has_character: bool = False


class BriefReading(Model):
    """What a brief says about the ad's shape; read by a text provider before planning. Null means unsaid."""

    duration_s: float | None = None
    aspect_ratio: AspectRatio | None = None
    framework: Framework | None = None
    tone: Tone = "neutral"
    brand: str | None = None
    cta: str | None = None
    url: str | None = None
    product: str | None = None
    language: str = Field("en", description="BCP 47 tag of the brief; 'und' when unsure.")
    refusal: str | None = Field(None, description="Why no ad can be written (for example no product at all).")


class DirectorInput(Model):
    """Write or rewrite the story."""

    brief: BriefInput
    framework: Framework
    framework_plan: FrameworkPlan
    scene_durations: list[float]
    tone: Tone = "neutral"
    feedback: list[str] = Field(default_factory=list, description="The user's words, oldest first.")
    previous: Story | None = None
    critique: Critique | None = None
    seed: int = 0
    hook: int = Field(
        0,
        ge=0,
        le=9,
        description="Which of the ranked openings to take; 0 is the best. Everything but the opening stays the same.",
    )


class StoryCriticInput(Model):
    """Judge a story against its brief."""

    brief: BriefInput
    framework_plan: FrameworkPlan
    story: Story


class SceneWriterInput(Model):
    """Write one scene of an approved story."""

    story: Story
    scene_id: int
    consistency_context: str
    references: list[ReferenceImage] = Field(default_factory=list)
    aspect_ratio: AspectRatio = "16:9"
    feedback: list[str] = Field(default_factory=list)
    previous: Scene | None = None
    critique: Critique | None = None
    neighbours: list[Scene] = Field(default_factory=list, description="Scenes already written, in order.")
    seed: int = 0


class SceneCriticInput(Model):
    """Judge one scene against the story and the references."""

    story: Story
    scene: Scene
    consistency_context: str


class CohesorInput(Model):
    """Check all scenes against each other."""

    story: Story
    scenes: list[Scene]
    consistency_context: str
    references: list[ReferenceImage] = Field(default_factory=list)


class Cohesion(Model):
    """The cohesor's verdict. `scenes` is the repaired list: same ids, same order, same durations."""

    critique: Critique
    scenes: list[Scene]
    adjustments: list[str] = Field(default_factory=list, description="What was changed, for display.")


class IntentInput(Model):
    """Say what a message at an approval point asks for. `draft` is what the user is looking at, in short."""

    message: str
    stage: StageName
    scene_count: int
    draft: str | None = None


class VisionInput(Model):
    """Analyse one image already decoded, checked and stored."""

    image_key: str
    expected_type: ReferenceType
    brief: BriefInput


class ImageRequest(Model):
    """Make one reference image."""

    type: ReferenceType
    prompt: str
    story: Story
    palette: list[str] = Field(default_factory=list, description="Hex colours to keep to, strongest first.")
    aspect_ratio: AspectRatio = "1:1"
    seed: int = 0
    ad_seed: int = Field(0, description="The same for all images of one ad, so that they choose the same colours.")
    scale: float = Field(
        1.0,
        gt=0,
        le=1,
        exclude_if=lambda scale: scale == 1,  # unsaid: an order's digest stays what it was
        description="Factor on the usual size; a small film needs no large pictures. Bought ones come as they are.",
    )
    reference_keys: list[str] = Field(
        default_factory=list, description="Storage keys of the user's own images, for models that can be shown some."
    )


PEOPLE_LABEL: Final = "CHARACTER APPEARANCE: "
SCENE_LABEL: Final = "SCENE: "
"""How two parts of a clip's prompt begin (AC-2.4, AC-3.3)."""


class VideoRequest(Model):
    """Make one clip. `prompt` is the AC-3.3 text; local rendering uses the typed fields beside it."""

    clip_id: int
    clip_index: int
    clip_count: int
    prompt: str
    scene: Scene
    references: list[ReferenceImage] = Field(default_factory=list)
    story_title: str = ""
    brand: str | None = None
    tone: Tone = "neutral"
    kind: str | None = None
    palette: list[str] = Field(default_factory=list)
    width: int
    height: int
    fps: int
    ad_seed: int
    seed: int


class RemoteTake(Model):
    """How a clip is ordered from a paid model. `first_frame_key` is filled in once the keyframe is bought."""

    aspect_ratio: str
    resolution: str | None = None
    audio: bool = False
    consistency: Consistency = "text"
    image_model: str = Field("", description="Makes the keyframe; empty when there is none.")
    first_frame_key: str | None = Field(None, description="Storage key of the picture the clip begins with.")


class VideoPlan(Model):
    """A request made legal for one model; every downgrade is said. `remote` is null for local work."""

    request: VideoRequest
    model: str
    render_duration_s: float
    trim_to_s: float
    downgrades: list[str] = Field(default_factory=list)
    remote: RemoteTake | None = None


class ImagePlan(Model):
    """An image request made legal for one paid model; every downgrade is said. A keyframe has no request."""

    request: ImageRequest | None = None
    model: str
    prompt: str
    aspect_ratio: str
    resolution: str | None = None
    reference_keys: list[str] = Field(default_factory=list, description="Storage keys of images the model is shown.")
    downgrades: list[str] = Field(default_factory=list)


class RemoteJob(Model):
    """A submitted job. Stored before the first poll, so that a restart finds it again. `clip_id` 0: not a clip."""

    id: str
    provider: str
    model: str
    clip_id: int = 0
    output_key: str


class JobState(Model):
    """One poll's answer. `progress` is measured (0-1) or null, never a timer.

    `cost_usd` is what an ended job cost, null while it is not known; a failed job may have cost something too.
    """

    cost_usd: Decimal | None = None
    cost_source: CostSource = "free"
    status: Literal["queued", "processing", "rendering", "complete", "failed"]
    progress: float | None = Field(None, ge=0, le=1)
    error_code: str | None = None
    error_message: str | None = None


class AudioRequest(Model):
    """Compose a music bed as long as the ad. `cuts` are the clip joints in seconds."""

    duration_s: float
    cuts: list[float] = Field(default_factory=list)
    mood: Tone = "neutral"
    bpm: int = 100
    seed: int = 0
