"""The scene stage: Writer and Critic for each scene, then the Cohesor over all (spec Story 1.1).

Called by orchestrator.py. Tests: tests/test_services/test_scene_stage.py
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories import generations
from app.kit.ids import digest, seed_from
from app.schemas.events import ScenesGenerated, SceneUpdated
from app.schemas.providers import Cohesion, CohesorInput, SceneCriticInput, SceneWriterInput
from app.schemas.story import Critique, SceneRound, Story
from app.schemas.unified_pipeline import Gate, Quote, ReferenceImage, Scene, SceneChange
from app.services.agents.scene_cohesor import SceneCohesor
from app.services.agents.scene_critic import SceneCritic
from app.services.agents.scene_writer import SceneWriter
from app.services.unified_pipeline.filming import Film, quote_for
from app.services.unified_pipeline.scene_changes import apply_change, reorder, require_scene
from app.services.unified_pipeline.stage_context import Draft, StageContext, open_gate


@dataclass(frozen=True)
class SceneTask:
    """What to write: all scenes, or only `scene_id` while its neighbours stay byte for byte."""

    story: Story
    references: list[ReferenceImage]
    consistency_context: str
    attempt: int = 1
    feedback: list[str] = field(default_factory=list)
    previous: list[Scene] = field(default_factory=list)
    scene_id: int | None = None
    change: SceneChange | None = None
    order: list[int] | None = None
    awaiting_approval: bool = False


async def write_scenes(ctx: StageContext, task: SceneTask) -> list[Scene]:
    """Write the scenes, make them agree, store and announce them."""
    by_hand = await _by_hand(ctx, task)
    if by_hand is not None:
        await announce_scenes(ctx, task, by_hand, None)
        return by_hand
    drafted: list[Scene] = []
    for scene_id in _order(task):
        kept = _kept(task, scene_id)
        drafted.append(kept or await _one_scene(ctx, task, scene_id, drafted))
    if task.scene_id is not None or not ctx.config.stages.scenes:
        await announce_scenes(ctx, task, drafted, None)
        return drafted
    cohesion = await _cohere(ctx, task, drafted)
    await announce_scenes(ctx, task, cohesion.scenes, cohesion)
    return cohesion.scenes


async def _by_hand(ctx: StageContext, task: SceneTask) -> list[Scene] | None:
    """Return the scenes as the person changed or ordered them; null when they want them written."""
    if task.order is not None:
        return reorder(task.previous, task.order)
    if task.change is None or task.scene_id is None:
        return None
    changed = apply_change(task.previous, task.scene_id, task.change)
    if not ctx.config.stages.scenes:
        return changed
    critic = SceneCritic(ctx.providers.text, ctx.config.scene_threshold)
    written = require_scene(changed, task.scene_id)
    verdict = await _judge(ctx, task, critic, written, 1)
    judged = SceneRound(round=1, description=written.description, critique=verdict)
    scored = {"quality_score": verdict.score, "rounds": [judged]}
    return [scene.model_copy(update=scored) if scene.id == task.scene_id else scene for scene in changed]


def _order(task: SceneTask) -> list[int]:
    """Return the scene ids in the order the person gave them, or the story's."""
    planned = [scene.id for scene in task.story.scenes]
    current = [scene.id for scene in task.previous]
    return current if sorted(current) == sorted(planned) else planned


def _kept(task: SceneTask, scene_id: int) -> Scene | None:
    if task.scene_id is None or task.scene_id == scene_id:
        return None
    return next((scene for scene in task.previous if scene.id == scene_id), None)


async def _one_scene(ctx: StageContext, task: SceneTask, scene_id: int, so_far: Sequence[Scene]) -> Scene:
    """Write and judge one scene up to `scene_max_iterations` times; the best round wins."""
    if not ctx.config.stages.scenes:
        return await _draft(ctx, task, scene_id, 1, so_far, None)
    critic = SceneCritic(ctx.providers.text, ctx.config.scene_threshold)
    rounds: list[tuple[Scene, Critique]] = []
    for number in range(1, ctx.config.scene_max_iterations + 1):
        scene = await _draft(ctx, task, scene_id, number, so_far, rounds[-1] if rounds else None)
        critique = await _judge(ctx, task, critic, scene, number)
        rounds.append((scene, critique))
        if critique.approved:
            break
    best, verdict = max(rounds, key=lambda each: each[1].score)
    history = [
        SceneRound(round=number, description=scene.description, critique=critique)
        for number, (scene, critique) in enumerate(rounds, start=1)
    ]
    return best.model_copy(update={"quality_score": verdict.score, "rounds": history})


