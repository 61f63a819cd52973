"""The pipeline's own nouns: requests, scenes, references, clips and configuration (spec "Data Models").

Used by every floor above; no I/O. Tests: tests/test_schemas/test_unified_pipeline.py
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from app.schemas.base import Model
from app.schemas.story import Copy, Framework, SceneRound, Tone

AspectRatio = Literal["16:9", "9:16", "1:1"]
StageName = Literal["story", "reference_images", "scenes", "videos"]
Status = Literal["pending", "story", "references", "scenes", "videos", "completed", "failed"]
Substage = Literal[
    "awaiting_approval", "paused", "over_cap", "needs_retry", "interrupted", "cancelled", "expired", "stitching"
]
ReferenceType = Literal["product", "character", "logo", "environment"]
ClipStatus = Literal["queued", "processing", "rendering", "complete", "failed"]
Layout = Literal["hero-split", "full-bleed", "framed-photo", "type-beats", "stack-list", "titlecard", "logo-close"]
Consistency = Literal["keyframe", "references", "text"]
Transition = Literal["hard-cut", "velocity-cut", "zoom-through", "blur-through", "overexpose", "dip"]

FRAME_SIZES: dict[str, tuple[int, int]] = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (1080, 1080)}
"""Pixels (width, height) of each legal aspect ratio at standard size."""


class BrandAssets(Model):
    """Storage keys (or local paths, at the CLI) of the caller's own images."""

    product_images: list[str] = Field(default_factory=list)
    logo: str | None = None
    character_images: list[str] = Field(default_factory=list)


class ReferenceImageAnalysis(Model):
    """What vision found in one image. Null means unknown; nothing is ever guessed (AC-2.2)."""

    character_description: str | None = None
    product_features: str | None = None
    colors: list[str] = Field(default_factory=list, description="Dominant hex colours, canvas excluded.")
    accent_colors: list[str] = Field(default_factory=list)
    style: str | None = None
    environment: str | None = None
    label: str | None = Field(None, description="What it shows, only above the safe threshold.")
    confidence: float | None = Field(None, ge=0, le=1)
    width: int | None = None
    height: int | None = None
    has_alpha: bool | None = None
    plain_background: bool | None = Field(None, description="True when the border is one even colour.")
    sharpness: float | None = Field(None, description="Variance of the Laplacian on a 512 px copy.")
    analyst: str = "local vision"


class ReferenceImage(Model):
    """One reference image. `url` is a storage key inside, a signed URL on the wire."""

    url: str
    type: ReferenceType
    source: Literal["uploaded", "generated"] = "generated"
    alt: str = ""
    digest: str = Field("", description="SHA-256 of the stored bytes.")
    analysis: ReferenceImageAnalysis = ReferenceImageAnalysis()


class Scene(Model):
    """One scene, ready to be filmed or rendered."""

    id: int = Field(ge=1)
    description: str
    duration: float = Field(gt=0, le=60, description="Seconds.")
    quality_score: float | None = Field(None, ge=0, le=10)
    beat: str = ""
    copy_text: Copy = Copy()
    layout: Layout = "titlecard"
    references: list[ReferenceType] = Field(default_factory=list, description="Which references appear in it.")
    camera: str = ""
    transition_in: Transition = "hard-cut"
    transition_out: Transition = "hard-cut"
    variation: int = Field(0, ge=0, description="Raised when another take of an approved scene is asked for.")
    rounds: list[SceneRound] = Field(default_factory=list)
    unheard: list[str] = Field(
        default_factory=list, description="Words of the last wish that its writer could not act on, as they were said."
    )

    @property
    def verdict(self) -> str:
        """What a person is shown of the critic's judgement; empty when there is none."""
        if self.quality_score is None:
            return ""
        best = max((each.critique for each in self.rounds), key=lambda each: each.score, default=None)
        return best.verdict if best is not None else f"{self.quality_score:.1f}/10"


class VideoClip(Model):
    """One clip's current state. `progress` is frames done over frames planned, 0-100."""

    scene_id: int
    clip_index: int = 0
    url: str | None = None
    duration: float | None = None
    status: ClipStatus = "queued"
    progress: int = Field(0, ge=0, le=100)
    error_code: str | None = None
    error_message: str | None = None
    digest: str = ""
    scene_digest: str = Field("", description="Of the scene it was filmed from: another one now means stale.")
    provider: str = ""
    notes: list[str] = Field(default_factory=list, description="How it differs from what was asked, for people.")


class VideoResult(VideoClip):
    """What `generate_all_videos_parallel` returns for each scene, in scene order."""


class StageFlags(Model):
    """Which stages run. What each one being off means: docs/how-to/change-the-pipeline.md."""

    story: bool = True
    reference_images: bool = True
    scenes: bool = True
    videos: bool = True


class StageTimeouts(Model):
    """Seconds a stage may work, think time at a gate excluded."""

    story: float = Field(120, gt=0)
    reference_images: float = Field(180, gt=0)
    scenes: float = Field(180, gt=0)
    videos: float = Field(600, gt=0)


