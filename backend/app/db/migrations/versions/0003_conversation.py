"""Sign-ins, idempotency keys, the open gate, what the user asked of a run, clips by digest.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "auth_sessions",
        sa.Column("id", UUID, nullable=False),
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("last_seen", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_auth_sessions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_auth_sessions"),
    )
    op.create_index("idx_auth_sessions_user_id", "auth_sessions", ["user_id"])
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", UUID, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("response", JSON, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_idempotency_keys_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("idx_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.add_column("generations", sa.Column("control", sa.String(length=10), nullable=True))
    op.add_column("generations", sa.Column("run", sa.Integer(), server_default="1", nullable=False))
    op.add_column("generations", sa.Column("gate", JSON, nullable=True))
    op.add_column("generations", sa.Column("run_args", JSON, nullable=True))
    op.add_column("clips", sa.Column("scene_digest", sa.String(length=64), server_default="", nullable=False))
    op.create_index("idx_clips_digest", "clips", ["digest"])


def downgrade() -> None:
    op.drop_index("idx_clips_digest", table_name="clips")
    op.drop_column("clips", "scene_digest")
    op.drop_column("generations", "run_args")
    op.drop_column("generations", "gate")
    op.drop_column("generations", "run")
    op.drop_column("generations", "control")
    op.drop_index("idx_idempotency_keys_created_at", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("idx_auth_sessions_user_id", table_name="auth_sessions")
    op.drop_table("auth_sessions")
