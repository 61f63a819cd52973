"""Helpers of these tests: plans, tasks and a whole local ad in one call."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import yaml

from app.providers.local_text.adapter import LocalTextModel
from app.schemas.providers import (
    BriefInput,
    CallContext,
    CohesorInput,
    DirectorInput,
    SceneCriticInput,
    SceneWriterInput,
    StoryCriticInput,
)
from app.schemas.story import Critique, Framework, Story
from app.schemas.unified_pipeline import FrameworkPlan, ReferenceImage, ReferenceImageAnalysis, Scene

SIX = (
    "Create a 30-second ad for eco-friendly water bottle",
    "20-second spot for a folding kayak that fits in a hatchback, brand Tarn, for people without a garage, dry",
    "Bee swarm removal, same day, 40 dollars off in June, calm tone",
    "Rosin for hurdy-gurdies, made in small tins, doesn't squeak",
    "Athletic shoe ad",
    "Launch video for Lumen, an app that turns meeting notes into tasks, 15 seconds, playful, url lumen.app",
)
BEATS: dict[str, list[str]] = {
    "AIDA": ["attention", "interest", "desire", "action"],
    "PAS": ["problem", "agitate", "solution", "action"],
    "FAB": ["feature", "advantage", "benefit", "action"],
    "BAB": ["before", "after", "bridge", "action"],
    "custom": ["opening", "build", "payoff", "action"],
}
CONTEXT = (
    "CHARACTER APPEARANCE: not specified\n"
    "PRODUCT FEATURES: tall rounded shape, teal body, plain label at the centre\n"
    "COLOR PALETTE: #0f766e, #f5f0e6\n"
    "VISUAL STYLE: flat illustration"
)
MODEL = LocalTextModel()
CALL = CallContext(generation_id="g", step="s")
DATA = Path(__file__).parent / "data"


def rows(name: str) -> Any:
    """The content of one data file of these tests."""
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def plan(framework: Framework = "AIDA") -> FrameworkPlan:
    return FrameworkPlan(label=framework, beats=BEATS[framework], guidance="-")


def reference(kind: Any, source: Any = "generated") -> ReferenceImage:
    analysis = ReferenceImageAnalysis(colors=["#0f766e"])
    return ReferenceImage(url=f"{kind}.png", type=kind, source=source, analysis=analysis)


THREE = [reference("character"), reference("product"), reference("environment")]


def story(
    prompt: str, *, scenes: int = 5, seconds: float = 6.0, flags: dict[str, Any] | None = None, **task: Any
) -> Story:
    """Write a story; `flags` are the brief's, `task` the director's."""
    framework: Framework = task.pop("framework", "AIDA")
    data = DirectorInput(
        brief=BriefInput(prompt=prompt, **(flags or {})),
        framework=framework,
        framework_plan=plan(framework),
        scene_durations=[seconds] * scenes,
        **({"seed": 1} | task),
    )
    return asyncio.run(MODEL.direct_story(data, CALL)).value


def judge(prompt: str, told: Story) -> Critique:
    data = StoryCriticInput(brief=BriefInput(prompt=prompt), framework_plan=plan(), story=told)
    return asyncio.run(MODEL.criticise_story(data, CALL)).value


def scene(told: Story, number: int, references: list[ReferenceImage] | None = None, **task: Any) -> Scene:
    data = SceneWriterInput(
        story=told,
        scene_id=number,
        **({"consistency_context": CONTEXT, "references": THREE if references is None else references} | task),
    )
    return asyncio.run(MODEL.write_scene(data, CALL)).value


def scenes(told: Story, references: list[ReferenceImage] | None = None) -> list[Scene]:
    done: list[Scene] = []
    for planned in told.scenes:
        done.append(scene(told, planned.id, references, neighbours=list(done)))
    return done


def judge_scene(told: Story, shot: Scene, context: str = CONTEXT) -> Critique:
    data = SceneCriticInput(story=told, scene=shot, consistency_context=context)
    return asyncio.run(MODEL.criticise_scene(data, CALL)).value


def cohere(told: Story, shots: list[Scene], references: list[ReferenceImage] | None = None) -> Any:
    data = CohesorInput(
        story=told, scenes=shots, consistency_context=CONTEXT, references=THREE if references is None else references
    )
    return asyncio.run(MODEL.cohere(data, CALL)).value


def heads(told: Story) -> list[str]:
    return [each.copy_text.headline for each in told.scenes]


def shown(told: Story) -> str:
    """Everything on screen."""
    parts: list[str] = []
    for each in told.scenes:
        copy = each.copy_text
        parts += [copy.headline, copy.support or "", *copy.items, copy.cta or "", copy.url or ""]
    return " ".join(parts)
