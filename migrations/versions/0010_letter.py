"""Letter review: how a round is read, and which panel reads each application."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Rounds of before were all by panel, and their newest panel read every application."""
    op.add_column("review_round", sa.Column("mode", sa.String(), nullable=False, server_default="panel"))
    op.add_column("round_entry", sa.Column("panel_no", sa.Integer(), nullable=False, server_default="1"))
    entry = sa.table("round_entry", sa.column("round_id"), sa.column("panel_no"))
    opened = sa.table("review_round", sa.column("id"), sa.column("panel_no"))
    drawn = sa.select(opened.c.panel_no).where(opened.c.id == entry.c.round_id).scalar_subquery()
    many = sa.select(opened.c.id).where(opened.c.panel_no > 1)
    op.execute(entry.update().where(entry.c.round_id.in_(many)).values(panel_no=drawn))
