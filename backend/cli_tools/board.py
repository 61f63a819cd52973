"""What one ad looks like from outside while it is made: a plain value that server events are folded into.

Fed by cli_tools/studio.py, drawn by cli_tools/views.py. No I/O. Tests: tests/test_cli/test_board.py
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Literal

from app.schemas import events as wire
from app.schemas.score_events import VBenchScore
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import ClipStatus, Quote, ReferenceImage, Scene, StageName, Status, Substage

Milestone = Literal[
    "story", "references", "scenes", "scene", "storyboard", "clip", "stitching", "final", "ack", "score", "error"
]
_MIN_FRACTION = 0.08


@dataclass
class Clip:
    """One clip's bar; `progress` 0-100, `estimated` where the provider reports none."""

    scene_id: int
    status: ClipStatus = "queued"
    progress: int = 0
    estimated: bool = False
    message: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class Board:
    """Everything to be shown of one ad."""

    prompt: str
    status: Status = "pending"
    substage: Substage | None = None
    stage: StageName | None = None
    story: Story | None = None
    critique: Critique | None = None
    rounds: int = 0
    references: list[ReferenceImage] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)
    cohesion: Critique | None = None
    changed_scene: int | None = None
    unheard: str = ""
    clips: dict[int, Clip] = field(default_factory=dict)
    last_clip: Clip | None = None
    drafts: dict[StageName, str] = field(default_factory=dict)
    quotes: dict[StageName, Quote | None] = field(default_factory=dict)
    gated: bool = False
    writing: str = ""
    final: wire.GenerationComplete | None = None
    error: wire.ErrorRaised | None = None
    ack: wire.FeedbackAcknowledged | None = None
    scores: dict[int | None, VBenchScore] = field(default_factory=dict)
    clips_began: float | None = None
    fraction_before: float = 0.0

    @property
    def at_gate(self) -> StageName | None:
        """The stage that waits for a word from the user, if one does."""
        return self.stage if self.substage == "awaiting_approval" else None

    @property
    def is_scoring(self) -> bool:
        """True while the film is there and its score, which comes after its clips', is not."""
        return self.final is not None and self.final.scoring and None not in self.scores

    @property
    def fraction(self) -> float:
        """How much of all clips is done, 0-1, by length."""
        total = sum(scene.duration for scene in self.scenes)
        done = sum(s.duration * self.clips[s.id].progress for s in self.scenes if s.id in self.clips)
        return done / (100 * total) if total else 0.0

    def seconds_left(self, now: float | None = None) -> float | None:
        """Time the clips still need at the pace so far; null while that is a guess."""
        made = self.fraction - self.fraction_before
        if self.clips_began is None or made < _MIN_FRACTION or self.fraction >= 1:
            return None
        passed = (time.monotonic() if now is None else now) - self.clips_began
        return passed * (1 - self.fraction) / made

    def apply(self, event: wire.ServerEvent) -> Milestone | None:
        """Fold one event in; return what of note happened."""
        return self._fold(event.payload)

    @singledispatchmethod
    def _fold(self, payload: object) -> Milestone | None:
        return None

    @_fold.register
    def _(self, payload: wire.StatusChanged) -> Milestone | None:
        began = payload.substage == "stitching" and self.substage != "stitching"
        self.status, self.substage, self.stage = payload.status, payload.substage, payload.current_stage
        self.writing = ""
        if payload.status != "failed":
            self.error = None
        return "stitching" if began else None

    @_fold.register
    def _(self, payload: wire.StoryGenerated) -> Milestone:
        self.story, self.critique, self.rounds = payload.story, payload.critique, payload.round
        self.drafts["story"], self.gated = payload.draft_digest, payload.awaiting_approval
        self.quotes["story"] = payload.quote
        self.writing = ""
        return "story"

    @_fold.register
    def _(self, payload: wire.ReferenceImagesReady) -> Milestone:
        self.references = payload.images
        return "references"

    @_fold.register
    def _(self, payload: wire.ScenesGenerated) -> Milestone:
        self.scenes, self.cohesion, self.changed_scene = payload.scenes, payload.cohesion, None
        self.unheard = next((each for each in payload.adjustments if each.startswith("Nothing changed")), "")
        self.drafts["scenes"], self.gated = payload.draft_digest, payload.awaiting_approval
        self.quotes["scenes"] = payload.quote
        return "scenes"

    @_fold.register
    def _(self, payload: wire.SceneUpdated) -> Milestone:
        self.scenes = [payload.scene if scene.id == payload.scene.id else scene for scene in self.scenes]
        self.drafts["scenes"], self.gated = payload.draft_digest, payload.awaiting_approval
        self.quotes["scenes"] = payload.quote
        self.changed_scene, self.unheard = (None if payload.note else payload.scene.id), payload.note
        return "scene"

    @_fold.register
    def _(self, payload: wire.StoryboardReady) -> Milestone:
        for scene in self.scenes:
            self.clips.setdefault(scene.id, Clip(scene.id))
        return "storyboard"

    @_fold.register
    def _(self, payload: wire.VideoProgress) -> None:
        clip = self._clip(payload.clip_id)
        if payload.status in {"processing", "rendering"} and self.clips_began is None:
            self.clips_began, self.fraction_before = time.monotonic(), self.fraction
        if clip.status != "complete":
            clip.progress, clip.estimated = payload.progress, payload.estimated
            # Complete is said by `video_complete` alone: until then the clip is rendered, but not stored.
            clip.status = "rendering" if payload.status == "complete" else payload.status

    @_fold.register
    def _(self, payload: wire.VideoComplete) -> Milestone:
        clip = self.last_clip = self._clip(payload.clip_id)
        clip.status, clip.progress, clip.notes = "complete", 100, payload.notes
        self.scores.pop(payload.clip_id, None)
        return "clip"

    @_fold.register
    def _(self, payload: wire.ClipFailed) -> Milestone:
        clip = self.last_clip = self._clip(payload.clip_id)
        clip.status, clip.message = "failed", payload.message
        return "clip"

    @_fold.register
    def _(self, payload: wire.TextChunk) -> None:
        self.writing = payload.text

    @_fold.register
    def _(self, payload: VBenchScore) -> Milestone:
        self.scores[payload.clip_id] = payload
        return "score"

    @_fold.register
    def _(self, payload: wire.GenerationComplete) -> Milestone:
        self.final = payload
        self.scores.pop(None, None)
        return "final"

    @_fold.register
    def _(self, payload: wire.FeedbackAcknowledged) -> Milestone:
        self.ack = payload
        if payload.action == "stale":
            self.substage = "awaiting_approval"
        return "ack"

    @_fold.register
    def _(self, payload: wire.ErrorRaised) -> Milestone:
        self.error = payload
        return "error"

    def _clip(self, scene_id: int) -> Clip:
        return self.clips.setdefault(scene_id, Clip(scene_id))
