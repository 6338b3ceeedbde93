"""Saved views and bulk actions, what the lists search, and indexes of what is open."""

import sqlalchemy as sa
from alembic import op

from engine import tables, triggers
from engine.cases import search

revision = "0004"
down_revision = "0003"
assert tables  # the rooms declare their triggers when they are imported

OPEN = sa.text("status = 'open'")


def upgrade() -> None:
    op.add_column("work_item", sa.Column("amount_fen", sa.BigInteger(), server_default="0", nullable=False))
    for name in ("work_item_group", "work_item_holder", "work_item_unit"):
        op.drop_index(name, "work_item")
    for name, columns in {
        "work_item_open_due": ["due_at", "id"],
        "work_item_open_holder": ["holder_id", "due_at", "id"],
        "work_item_open_role": ["role", "holder_id", "due_at", "id"],
        "work_item_open_direction": ["direction_code", "due_at", "id"],
        "work_item_open_element": ["element", "due_at", "id"],
        "work_item_open_unit": ["unit_id", "due_at", "id"],
        "work_item_open_amount": ["amount_fen", "id"],
    }.items():
        op.create_index(name, "work_item", columns, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("case_by_status", "case_file", ["status"])
    op.create_index("case_by_requested", "case_file", ["requested_fen", "id"])
    _kept_of_lists()
    triggers.install(op.get_bind(), search.WORDS)
    op.execute("UPDATE case_file SET requested_fen = requested_fen")  # the amounts of the steps open now


def _kept_of_lists() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("list IN ('inbox', 'cases')", name="saved_view_list"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "list", "name"),
    )
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
