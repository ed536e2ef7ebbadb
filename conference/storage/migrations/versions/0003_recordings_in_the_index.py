"""The list of sessions tells of their recordings; what older versions wrote is read again."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = (
    sa.Column("opened_at_us", sa.BigInteger),
    sa.Column("recording", sa.String(16), nullable=False, server_default="none"),
    sa.Column("recorded_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("gaps", sa.Integer, nullable=False, server_default="0"),
    sa.Column("completed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("host_name", sa.Text, nullable=False, server_default=""),
    sa.Column("host_unit", sa.Text, nullable=False, server_default=""),
    sa.Column("names", sa.Text, nullable=False, server_default=""),
)
_RECORDING = {
    "recording:session:started": "on",
    "recording:session:resumed": "on",
    "recording:session:paused": "paused",
    "recording:session:stopped": "stopped",
}


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("sessions", column)
    connection = op.get_bind()
    wanted = "SELECT payload FROM journal_entries WHERE payload IS NOT NULL ORDER BY stream, seq"
    lines: dict[str, dict[str, Any]] = {}
    for (payload,) in connection.execute(sa.text(wanted)):
        entry = json.loads(payload)
        _read(lines.setdefault(entry["stream"], _empty()), entry)
    names = ", ".join(f"{name} = :{name}" for name in _empty())
    for session, line in lines.items():
        update = sa.text(f"UPDATE sessions SET {names} WHERE session = :session")
        connection.execute(update, {**line, "session": session})


def _empty() -> dict[str, Any]:
    zero = dict.fromkeys(("recorded_us", "gaps", "completed"), 0)
    texts = dict.fromkeys(("host_name", "host_unit", "names"), "")
    return {"opened_at_us": None, "recording": "none", **zero, **texts}


def _read(line: dict[str, Any], entry: dict[str, Any]) -> None:
    kind, data = entry["kind"], entry["data"]
    if kind == "room:session:created":
        host = next(seat for seat in data["seats"] if seat["seat"] == data["host_seat"])
        line.update(host_name=host["name"], host_unit=host["unit"])
        line["names"] = "\n".join(seat["name"] for seat in data["seats"])
    elif kind == "room:session:opened":
        line["opened_at_us"] = entry["wall_us"]
    elif kind in _RECORDING:
        line.update(recording=_RECORDING[kind], recorded_us=entry["r_us"] or 0)
    elif kind == "server:epoch:started" and data.get("recording_ended_r_us") is not None:
        line.update(recording="paused", recorded_us=data["recording_ended_r_us"])
    elif kind == "recording:gap:noted":
        line["gaps"] += 1
    elif kind == "documents:document:completed":
        line["completed"] += 1
