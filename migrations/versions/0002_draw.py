"""What a draw of reviewers keeps."""

import sqlalchemy as sa
from alembic import op

from engine import tables, triggers

revision = "0002"
down_revision = "0001"
assert tables  # the rooms declare their triggers when they are imported

NEW_COLUMNS = (
    sa.Column("draw_id", sa.Integer(), nullable=True),
    sa.Column("part", sa.Integer(), nullable=False, server_default="1"),
    sa.Column("standing", sa.String(), nullable=False, server_default="accepted"),
    sa.Column("cases", sa.JSON(), nullable=False, server_default="[]"),
    sa.Column("replaces_id", sa.Integer(), nullable=True),
    sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("reason", sa.String(), nullable=False, server_default=""),
    sa.Column("declared", sa.JSON(), nullable=False, server_default="{}"),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("quarantined", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("quarantine_reason", sa.String(), nullable=False, server_default=""),
)


def upgrade() -> None:
    for column in NEW_COLUMNS:
        op.add_column("panel_member", column)
    op.add_column("review_round", sa.Column("reviewing_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("expert", sa.Column("profile", sa.String(), nullable=False, server_default=""))
    op.add_column("expert", sa.Column("birth_year", sa.Integer(), nullable=True))
    op.add_column("score", sa.Column("veto", sa.Boolean(), nullable=False, server_default=sa.false()))
    _draws()
    _relations()
    triggers.install(op.get_bind(), "draw_attempt")


def _draws() -> None:
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("panel_no", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("incumbent", sa.Float(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("instance", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("input_sha256", sa.String(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("lottery", sa.JSON(), nullable=True),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("draw_by_round", "draw", ["round_id", "id"])
    op.create_index("draw_by_status", "draw", ["status"])
    op.create_table(
        "draw_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draw_id", "attempt"),
    )


def _relations() -> None:
    op.create_table(
        "known_relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_key", sa.String(), nullable=False),
        sa.Column("other_key", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("known_relation_kind", "known_relation", ["kind"])
