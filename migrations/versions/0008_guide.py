"""Drafts of the next catalogue."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Filled by its room."""
