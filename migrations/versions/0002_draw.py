"""What a draw of reviewers keeps."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Filled by its room."""
