"""What a link opens: the session, a companion's page, the archive."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "links", sa.Column("scope", sa.String(16), nullable=False, server_default="session")
    )
