"""A run's context made of its snapshot: for the workflow itself, and for questions about a stored generation.

Called by orchestrator.py and money.py. Tests: tests/test_services/test_orchestrator.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.services.unified_pipeline.run_state import Snapshot, Wish, unplanned
from app.services.unified_pipeline.stage_context import PipelineServices, StageContext


def context_of(argument: Mapping[str, Any], snapshot: Snapshot, services: PipelineServices) -> StageContext:
    """Return the context of a run.

    Args:
        argument: The workflow's: `generation_id`, `run`, and what this run is told.
        snapshot: What it starts from.
        services: Everything outside the run.
    """
    return StageContext(
        generation_id=argument["generation_id"],
        session_id=snapshot.session_id,
        user_id=snapshot.user_id,
        run=argument["run"],
        start_at=argument.get("start_at"),
        only=argument.get("only", []),
        kept=snapshot.filmed.digests,
        wish=Wish.model_validate(argument["wish"]) if argument.get("wish") else None,
        request=snapshot.request,
        config=snapshot.config,
        plan=snapshot.plan or unplanned(snapshot),
        services=services,
        providers=services.providers(snapshot.config.providers, snapshot.config.models),
    )
