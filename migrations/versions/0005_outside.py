"""Access tokens, webhooks, deliveries of mail."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Filled by its room."""
