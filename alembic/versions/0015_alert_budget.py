"""alert budget of webhooks: how many matches an endpoint is told of a day, and what was withheld

Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'delivered', 'failed'{})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("webhook_endpoint", sa.Column("alerts_per_day", sa.Integer(), server_default="10", nullable=True))
    op.create_table(
        "webhook_budget",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("strong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("good", sa.Integer(), server_default="0", nullable=False),
        sa.Column("possible", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            name=op.f("fk_webhook_budget_endpoint_id_webhook_endpoint"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "subject_id", "day", name=op.f("pk_webhook_budget")),
    )
    _states(", 'withheld'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM webhook_delivery WHERE state = 'withheld'")
    _states("")
    op.drop_table("webhook_budget")
    op.drop_column("webhook_endpoint", "alerts_per_day")


def _states(more: str) -> None:
    name = op.f("ck_webhook_delivery_deliverystate")
    op.drop_constraint(name, "webhook_delivery", type_="check")
    op.create_check_constraint(name, "webhook_delivery", STATES.format(more))
