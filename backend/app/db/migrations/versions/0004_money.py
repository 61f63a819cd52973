"""The ledger knows whose money it is, what was bought for it, and when exactly an order went out.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("provider_calls", sa.Column("user_id", UUID, nullable=True))
    op.add_column("provider_calls", sa.Column("kind", sa.String(length=20), server_default="clip", nullable=False))
    op.add_column("provider_calls", sa.Column("scene_id", sa.Integer(), nullable=True))
    op.add_column("provider_calls", sa.Column("ordered_at", MOMENT, nullable=True))
    op.add_column("provider_calls", sa.Column("remote_job", JSON, nullable=True))
    op.add_column("provider_calls", sa.Column("outcome", JSON, nullable=True))
    op.execute(
        "UPDATE provider_calls SET user_id ="
        " (SELECT user_id FROM generations WHERE generations.id = provider_calls.generation_id)"
    )
    op.create_index("idx_provider_calls_user_id_intent_at", "provider_calls", ["user_id", "intent_at"])


def downgrade() -> None:
    op.drop_index("idx_provider_calls_user_id_intent_at", table_name="provider_calls")
    for column in ("outcome", "remote_job", "ordered_at", "scene_id", "kind", "user_id"):
        op.drop_column("provider_calls", column)