class ProviderChoice(Model):
    """Registry name of the provider behind each task."""

    text: str = "local"
    vision: str = "local"
    image: str = "local"
    video: str = "local"
    audio: str = "local"


class ModelChoice(Model):
    """Which models of paid providers do the work, and how. Local providers ignore it. Ids: app/config/models.yaml."""

    text: str = Field("gpt-6-luna", min_length=1, max_length=200)
    vision: str = Field("gpt-6-luna", min_length=1, max_length=200)
    fallback: Literal["none", "local"] = Field(
        "none", description="What writes and looks when the text or vision provider fails: nothing, or AdMint's own."
    )
    image: str = "google/nano-banana-pro"
    image_resolution: str = Field("1K", description="Taken where the model offers it; 1K is enough for a 720p clip.")
    video: str = "google/veo-3.1-fast"
    video_resolution: str = Field("720p", description="Taken where the model offers it.")
    video_sound: bool = Field(default=False, description="Keep the clips' own sound under the music; may cost more.")
    consistency: Consistency = Field(
        "keyframe", description="keyframe: a picture made of the references opens each clip; references; or text only."
    )


class FrameworkPlan(Model):
    """A story framework as data: its beats, in order. The planner fits them to the scene count."""

    label: str
    beats: list[str] = Field(min_length=2, max_length=8)
    guidance: str


class Pacing(Model):
    """How a length is cut into scenes: near `target_scene_s` each, `usual_scenes` if each lasts `min_scene_s`."""

    target_scene_s: float = Field(6, ge=1, le=30)
    min_scene_s: float = Field(3, ge=1, le=30)
    usual_scenes: int = Field(4, ge=1, le=10, description="Enough for a whole framework.")
    min_scenes: int = Field(2, ge=1, le=10)
    max_scenes: int = Field(10, ge=1, le=10)


class Pacings(Model):
    """What a variant can ask for instead of the configured pacing (FR45)."""

    calm: Pacing = Pacing(target_scene_s=8, min_scene_s=4, usual_scenes=3, min_scenes=2, max_scenes=8)
    fast: Pacing = Pacing(target_scene_s=4, min_scene_s=2, usual_scenes=5, min_scenes=3, max_scenes=10)


class PipelineConfig(Model):
    """Every setting of a run; snapshotted into the generation (AC-1.3, AC-1.4)."""

    pipeline_name: str = "default"
    order: list[StageName] = Field(default_factory=list, description="Order of the stages; comes from the YAML.")
    stages: StageFlags = StageFlags()
    gates: list[StageName] = Field(default_factory=list, description="Stages that wait for approval; from the YAML.")
    timeouts: StageTimeouts = StageTimeouts()
    approval_timeout_h: float = Field(24, gt=0, le=24 * 30)
    story_max_iterations: int = Field(3, ge=1, le=10)
    scene_max_iterations: int = Field(2, ge=1, le=10)
    story_threshold: float = Field(8.0, ge=0, le=10)
    scene_threshold: float = Field(8.0, ge=0, le=10)
    cohesion_threshold: float = Field(8.0, ge=0, le=10)
    video_parallel: bool = True
    video_max_concurrent: int = Field(5, ge=1, le=10)
    vbench_enabled: bool = True
    vbench_threshold_good: float = Field(80.0, ge=0, le=100)
    vbench_threshold_acceptable: float = Field(60.0, ge=0, le=100)
    duration_s: float = Field(30, ge=2, le=60, description="Used when neither the request nor the prompt says.")
    scene_count: int | None = Field(None, ge=1, le=10, description="Null: planned from the duration.")
    pacing: Pacing = Pacing()
    pacings: Pacings = Pacings()
    aspect_ratio: AspectRatio = "16:9"
    fps: int = Field(30, ge=10, le=60)
    frame_scale: float = Field(1.0, gt=0, le=2, description="Factor on the standard frame size.")
    framework: Framework = "AIDA"
    framework_text: str | None = Field(None, max_length=2000, description="Beats of a custom framework.")
    frameworks: dict[Literal["AIDA", "PAS", "FAB", "BAB", "custom"], FrameworkPlan] = Field(default_factory=dict)
    providers: ProviderChoice = ProviderChoice()
    models: ModelChoice = ModelChoice()
    clip_providers: dict[str, str] = Field(
        default_factory=dict,
        description="Scene id to the video provider of its clip, where it is not `providers.video`.",
    )
    budget_usd: float | None = Field(
        None, ge=0, le=10_000, description="The most this ad may spend, in US dollars. Null: ADMINT_CAP_USD."
    )
    generations_per_hour: int = Field(10, ge=1)

    @model_validator(mode="after")
    def _check_order_and_thresholds(self) -> PipelineConfig:
        if self.order and sorted(self.order) != sorted(get_args(StageName)):
            raise ValueError(f"order must name each of these once: {', '.join(sorted(get_args(StageName)))}")
        if self.vbench_threshold_acceptable > self.vbench_threshold_good:
            raise ValueError("vbench_threshold_acceptable must not be above vbench_threshold_good")
        return self


