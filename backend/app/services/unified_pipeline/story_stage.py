"""The story stage: Director and Critic in rounds, the best draft wins (spec Story 1.1).

Called by orchestrator.py. Tests: tests/test_services/test_story_stage.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.repositories import generations
from app.kit.ids import digest, seed_from
from app.schemas.events import StoryGenerated, TextChunk
from app.schemas.providers import DirectorInput, StoryCriticInput
from app.schemas.story import Critique, Story, StoryRound
from app.schemas.unified_pipeline import Gate, Quote
from app.services.agents.story_critic import StoryCritic
from app.services.agents.story_director import StoryDirector
from app.services.media.exports import story_markdown
from app.services.unified_pipeline.stage_context import Draft, StageContext, open_gate


@dataclass(frozen=True)
class StoryTask:
    """What to write: `attempt` counts the drafts a user has seen, from 1."""

    attempt: int = 1
    feedback: list[str] = field(default_factory=list)
    previous: Story | None = None
    awaiting_approval: bool = False
    quote: Callable[[Story], Quote | None] | None = None
    """What going on with a story costs, for its gate."""


async def write_story(ctx: StageContext, task: StoryTask) -> StoryRound:
    """Write, judge and rewrite up to `story_max_iterations` times; store and announce the best round."""
    rounds = await (_refine(ctx, task) if ctx.config.stages.story else _write_once(ctx, task))
    best = max(rounds, key=lambda each: (not _vetoed(each.critique), each.critique.score))
    await announce_story(ctx, task, best, rounds)
    return best


async def _refine(ctx: StageContext, task: StoryTask) -> list[StoryRound]:
    critic = StoryCritic(ctx.providers.text, ctx.config.story_threshold)
    rounds: list[StoryRound] = []
    previous, critique = task.previous, None
    for number in range(1, ctx.config.story_max_iterations + 1):
        story = await _draft(ctx, task, number, previous, critique)
        critique = await _judge(ctx, critic, story, f"story.{task.attempt}.judge.{number}")
        rounds.append(StoryRound(round=number, story=story, critique=critique))
        if critique.approved or _stalled(rounds):
            break
        previous = story
    return rounds


async def _write_once(ctx: StageContext, task: StoryTask) -> list[StoryRound]:
    """With the stage switched off the prompt still needs scenes: one pass, no critic."""
    story = await _draft(ctx, task, 1, task.previous, None)
    return [StoryRound(round=1, story=story, critique=Critique(score=0, feedback="Not judged: the stage is off."))]


async def _draft(
    ctx: StageContext, task: StoryTask, number: int, previous: Story | None, critique: Critique | None
) -> Story:
    director = StoryDirector(ctx.providers.text)
    framework = ctx.plan.framework
    name = f"story.{task.attempt}.write.{number}"
    data = DirectorInput(
        brief=ctx.brief,
        framework=framework,
        framework_plan=ctx.config.frameworks[framework],
        scene_durations=ctx.plan.scene_durations,
        tone=ctx.plan.tone,
        feedback=task.feedback,
        previous=previous,
        critique=critique,
        seed=seed_from(ctx.plan.seed, task.attempt),
        hook=ctx.request.variant.hook if ctx.request.variant else 0,
    )
    story = await ctx.step(name, Story, lambda: director.write(data, ctx.call(name)))
    for sentence in story.narrative.split(". "):
        await ctx.tell("text_chunk", TextChunk(stage="story", text=sentence.rstrip(".") + "."))
    return story


async def _judge(ctx: StageContext, critic: StoryCritic, story: Story, name: str) -> Critique:
    data = StoryCriticInput(brief=ctx.brief, framework_plan=ctx.config.frameworks[ctx.plan.framework], story=story)
    return await ctx.step(name, Critique, lambda: critic.judge(data, ctx.call(name)))


async def announce_story(ctx: StageContext, task: StoryTask, best: StoryRound, rounds: list[StoryRound]) -> None:
    """Store the draft with all its rounds and send `story_generated`."""
    text, quote = story_markdown(best.story), task.quote(best.story) if task.quote else None

    async def write(session: AsyncSession) -> list[Draft]:
        await generations.save_story(
            session,
            ctx.generation_id,
            best,
            story_text=text,
            rounds=rounds,
        )
        payload = StoryGenerated(
            story_text=text,
            story=best.story,
            quality_score=best.critique.score,
            critique=best.critique,
            round=best.round,
            awaiting_approval=task.awaiting_approval,
            draft_digest=digest(best.story.model_dump(mode="json")),
            quote=quote,
        )
        gate = Gate(stage="story", draft_digest=payload.draft_digest, quote=quote)
        opened = await open_gate(session, ctx, gate) if task.awaiting_approval else []
        return [("story_generated", payload), *opened]

    await ctx.record(f"story.{task.attempt}.save", write)


def _vetoed(critique: Critique) -> bool:
    return any(issue.severity == "veto" for issue in critique.issues)


def _stalled(rounds: list[StoryRound]) -> bool:
    return len(rounds) > 1 and rounds[-1].critique.score <= rounds[-2].critique.score
