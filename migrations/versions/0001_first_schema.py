"""The first schema."""

from alembic import op
from sqlmodel import SQLModel

from engine import tables

revision = "0001"
down_revision = None
assert tables


def upgrade() -> None:
    SQLModel.metadata.create_all(op.get_bind())