class Variant(Model):
    """What sets one variant of a prompt apart from its siblings (FR45). Null keeps what the request says."""

    label: str = Field("", max_length=40)
    hook: int = Field(0, ge=0, le=9, description="Which of the ranked openings; 0 is the best.")
    framework: Framework | None = None
    pacing: Literal["calm", "standard", "fast"] | None = None


class GenerationRequest(Model):
    """A user's request, from CLI or API, after parsing. Everything optional stays unknown, never invented."""

    prompt: str = Field(min_length=1, max_length=5000)
    framework: Framework | None = None
    framework_text: str | None = Field(None, max_length=2000)
    brand_assets: BrandAssets = BrandAssets()
    brand: str | None = Field(None, max_length=60)
    cta: str | None = Field(None, max_length=60)
    url: str | None = Field(None, max_length=120)
    duration_s: float | None = Field(None, ge=2, le=60)
    aspect_ratio: AspectRatio | None = None
    seed: int | None = Field(None, ge=0, le=2**31 - 1)
    config: dict[str, Any] = Field(default_factory=dict, description="Dotted overrides of PipelineConfig.")
    interactive: bool = False
    session_id: str | None = None
    variant: Variant | None = None

    @field_validator("url")
    @classmethod
    def _url_is_an_address(cls, value: str | None) -> str | None:
        if value is None or re.fullmatch(r"(https?://)?[\w-]+(\.[\w-]+)+(:\d+)?(/\S*)?", value.strip()):
            return None if value is None else value.strip()
        raise ValueError("the address needs a domain, for example yourshop.com or https://yourshop.com/new")

    @field_validator("prompt")
    @classmethod
    def _prompt_says_something(cls, value: str) -> str:
        text = value.replace("\x00", "").strip()
        if not text:
            raise ValueError("the prompt is empty: write one sentence about what you sell")
        return text


class GenerationResponse(Model):
    """The answer to an accepted request (spec, 202)."""

    generation_id: str
    session_id: str
    websocket_url: str
    status: Status = "pending"


class SceneChange(Model):
    """What a person writes into one scene themselves; what is null stays as it is."""

    description: str | None = Field(None, min_length=1, max_length=2000)
    kicker: str | None = Field(None, max_length=60)
    headline: str | None = Field(None, max_length=90)
    support: str | None = Field(None, max_length=140)
    items: list[Annotated[str, Field(max_length=90)]] | None = Field(None, max_length=5)
    cta: str | None = Field(None, max_length=60)
    url: str | None = Field(None, max_length=120)


class QuoteItem(Model):
    """The price of one clip, or of one reference image (`clip_id` 0, `seconds` 0)."""

    clip_id: int
    provider: str
    seconds: float
    usd: Decimal
    model: str = ""
    notes: list[str] = Field(default_factory=list, description="How it will differ from what was asked, for people.")


class Quote(Model):
    """What going on will cost, said before it does (US dollars). `digest` names exactly this offer.

    `total_usd` is the worst list price of one take each: what is expected, and what is reserved before anything is
    bought. `worst_usd` is the most it can become without asking again: a clip that a content policy refuses is ordered
    once more in plainer words, and the refused one may be charged. The caps hold for both.
    """

    total_usd: Decimal = Decimal(0)
    worst_usd: Decimal = Decimal(0)
    items: list[QuoteItem] = Field(default_factory=list)
    digest: str = ""


class Gate(Model):
    """An open approval point: what an approval must name to count."""

    stage: StageName
    draft_digest: str
    quote: Quote | None = None


class StageResult(Model):
    """What a stage hands to the orchestrator."""

    stage: StageName
    outputs: dict[str, Any] = Field(default_factory=dict)
    skipped: bool = False


class UserFeedback(Model):
    """What came out of a gate."""

    id: str
    stage: StageName
    action: Literal["approve", "regenerate", "refine", "edit", "reorder", "cancel", "timeout"]
    message: str = ""
    scene_id: int | None = None
    draft_digest: str = Field("", description="The draft it speaks of; approving an outdated one has no effect.")
    quote_digest: str = Field("", description="The price it accepts; approving an outdated one has no effect.")
    change: SceneChange | None = Field(None, description="With edit: the person's own words, taken as they are.")
    order: list[int] | None = Field(None, description="With reorder: every scene id once, in the new order.")


class AdPlan(Model):
    """The planned shape of the ad: data from here on, never re-parsed from prose."""

    duration_s: float = Field(gt=0)
    scene_durations: list[float] = Field(min_length=1, max_length=12)
    aspect_ratio: AspectRatio
    width: int
    height: int
    fps: int
    framework: Framework
    tone: Tone = "neutral"
    seed: int
