"""Takes, messages, the ledger of paid calls, assets and API tokens.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("scopes", JSON, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_tokens_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )
    op.create_index("idx_api_tokens_user_id", "api_tokens", ["user_id"])
    op.create_table(
        "assets",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("use_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("tags", JSON, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_assets_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
    )
    op.create_index("idx_assets_user_id_digest", "assets", ["user_id", "digest"])
    op.create_table(
        "clips",
        sa.Column("id", UUID, nullable=False),
        sa.Column("generation_id", UUID, nullable=False),
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("error_code", sa.String(length=50), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("provider", sa.String(length=50), server_default="", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("remote_job", JSON, nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'processing', 'rendering', 'complete', 'failed')", name="ck_clips_status"
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_clips_generation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clips"),
        sa.UniqueConstraint("generation_id", "clip_id", "take", name="uq_clips_generation_id_clip_id_take"),
    )
    op.create_table(
        "inbox",
        sa.Column("generation_id", UUID, nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("topic", sa.String(length=50), nullable=False),
        sa.Column("received_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("consumed_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=50), nullable=True),
        sa.Column("payload", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_inbox_generation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("generation_id", "id", name="pk_inbox"),
    )
    op.create_index(
        "idx_inbox_pending",
        "inbox",
        ["generation_id", "received_at"],
        sqlite_where=sa.text("consumed_at IS NULL"),
        postgresql_where=sa.text("consumed_at IS NULL"),
    )
    op.create_table(
        "provider_calls",
        sa.Column("id", UUID, nullable=False),
        sa.Column("generation_id", UUID, nullable=False),
        sa.Column("call_key", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("model", sa.String(length=200), server_default="", nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("prediction_id", sa.String(length=200), nullable=True),
        sa.Column("reserved_micro_usd", sa.BigInteger(), nullable=False),
        sa.Column("actual_micro_usd", sa.BigInteger(), nullable=True),
        sa.Column("cost_source", sa.String(length=20), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("intent_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "cost_source IN ('reported', 'list_price', 'estimate', 'free')", name="ck_provider_calls_cost_source"
        ),
        sa.CheckConstraint(
            "state IN ('INTENT', 'SUBMITTED', 'DONE', 'FAILED', 'UNKNOWN')", name="ck_provider_calls_state"
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_provider_calls_generation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_provider_calls"),
        sa.UniqueConstraint("call_key", name="uq_provider_calls_call_key"),
        sa.UniqueConstraint("prediction_id", name="uq_provider_calls_prediction_id"),
    )
    op.create_index("idx_provider_calls_generation_id", "provider_calls", ["generation_id"])
    op.create_index("idx_provider_calls_state", "provider_calls", ["state"])


def downgrade() -> None:
    op.drop_table("provider_calls")
    op.drop_table("inbox")
    op.drop_table("clips")
    op.drop_table("assets")
    op.drop_table("api_tokens")
