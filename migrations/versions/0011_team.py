"""The legal representative of a unit, whose relatives may not review its applications."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Nobody's is known before it is stated."""
    op.add_column(
        "organization", sa.Column("legal_representative", sa.String(), nullable=False, server_default="")
    )
