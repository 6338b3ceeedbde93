"""A public notice keeps its lines as they were posted."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

POSTED = sa.text("SELECT id, round_id, cases FROM public_notice")
LINES = sa.text(
    "SELECT c.id, c.number, c.title, o.name, e.approved_fen FROM round_entry e "
    "JOIN case_file c ON c.id = e.case_id JOIN organization o ON o.id = c.unit_id "
    "WHERE e.round_id = :round ORDER BY e.rank IS NULL, e.rank, e.case_id"
)
KEEP = sa.text("UPDATE public_notice SET listed = :listed WHERE id = :id").bindparams(
    sa.bindparam("listed", type_=sa.JSON)
)


def upgrade() -> None:
    """Notices of before get the lines they would print today: nothing older is on record."""
    op.add_column("public_notice", sa.Column("listed", sa.JSON(), nullable=False, server_default="[]"))
    bind = op.get_bind()
    for notice, round_id, cases in bind.execute(POSTED).all():
        posted = json.loads(cases) if isinstance(cases, str) else cases
        lines = [
            {"number": number, "title": title, "unit": unit, "approved_fen": fen}
            for case, number, title, unit, fen in bind.execute(LINES, {"round": round_id})
            if case in posted
        ]
        bind.execute(KEEP, {"id": notice, "listed": lines})
