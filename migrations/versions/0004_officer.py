"""Saved views and what the lists search."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled by its room."""
