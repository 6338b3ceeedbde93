"""Drafts, attachments and comments of a case."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Filled by its room."""
