"""digests of kept searches

Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_BEFORE = "uq_digest_subscription_owner_id_address_hash_startup_id"
_NAME = "uq_digest_subscription_of"
_OF = ["owner_id", "address_hash", "startup_id"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("digest_subscription", sa.Column("search_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_digest_subscription_search_id_saved_search"), "digest_subscription", "saved_search", ["search_id"],
        ["id"], ondelete="CASCADE",
    )  # fmt: skip
    op.create_index(op.f("ix_digest_subscription_search_id"), "digest_subscription", ["search_id"])
    op.drop_constraint(op.f(_BEFORE), "digest_subscription", type_="unique")
    op.create_unique_constraint(
        op.f(_NAME), "digest_subscription", [*_OF, "search_id"], postgresql_nulls_not_distinct=True
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM digest_subscription WHERE search_id IS NOT NULL")
    op.drop_constraint(op.f(_NAME), "digest_subscription", type_="unique")
    op.drop_index(op.f("ix_digest_subscription_search_id"), "digest_subscription")
    op.drop_column("digest_subscription", "search_id")
    op.create_unique_constraint(op.f(_BEFORE), "digest_subscription", _OF, postgresql_nulls_not_distinct=True)
