"""The tables. Instants are UTC µs in BIGINT, digests raw bytes, codes text.

`journal_entries` is the memory; `sessions` is a projection of it that can be rebuilt. `links` and
`logins` hold hashes of secrets, which the journal must not know.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

journal_entries = Table(
    "journal_entries",
    metadata,
    Column("stream", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary),
    Column("payload", LargeBinary),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("entry_hash", LargeBinary, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("case_number", Text, nullable=False),
    Column("dial_number", String(16), nullable=False, unique=True),
    Column("track", String(32), nullable=False),
    Column("host_seat", String(64), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("origin", String(64)),
    Column("scheduled_at_us", BigInteger, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("opened_at_us", BigInteger),
    Column("recording", String(16), nullable=False, server_default="none"),
    Column("recorded_us", BigInteger, nullable=False, server_default="0"),
    Column("gaps", Integer, nullable=False, server_default="0"),
    Column("completed", Integer, nullable=False, server_default="0"),
    Column("host_name", Text, nullable=False, server_default=""),
    Column("host_unit", Text, nullable=False, server_default=""),
    Column("names", Text, nullable=False, server_default=""),
)

links = Table(
    "links",
    metadata,
    Column("link", String(64), primary_key=True),
    Column("session", String(64), nullable=False, index=True),
    Column("seat", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("issued_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("withdrawn_at_us", BigInteger),
    Column("scope", String(16), nullable=False, server_default="session"),
)

logins = Table(
    "logins",
    metadata,
    Column("login_hash", String(64), primary_key=True),
    Column("cookie_hash", String(64), nullable=False),
    Column("link", String(64), ForeignKey("links.link"), nullable=False),
    Column("opened_at_us", BigInteger, nullable=False),
    Index("ix_logins_link", "link", "opened_at_us"),
)

write_probe = Table(
    "write_probe",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("writes", BigInteger, nullable=False),
)
