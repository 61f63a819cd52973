"""Who queues scores: the pipeline as clips and films are stored, a user who asks again, a launch that finds some left.

Every order is a durable workflow on the `score` queue, one at a time a process, known by its id: the same order twice
is one. Made by app/container.py. Tests: tests/test_integration/test_scoring.py
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import Conflict, NotFound, TooManyRequests
from app.db.repositories import generations, quality_metrics
from app.kit.ids import digest
from app.ports.durable import Durable, Engine
from app.ports.scoring import Scorer
from app.schemas.unified_pipeline import PipelineConfig
from app.services.quality.score_keeping import scored_files
from app.services.quality.vbench_scorer import ScoreOrder, ScoringTools, VBenchScorer

WORKFLOW = QUEUE = "score"
MOST_WAITING = 100
_OPEN = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
_BUSY_S = 60.0


class Scoring:
    """The door to background scoring. Without a scorer nothing is ever queued."""

    def __init__(self, tools: ScoringTools | None, engine: Engine, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._tools = tools
        self._engine = engine
        self._sessions = sessions

    @property
    def scorer(self) -> Scorer | None:
        """Who measures here, null when nobody does."""
        return None if self._tools is None else self._tools.scorer

    def wanted(self, config: PipelineConfig) -> bool:
        """True when what a run of this configuration makes is scored."""
        return self._tools is not None and config.vbench_enabled

    async def run(self, argument: dict[str, Any]) -> None:
        """The body of the workflow. An order left by a process that had a scorer is dropped by one that has none."""
        if self._tools is not None:
            await VBenchScorer(self._tools).run(argument)

    async def clip(self, durable: Durable, order: ScoreOrder) -> None:
        """Queue the score of a stored clip, from within the workflow that made it, which goes on at once."""
        name = f"{order.generation_id}:score:{order.clip_id}:{digest(order.video)[:12]}"
        await durable.start_child(WORKFLOW, name, QUEUE, order.model_dump(mode="json"))

    async def film(self, durable: Durable, order: ScoreOrder, run: int) -> None:
        """Queue the score of the film that run `run` stored, and of clips that have none by then."""
        name = f"{order.generation_id}:score:film:{run}:{digest(order.video)[:12]}"
        await durable.start_child(WORKFLOW, name, QUEUE, order.model_dump(mode="json"))

    async def ask_again(self, user_id: str, generation_id: str) -> ScoreOrder:
        """Note that everything a generation shows is to be scored anew; `queue_again` then does it.

        Raises:
            NotFound: No such generation of this user.
            Conflict: Nothing is filmed yet, or nobody scores here.
            TooManyRequests: Too many scores are waiting already.
        """
        async with self._sessions.begin() as session:
            row = await generations.lock(session, generation_id, user_id=user_id)
            if self._tools is None:
                hint = "Set ADMINT_SCORER to embedded and start AdMint again."
                raise Conflict("No scorer is installed here.", hint=hint)
            files = scored_files(row)
            if not files:
                raise Conflict("There is nothing to score yet.", hint="Ask again when a clip is filmed.")
            if (await self._engine.depth(WORKFLOW))[0] >= MOST_WAITING:
                raise TooManyRequests(
                    f"{MOST_WAITING} videos wait for their score.", retry_after=_BUSY_S, hint="Ask again in a minute."
                )
            for index, video in files.values():
                await quality_metrics.expect(session, generation_id, index, video)
        return ScoreOrder(generation_id=generation_id, session_id=row.session_id or "", again=True)

    async def queue_again(self, order: ScoreOrder) -> None:
        """Queue an order of `ask_again`, unless one like it waits already. Run after the answer is sent (AC-4.1)."""
        asked = await self._engine.runs(f"{order.generation_id}:score:again:")
        if asked and await self._state(asked[-1]) == "ENQUEUED":
            return
        name = f"{order.generation_id}:score:again:{len(asked) + 1}"
        await self._engine.enqueue(WORKFLOW, name, QUEUE, order.model_dump(mode="json"))

    async def go_on(self, generation_id: str | None = None) -> None:
        """Queue again what an earlier process left unscored: of all generations, or of that one."""
        if self._tools is None:
            return
        async with self._sessions() as session:
            left = await quality_metrics.awaited_in(session, generation_id)
            rows = [row for each in left if (row := await generations.get(session, each)) is not None]
        for row in rows:
            orders = await self._engine.runs(f"{row.id}:score:")
            states = [await self._state(each) for each in orders]
            if not _OPEN.intersection(states):
                order = ScoreOrder(generation_id=row.id, session_id=row.session_id or "")
                name = f"{row.id}:score:left:{len(orders) + 1}"
                await self._engine.enqueue(WORKFLOW, name, QUEUE, order.model_dump(mode="json"))

    async def depth(self) -> tuple[int, int]:
        """Return how many scores wait, and how many are being measured, in all processes."""
        return await self._engine.depth(WORKFLOW)

    async def _state(self, order: str) -> str | None:
        try:
            return await self._engine.state(order)
        except NotFound:
            return None
