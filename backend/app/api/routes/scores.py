"""Scores asked for again. Those of a new clip or film come by themselves. Tests: tests/test_api/test_scores.py"""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.schemas.api import Success
from app.schemas.server import Done

router = APIRouter(prefix="/api/generations/{generation_id}", tags=["scores"], responses=RESPONSES)


@router.post("/scores", status_code=202)
async def score_again(
    generation_id: str, user: CurrentUser, container: ContainerDep, background_tasks: BackgroundTasks
) -> Success[Done]:
    """Score every clip and the film anew. Answers at once; each score is told by a `vbench_score` as it lands."""
    order = await container.scoring.ask_again(user.id, generation_id)
    background_tasks.add_task(container.scoring.queue_again, order)
    return Success(
        data=Done(generation_id=generation_id),
        message="VBench scoring in progress - scores will stream in shortly",
    )
