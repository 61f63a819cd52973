"""What a language model answers to each prompt: shallow, every field required, null for unknown.

Lengths, joints and approvals are not asked of a model; app/providers/openai_text/ maps these answers to
the schemas the pipeline works with. Named by `output` in config/prompts/*.yaml.
Tests: tests/test_providers/test_openai_text/
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.schemas.base import Model
from app.schemas.story import Certainty, Framework, Tone
from app.schemas.unified_pipeline import AspectRatio, Layout, ReferenceType


class BriefAnswer(Model):
    """What a brief states about the ad's shape; null where it says nothing."""

    duration_s: float | None = Field(description="Length of the ad in seconds, if stated.")
    aspect_ratio: AspectRatio | None
    framework: Framework | None
    tone: Tone
    brand: str | None
    cta: str | None
    url: str | None = Field(description="Only if printed in the brief.")
    product: str | None = Field(description="The advertised thing in the user's words, at most six.")
    language: str = Field(description="BCP 47 tag of the brief's language; 'und' when unsure.")
    refusal: str | None = Field(description="Why no ad can be made and what to send instead; null otherwise.")


class CopyAnswer(Model):
    """The words on screen in one scene."""

    kicker: str | None = Field(max_length=60, description="Small line above the headline, often the brand.")
    headline: str = Field(max_length=90, description="2-5 words, 7 at most; empty on a pure picture scene.")
    support: str | None = Field(max_length=140, description="3-9 words under the headline.")
    items: list[str] = Field(max_length=5, description="3 to 5 stated benefits, or empty.")
    cta: str | None = Field(max_length=60, description="Call to action; last scene only.")
    url: str | None = Field(max_length=120, description="Exactly as given by the user; last scene only.")


class StorySceneAnswer(Model):
    """One beat of the story."""

    id: int = Field(description="1, 2, 3 ... in order.")
    beat: str = Field(description="Name of the framework's beat.")
    purpose: str = Field(description="What this scene does for the viewer, one clause.")
    copy_text: CopyAnswer
    visual: str = Field(min_length=1, description="What is seen, one or two sentences.")


class StoryAnswer(Model):
    """An ad's story as the director writes it."""

    title: str
    narrative: str = Field(min_length=1, description="The arc in two to four sentences, for display.")
    product: str | None = Field(description="The product phrase in the user's words; null when unsure.")
    brand: str | None
    audience: str | None
    tone: Tone
    certainty: Certainty
    kind: str | None = Field(description="Kind of thing (drinkware, service, event ...); null when unknown.")
    scenes: list[StorySceneAnswer] = Field(min_length=1, max_length=12)
    bpm: int = Field(ge=50, le=180, description="Pace of the music bed in beats a minute.")
    cta: str = Field(max_length=60, description="What the viewer is asked to do.")
    notes: list[str] = Field(description="What was left out or weakened, and why.")
    question: str | None = Field(description="The one question worth asking the user, or null.")


class IssueAnswer(Model):
    """One fault a critic found."""

    code: str = Field(description="Stable lower-case slug.")
    quote: str = Field(description="The offending text, copied exactly; empty only when something is missing.")
    message: str = Field(description="What is wrong and what would mend it.")
    scene_id: int | None
    severity: Literal["veto", "major", "minor"]


class CriterionAnswer(Model):
    """One criterion's score."""

    name: str
    score: float = Field(ge=0, le=10)


class CritiqueAnswer(Model):
    """A critic's verdict. Whether it approves is not asked: the configured threshold decides."""

    issues: list[IssueAnswer]
    criteria: list[CriterionAnswer]
    score: float = Field(ge=0, le=10)
    feedback: str


class SceneAnswer(Model):
    """One scene as its writer films it; length, beat and joints are planned without it."""

    description: str = Field(min_length=1, max_length=2000, description="The film prompt, 60 to 130 words.")
    copy_text: CopyAnswer
    layout: Layout
    references: list[ReferenceType] = Field(description="Which reference images appear in this shot.")
    camera: str = Field(description="The move in three to six words.")


class RepairAnswer(Model):
    """What changes in one scene; null stays as it is."""

    scene_id: int
    description: str | None = Field(max_length=2000)
    headline: str | None = Field(max_length=90)
    support: str | None = Field(max_length=140)


class CohesionAnswer(CritiqueAnswer):
    """The cohesor's verdict on all scenes as received, and its repairs."""

    repairs: list[RepairAnswer] = Field(description="Only scenes that change.")
    adjustments: list[str] = Field(description="Each change in one plain sentence with the scene's number.")


class VisionAnswer(Model):
    """What one image shows; null where it can't be seen."""

    character_description: str | None
    product_features: str | None
    colors: list[str] = Field(max_length=6, description="3 to 6 hex codes (#rrggbb), largest area first.")
    accent_colors: list[str] = Field(max_length=3, description="0 to 3 hex codes.")
    style: Literal["photorealistic", "illustrated", "3D render", "sketch", "flat graphic"] | None
    environment: str | None
    label: str | None = Field(description="What it shows in one to three words; null when unsure.")
    confidence: float = Field(ge=0, le=1)
    plain_background: bool | None


class IntentAnswer(Model):
    """What a message at an approval point asks for. It holds no approval: only the closed list of words approves."""

    reasoning: str = Field(description="One short sentence: which words made you choose.")
    intent: Literal["regenerate", "refine", "edit", "cancel", "unclear"]
    scene_id: int | None
    feedback: str
    confidence: float = Field(ge=0, le=1)
