"""The story as a typed document, and what a critic says of it. Prose exists only for display.

Made by services/agents/story_director.py through a text provider; read by the scene stage and the UI.
Tests: tests/test_services/test_story_stage.py
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.schemas.base import Model

Framework = Literal["AIDA", "PAS", "FAB", "BAB", "custom"]
Tone = Literal["neutral", "calm", "warm", "playful", "bold", "premium", "epic"]
Certainty = Literal[0, 1, 2, 3]
"""How sure the writer is of what the product is (0 unsure, 1 phrase, 2 kind, 3 known): caps what may be said."""


class Copy(Model):
    """The words on screen in one scene. Exactly what the viewer reads, spelled as the user spelled it."""

    kicker: str | None = Field(None, max_length=60, description="Small line above the headline, often the brand.")
    headline: str = Field("", max_length=90, description="2-5 words, 7 at most; empty on a pure picture scene.")
    support: str | None = Field(None, max_length=140, description="3-9 words under the headline.")
    items: list[str] = Field(default_factory=list, max_length=5, description="Lines of a list or beats layout.")
    cta: str | None = Field(None, max_length=60, description="Call to action; last scene only.")
    url: str | None = Field(None, max_length=120, description="Exactly as given by the user, never invented.")


class StoryScene(Model):
    """One beat of the story: what it is for, what is read and what is seen."""

    id: int = Field(ge=1, description="Stable 1-based id; the clip_id on the wire.")
    beat: str = Field(description="Name of the framework's beat, for example 'attention'.")
    purpose: str = Field(description="What this scene does for the viewer, one clause.")
    copy_text: Copy
    visual: str = Field(description="What is seen, one or two sentences, legal at the story's certainty.")
    duration: float = Field(gt=0, le=60, description="Seconds.")


class CallToAction(Model):
    """What the viewer is asked to do. `url` is only ever the user's own."""

    text: str
    brand: str | None = None
    url: str | None = None


class AudioPlan(Model):
    """The music bed. No voice is promised that nobody records."""

    mood: Tone = "neutral"
    bpm: int = Field(100, ge=50, le=180)


class Story(Model):
    """An ad's story: the contract between director, critic, scene writer and the user."""

    title: str
    framework: Framework
    narrative: str = Field(description="The arc in two to four sentences, for display.")
    product: str | None = Field(None, description="The product phrase in the user's words; null when unsure.")
    brand: str | None = None
    audience: str | None = None
    tone: Tone = "neutral"
    certainty: Certainty = 0
    kind: str | None = Field(None, description="Kind of thing (drinkware, service, event ...); null when unknown.")
    scenes: list[StoryScene] = Field(min_length=1, max_length=12)
    audio: AudioPlan = AudioPlan()
    cta: CallToAction
    notes: list[str] = Field(default_factory=list, description="What was degraded or left out, said plainly.")
    remarks_heard: int = Field(0, ge=0, description="How many of the user's remarks this draft has taken in.")
    question: str | None = Field(None, description="The one question worth asking the user, if any.")
    writer: str = Field(description="Who wrote it, for display: 'template copywriter' or a model id.")


class Issue(Model):
    """One fault a critic found. `quote` is the offending text, verbatim."""

    code: str = Field(description="Stable slug, for example 'repeated_word' or 'unstated_price'.")
    message: str
    quote: str = ""
    scene_id: int | None = None
    severity: Literal["veto", "major", "minor"] = "minor"


class Critique(Model):
    """A critic's verdict on a story or a scene. `score` is 0-10 (never a video score, which is 0-100)."""

    score: float = Field(ge=0, le=10)
    criteria: dict[str, float] = Field(default_factory=dict, description="Each 0-10.")
    issues: list[Issue] = Field(default_factory=list)
    feedback: str = ""
    approved: bool = False
    by_rules: bool = Field(
        default=False,
        description="Rules made it: a high score means that they found no fault, not that the text is good.",
    )

    @property
    def verdict(self) -> str:
        """What a person is shown of it: the faults that rules found, or the score of a critic that reads."""
        if not self.by_rules:
            return f"{self.score:.1f}/10"
        count = len(self.issues)
        return "no faults found" if not count else f"{count} remark{'s' if count > 1 else ''}"


class StoryRound(Model):
    """One Director-Critic round, kept for display and audit."""

    round: int = Field(ge=1)
    story: Story
    critique: Critique


class SceneRound(Model):
    """One Writer-Critic round of one scene."""

    round: int = Field(ge=1)
    description: str
    critique: Critique
