"""What the server says of itself and of who is signed in, and what clients need to draw settings.

Used by app/api. Tests: tests/test_api/
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from app.schemas.api import AssetKind
from app.schemas.base import Model
from app.schemas.events import ServerEvent
from app.schemas.story import Framework
from app.schemas.unified_pipeline import AspectRatio, StageFlags, StageName

Health = Literal["healthy", "degraded", "unhealthy"]


class UserView(Model):
    """A person, as they see themselves."""

    id: str
    name: str
    email: str | None = None
    is_local: bool


class SignedIn(Model):
    """Who is signed in."""

    user: UserView


class Removed(Model):
    """How many things were removed."""

    count: int


class Done(Model):
    """A command was taken; what comes of it is told by events and the snapshot."""

    generation_id: str
    accepted: Literal[True] = True


class EventLog(Model):
    """Durable events in order. `last_seq` is where the session's log ends; `has_more`: ask again from the last one."""

    session_id: str
    events: list[ServerEvent]
    last_seq: int
    has_more: bool


class BackgroundTasks(Model):
    """Work waiting and being done: ads and scores together, and of these the scores."""

    status: Health
    pending_count: int
    processing_count: int
    scores_pending_count: int = 0
    scores_processing_count: int = 0


class HealthChecks(Model):
    """`redis` is `disabled` where none is configured."""

    database: Health
    redis: Health | Literal["disabled"]
    background_tasks: BackgroundTasks
    disk_space: Health


class HealthReport(Model):
    """The spec's `GET /health`."""

    status: Health
    checks: HealthChecks
    timestamp: datetime


class Alive(Model):
    """The process answers."""

    status: Literal["healthy"] = "healthy"


Task = Literal["text", "vision", "image", "video", "audio"]


class ProviderFace(Model):
    """What a person should know of a provider before using it."""

    label: str
    local: bool = Field(description="Works on this machine: nothing leaves it.")
    costs_money: bool


class ProviderInUse(ProviderFace):
    """The provider behind one task, unless a request names another."""

    task: Task
    name: str = Field(description="As the setting `providers.<task>` takes it.")


class ModelOffer(Model):
    """A model a paid provider films or draws with. `usd` is its highest list price at the usual resolution."""

    id: str = Field(description="As the setting `models.<task>` takes it.")
    task: Literal["image", "video"]
    label: str
    usd: Decimal
    per: Literal["image", "second"]
    source: str = Field(description="Who says so, and when that was read.")
    note: str = ""


class ProviderOffer(ProviderFace):
    """A provider a request may name. Keys live in the server's environment and are never shown."""

    name: str = Field(description="As the setting `providers.<task>` takes it.")
    tasks: list[Task]
    key: Literal["none", "set", "missing"] = Field(description="none: it needs no key.")
    key_variable: str | None = None
    models: list[ModelOffer] = Field(default_factory=list)


class FrameworkChoice(Model):
    """One story framework to choose from."""

    name: Framework
    label: str
    guidance: str
    beats: list[str]


class Range(Model):
    """The least and the greatest legal value, both included; null: no such bound."""

    min: float | None = None
    max: float | None = None


class StudioDefaults(Model):
    """What a request gets that says nothing else; each is a setting of docs/reference/configuration.md by its name."""

    duration_s: float
    aspect_ratio: AspectRatio
    fps: int
    scene_count: int | None
    framework: Framework
    order: list[StageName]
    stages: StageFlags
    gates: list[StageName]
    approval_timeout_h: float
    story_max_iterations: int
    scene_max_iterations: int
    story_threshold: float
    scene_threshold: float
    cohesion_threshold: float
    video_parallel: bool
    video_max_concurrent: int
    vbench_enabled: bool
    vbench_threshold_good: float
    vbench_threshold_acceptable: float


class StudioLimits(Model):
    """What is refused beyond these. Lengths are characters, sizes bytes."""

    prompt: int
    brand: int
    cta: int
    url: int
    framework_text: int
    message: int = Field(description="One word to the copywriter.")
    prompts: int = Field(description="Prompts in one request.")
    variants: int
    file_bytes: int
    total_bytes: int = Field(description="Of one upload, and of all images of one ad.")
    images: int = Field(description="In one upload, and in one ad.")
    asset_kinds: list[AssetKind]
    media_types: list[str]
    generations_per_hour: int | None = Field(description="Null where this machine's one user works.")


class ScorerFace(Model):
    """Who scores finished videos."""

    name: str
    version: str


class StudioView(Model):
    """What a client needs to draw settings honestly. `ranges` has the numbers among `defaults`, by their names."""

    version: str
    providers: list[ProviderInUse]
    offers: list[ProviderOffer] = Field(description="Every provider there is, the free one first.")
    cap_usd: Decimal = Field(description="The most an ad may spend that names no cap of its own.")
    models: dict[Literal["image", "video"], str] = Field(description="The model each task gets that names none.")
    frameworks: list[FrameworkChoice]
    defaults: StudioDefaults
    ranges: dict[str, Range]
    frame_sizes: dict[AspectRatio, tuple[int, int]] = Field(description="Width and height in pixels.")
    limits: StudioLimits
    scorer: ScorerFace | None = Field(None, description="Null: no scorer is installed, so no video gets a score.")
