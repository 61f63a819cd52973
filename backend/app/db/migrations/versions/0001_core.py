"""People, sessions, generations, their scores, history and events.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", UUID, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_local", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("preferences", JSON, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("last_seen", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("idx_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "generation_groups",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("winner_id", UUID, nullable=True),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_generation_groups_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_generation_groups"),
    )
    op.create_index("idx_generation_groups_user_id", "generation_groups", ["user_id"])
    op.create_table(
        "generations",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("group_id", UUID, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("framework", sa.String(length=50), nullable=True),
        sa.Column("favourite", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("substage", sa.String(length=50), nullable=True),
        sa.Column("current_stage", sa.String(length=50), nullable=True),
        sa.Column("story_quality_score", sa.Float(), nullable=True),
        sa.Column("overall_quality_score", sa.Float(), nullable=True),
        sa.Column("final_video_url", sa.Text(), nullable=True),
        sa.Column("error_code", sa.String(length=50), nullable=True),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("story_text", sa.Text(), nullable=True),
        sa.Column("consistency_context", sa.Text(), nullable=True),
        sa.Column("tags", JSON, nullable=True),
        sa.Column("brand_assets", JSON, nullable=True),
        sa.Column("plan", JSON, nullable=True),
        sa.Column("story", JSON, nullable=True),
        sa.Column("reference_images", JSON, nullable=True),
        sa.Column("scenes", JSON, nullable=True),
        sa.Column("storyboard", JSON, nullable=True),
        sa.Column("video_clips", JSON, nullable=True),
        sa.Column("config", JSON, nullable=True),
        sa.Column("request", JSON, nullable=True),
        sa.Column("story_rounds", JSON, nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'story', 'references', 'scenes', 'videos', 'completed', 'failed')",
            name="ck_generations_status",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["generation_groups.id"], name="fk_generations_group_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_generations_session_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_generations_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
    )
    op.create_index("idx_generations_created_at", "generations", [sa.text("created_at DESC")])
    op.create_index(
        "idx_generations_history",
        "generations",
        ["user_id", sa.text("created_at DESC"), sa.text("id DESC")],
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("idx_generations_group_id", "generations", ["group_id"])
    op.create_index("idx_generations_session_id", "generations", ["session_id"])
    op.create_index("idx_generations_status", "generations", ["status"])
    op.create_index("idx_generations_user_id", "generations", ["user_id"])
    op.create_table(
        "quality_metrics",
        sa.Column("id", UUID, nullable=False),
        sa.Column("generation_id", UUID, nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=True),
        sa.Column("overall_score", sa.Float(), nullable=True),
        sa.Column("composition_score", sa.Float(), nullable=True),
        sa.Column("coherence_score", sa.Float(), nullable=True),
        sa.Column("motion_score", sa.Float(), nullable=True),
        sa.Column("visual_appeal_score", sa.Float(), nullable=True),
        sa.Column("scored_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("scoring_duration_ms", sa.Integer(), nullable=True),
        sa.Column("scorer", sa.String(length=50), server_default="", nullable=False),
        sa.Column("scorer_version", sa.String(length=100), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("dimensions", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_quality_metrics_generation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quality_metrics"),
    )
    op.create_index("idx_quality_metrics_generation_id", "quality_metrics", ["generation_id"])
    op.create_index(
        "uq_quality_metrics_clip",
        "quality_metrics",
        ["generation_id", "clip_index"],
        unique=True,
        sqlite_where=sa.text("clip_index IS NOT NULL"),
        postgresql_where=sa.text("clip_index IS NOT NULL"),
    )
    op.create_index(
        "uq_quality_metrics_overall",
        "quality_metrics",
        ["generation_id"],
        unique=True,
        sqlite_where=sa.text("clip_index IS NULL"),
        postgresql_where=sa.text("clip_index IS NULL"),
    )
    op.create_table(
        "status_changes",
        sa.Column("id", COUNTER, nullable=False),
        sa.Column("generation_id", UUID, nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("substage", sa.String(length=50), nullable=True),
        sa.Column("current_stage", sa.String(length=50), nullable=True),
        sa.Column("at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_status_changes_generation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_status_changes"),
    )
    op.create_index("idx_status_changes_generation_id", "status_changes", ["generation_id"])
    op.create_table(
        "session_events",
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation_id", UUID, nullable=True),
        sa.Column("type", sa.String(length=50), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_session_events_generation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_session_events_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name="pk_session_events"),
    )
    op.create_index("idx_session_events_generation_id", "session_events", ["generation_id"])


def downgrade() -> None:
    op.drop_table("session_events")
    op.drop_table("status_changes")
    op.drop_table("quality_metrics")
    op.drop_table("generations")
    op.drop_table("generation_groups")
    op.drop_table("sessions")
    op.drop_table("users")
