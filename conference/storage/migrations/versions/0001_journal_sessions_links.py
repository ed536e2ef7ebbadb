"""Journal, session index, links and logins."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal_entries",
        sa.Column("stream", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("payload_hash", sa.LargeBinary, nullable=False),
        sa.Column("entry_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_journal_entries"),
    )
    op.create_table(
        "sessions",
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("case_number", sa.Text, nullable=False),
        sa.Column("dial_number", sa.String(16), nullable=False),
        sa.Column("track", sa.String(32), nullable=False),
        sa.Column("host_seat", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(64)),
        sa.Column("scheduled_at_us", sa.BigInteger, nullable=False),
        sa.Column("created_at_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("session", name="pk_sessions"),
        sa.UniqueConstraint("dial_number", name="uq_sessions_dial_number"),
    )
    op.create_index("ix_sessions_state", "sessions", ["state"])
    _access_tables()
    op.create_table(
        "write_probe",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("writes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_write_probe"),
    )


def _access_tables() -> None:
    op.create_table(
        "links",
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("seat", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("issued_at_us", sa.BigInteger, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_at_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("link", name="pk_links"),
        sa.UniqueConstraint("token_hash", name="uq_links_token_hash"),
    )
    op.create_index("ix_links_session", "links", ["session"])
    op.create_table(
        "logins",
        sa.Column("login_hash", sa.String(64), nullable=False),
        sa.Column("cookie_hash", sa.String(64), nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("opened_at_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("login_hash", name="pk_logins"),
        sa.ForeignKeyConstraint(["link"], ["links.link"], name="fk_logins_link"),
    )
    op.create_index("ix_logins_link", "logins", ["link", "opened_at_us"])
