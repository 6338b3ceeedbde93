"""Indexes of the lists hold what their filters ask, so that no list fetches a row to judge it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

OPEN = sa.text("status = 'open'")
JUDGED = ("holder_id", "role", "element", "direction_code", "unit_id", "amount_fen", "due_at", "case_id")


def upgrade() -> None:
    """The steps that are open in every order, and the cases in the order they came in."""
    for name, columns in {
        "work_item_open_due": ("due_at", "id"),
        "work_item_open_holder": ("holder_id", "due_at", "id"),
        "work_item_open_role": ("role", "holder_id", "due_at", "id"),
        "work_item_open_direction": ("direction_code", "due_at", "id"),
        "work_item_open_element": ("element", "due_at", "id"),
        "work_item_open_unit": ("unit_id", "due_at", "id"),
        "work_item_open_amount": ("amount_fen", "id"),
    }.items():
        op.drop_index(name, "work_item")
        _of_open(name, columns)
    _of_open("work_item_open_id", ("id",))
    op.drop_index("case_by_unit", "case_file")
    op.drop_index("case_by_status", "case_file")
    op.create_index("case_by_unit", "case_file", ["unit_id", "opened_at", "id"])
    op.create_index("case_by_status", "case_file", ["status", "opened_at", "id"])
    op.create_index("case_by_guide", "case_file", ["direction_code", "opened_at", "id"])
    op.create_index("case_by_opened", "case_file", ["opened_at", "id"])


def _of_open(name: str, columns: tuple[str, ...]) -> None:
    judged = [column for column in JUDGED if column not in columns]
    op.create_index(name, "work_item", [*columns, *judged], sqlite_where=OPEN, postgresql_where=OPEN)
