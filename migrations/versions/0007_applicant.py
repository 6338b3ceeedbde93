"""Requests for change and what applicants file."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Filled by its room."""
