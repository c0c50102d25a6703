"""digests by mail: subscriptions, letters, what each told of, and how often an address was asked

Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _instant(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()") if now else None, nullable=nullable
    )


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "digest_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("startup_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("every", _enum("digestevery", "daily", "weekly"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("min_grade", sa.String(), nullable=False),
        sa.Column("state", _enum("digeststate", "pending", "confirmed", "unsubscribed", "refused"), nullable=False),
        _instant("state_since", now=True),
        sa.Column("confirm_hash", sa.LargeBinary(), nullable=True),
        _instant("confirm_until", nullable=True),
        sa.Column("unsubscribe_hash", sa.LargeBinary(), nullable=False),
        sa.Column("unsubscribe_token", sa.LargeBinary(), nullable=False),
        _instant("next_at"),
        _instant("created_at", now=True),
        _instant("updated_at", now=True),
        sa.CheckConstraint(
            "hour BETWEEN 0 AND 23 AND weekday BETWEEN 1 AND 7", name=op.f("ck_digest_subscription_time_of_week")
        ),
        _to("digest_subscription", "owner_id", "organisation"),
        _to("digest_subscription", "startup_id", "startup"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_subscription")),
        sa.UniqueConstraint(
            "owner_id", "address_hash", "startup_id",
            name=op.f("uq_digest_subscription_owner_id_address_hash_startup_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint("confirm_hash", name=op.f("uq_digest_subscription_confirm_hash")),
        sa.UniqueConstraint("unsubscribe_hash", name=op.f("uq_digest_subscription_unsubscribe_hash")),
    )  # fmt: skip
    op.create_index(
        "ix_digest_subscription_due",
        "digest_subscription",
        ["next_at"],
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_index(op.f("ix_digest_subscription_startup_id"), "digest_subscription", ["startup_id"])
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("letterkind", "confirmation", "digest", "notice"), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "state",
            _enum("letterstate", "queued", "sending", "sent", "failed", "uncertain", "dropped"),
            server_default="queued",
            nullable=False,
        ),
        _instant("due_at"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        _instant("created_at", now=True),
        _instant("finished_at", nullable=True),
        _to("letter", "subscription_id", "digest_subscription"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index("ix_letter_due", "letter", ["due_at"], postgresql_where=sa.text("state IN ('queued', 'sending')"))
    op.create_index("ix_letter_newest", "letter", ["subscription_id", "id"])
    op.create_table(
        "digest_entry",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        _to("digest_entry", "subscription_id", "digest_subscription"),
        _to("digest_entry", "match_id", "match"),
        _to("digest_entry", "letter_id", "letter"),
        sa.PrimaryKeyConstraint("subscription_id", "match_id", name=op.f("pk_digest_entry")),
    )
    op.create_index(op.f("ix_digest_entry_match_id"), "digest_entry", ["match_id"])
    op.create_index(op.f("ix_digest_entry_letter_id"), "digest_entry", ["letter_id"])
    op.create_table(
        "mail_address",
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        _instant("asked_at"),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_mail_address")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("mail_address", "digest_entry", "letter", "digest_subscription"):
        op.drop_table(table)