async def _draft(
    ctx: StageContext,
    task: SceneTask,
    scene_id: int,
    number: int,
    so_far: Sequence[Scene],
    last: tuple[Scene, Critique] | None,
) -> Scene:
    writer = SceneWriter(ctx.providers.text)
    name = f"scene.{scene_id}.{task.attempt}.write.{number}"
    neighbours = [scene for scene in task.previous if scene.id != scene_id] if task.scene_id else list(so_far)
    data = SceneWriterInput(
        story=task.story,
        scene_id=scene_id,
        consistency_context=task.consistency_context,
        references=task.references,
        aspect_ratio=ctx.plan.aspect_ratio,
        feedback=task.feedback,
        previous=last[0] if last else next((s for s in task.previous if s.id == scene_id), None),
        critique=last[1] if last else None,
        neighbours=neighbours,
        seed=seed_from(ctx.plan.seed, scene_id, task.attempt),
    )
    return await ctx.step(name, Scene, lambda: writer.write(data, ctx.call(name)))


async def _judge(ctx: StageContext, task: SceneTask, critic: SceneCritic, scene: Scene, number: int) -> Critique:
    name = f"scene.{scene.id}.{task.attempt}.judge.{number}"
    data = SceneCriticInput(story=task.story, scene=scene, consistency_context=task.consistency_context)
    return await ctx.step(name, Critique, lambda: critic.judge(data, ctx.call(name)))


async def _cohere(ctx: StageContext, task: SceneTask, scenes: list[Scene]) -> Cohesion:
    cohesor = SceneCohesor(ctx.providers.text, ctx.config.cohesion_threshold)
    name = f"scenes.{task.attempt}.cohere"
    data = CohesorInput(
        story=task.story,
        scenes=scenes,
        consistency_context=task.consistency_context,
        references=task.references,
    )
    return await ctx.step(name, Cohesion, lambda: cohesor.unite(data, ctx.call(name)))


def _unheard(task: SceneTask, scenes: Sequence[Scene]) -> str:
    """Return what to say when the user asked for a change and got none, or only a part of it; empty otherwise."""
    if task.order or task.change or not task.feedback or not task.previous:
        return ""
    can = "a new line (scene 2: headline to Your words), a mood, a closer or wider shot, or another layout."
    if _seen(task.previous) == _seen(scenes):
        return f"Nothing changed: the writer could not act on “{task.feedback[-1]}”. It can take {can}"
    written = [scene for scene in scenes if task.scene_id in {None, scene.id}]
    rest = [said for said in written[0].unheard if all(said in scene.unheard for scene in written)]
    if not rest:
        return ""
    quoted = " and ".join(f"“{said}”" for said in rest)
    return f"Not taken in: {quoted}. The writer can take {can}"


def _seen(scenes: Sequence[Scene]) -> list[tuple[str, str, str]]:
    return [(scene.description, scene.copy_text.model_dump_json(), scene.layout) for scene in scenes]


def _quote(ctx: StageContext, task: SceneTask, scenes: list[Scene]) -> Quote | None:
    if not ctx.config.stages.videos:
        return None
    return quote_for(ctx, Film(task.story, scenes, task.references, task.consistency_context), ctx.kept)


async def announce_scenes(ctx: StageContext, task: SceneTask, scenes: list[Scene], cohesion: Cohesion | None) -> None:
    """Store the scenes and send `scenes_generated`, or `scene_updated` when one changed."""
    draft_digest = digest([scene.model_dump(mode="json") for scene in scenes])
    quote = _quote(ctx, task, scenes)

    async def write(session: AsyncSession) -> list[Draft]:
        await generations.save_scenes(session, ctx.generation_id, scenes)
        gate = Gate(stage="scenes", draft_digest=draft_digest, quote=quote)
        opened = await open_gate(session, ctx, gate) if task.awaiting_approval else []
        if task.scene_id is not None:
            scene = next(each for each in scenes if each.id == task.scene_id)
            return [
                (
                    "scene_updated",
                    SceneUpdated(
                        scene=scene,
                        awaiting_approval=task.awaiting_approval,
                        draft_digest=draft_digest,
                        note=_unheard(task, scenes),
                        quote=quote,
                    ),
                ),
                *opened,
            ]
        return [
            (
                "scenes_generated",
                ScenesGenerated(
                    scenes=scenes,
                    awaiting_approval=task.awaiting_approval,
                    draft_digest=draft_digest,
                    quote=quote,
                    cohesion=cohesion.critique if cohesion else None,
                    adjustments=[*(cohesion.adjustments if cohesion else []), *filter(None, [_unheard(task, scenes)])],
                ),
            ),
            *opened,
        ]

    await ctx.record(f"scenes.{task.attempt}.save", write)
