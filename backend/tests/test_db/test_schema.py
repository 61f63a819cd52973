"""The spec's tables, columns, nullability and indexes, on both engines, as the databases themselves tell them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.models import Base

GENERATIONS = {
    "id": False,
    "user_id": False,
    "prompt": False,
    "framework": True,
    "brand_assets": True,
    "status": False,
    "current_stage": True,
    "story_text": True,
    "story_quality_score": True,
    "reference_images": True,
    "scenes": True,
    "video_clips": True,
    "final_video_url": True,
    "overall_quality_score": True,
    "config": True,
    "error_message": True,
    "created_at": False,
    "updated_at": False,
    "completed_at": True,
}
"""The spec's columns and whether each may be null."""

QUALITY_METRICS = {
    "id": False,
    "generation_id": False,
    "clip_index": True,
    "overall_score": True,
    "composition_score": True,
    "coherence_score": True,
    "motion_score": True,
    "visual_appeal_score": True,
    "scored_at": False,
    "scoring_duration_ms": True,
}
OURS = {
    "auth_sessions",
    "idempotency_keys",
    "clips",
    "session_events",
    "inbox",
    "provider_calls",
    "sessions",
    "api_tokens",
    "assets",
    "generation_groups",
    "status_changes",
}


async def _inspect(engine: AsyncEngine, question: Any) -> Any:
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: question(sa.inspect(sync)))


@pytest.mark.ac("AC-1.7", "AC-4.4")
@pytest.mark.parametrize(("table", "spec"), [("generations", GENERATIONS), ("quality_metrics", QUALITY_METRICS)])
async def test_the_specs_columns_are_there(db_engine: AsyncEngine, table: str, spec: dict[str, bool]) -> None:
    columns = await _inspect(db_engine, lambda inspector: inspector.get_columns(table))
    found = {column["name"]: column["nullable"] for column in columns}
    assert {name: found.get(name) for name in spec} == spec


async def test_every_table_is_there(db_engine: AsyncEngine) -> None:
    tables = set(await _inspect(db_engine, lambda inspector: inspector.get_table_names()))
    assert tables == OURS | {"users", "generations", "quality_metrics", "alembic_version"}


async def test_ids_json_and_times_have_the_specs_types_on_postgres(db_engine: AsyncEngine) -> None:
    if db_engine.dialect.name == "sqlite":
        expected = {"id": "CHAR(32)", "scenes": "JSON", "status": "VARCHAR(50)", "created_at": "DATETIME"}
    else:
        expected = {"id": "UUID", "scenes": "JSONB", "status": "VARCHAR(50)", "created_at": "TIMESTAMP"}
    columns = await _inspect(db_engine, lambda inspector: inspector.get_columns("generations"))
    found = {column["name"]: str(column["type"]) for column in columns}
    assert {name: found[name] for name in expected} == expected


async def test_the_indexes_are_there(db_engine: AsyncEngine) -> None:
    catalogue = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }[db_engine.dialect.name]
    async with db_engine.connect() as connection:
        found = {str(name): str(sql) for name, sql in await connection.execute(sa.text(catalogue))}
    spec = {"idx_generations_user_id", "idx_generations_status", "idx_quality_metrics_generation_id"}
    assert spec <= found.keys()
    assert "created_at DESC" in found["idx_generations_created_at"]
    history = found["idx_generations_history"]
    assert "(user_id, created_at DESC, id DESC)" in history
    assert "WHERE" in history
    assert "deleted_at IS NULL" in history


@pytest.mark.parametrize("table", Base.metadata.tables.values(), ids=lambda table: table.name)
def test_json_columns_come_last(table: sa.Table) -> None:
    is_json = [isinstance(column.type, sa.JSON) for column in table.columns]
    assert is_json == sorted(is_json)
