"""What a test participant knows of its session: the snapshot it was welcomed with, and every item
of its feed since. Pure; docs/protocol.md has the shapes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Data = Mapping[str, Any]


@dataclass(slots=True)
class Document:
    """The newest version of the session's document."""

    document: str
    version: int
    state: str
    hash: str | None
    clauses: list[tuple[int, str]]
    signers: list[str] = field(default_factory=list)
    acknowledged: dict[str, set[int]] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)

    @property
    def all_read(self) -> bool:
        """Every signer has acknowledged every clause."""
        return all(
            len(self.acknowledged.get(seat, ())) == len(self.clauses) for seat in self.signers
        )


@dataclass(slots=True)
class View:
    """`roles`: of every seat that belongs to the session, in the session's order."""

    host: str = ""
    session: str = "scheduled"
    recording: str = "off"
    ever_recorded: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    document: Document | None = None
    _seats: dict[str, list[str]] = field(default_factory=dict)  # by endpoint
    _devices: dict[str, str] = field(default_factory=dict)
    _lost: set[str] = field(default_factory=set)

    def simulated(self) -> list[str]:
        """Seats of participants that are on the line, those of whole cameras, in order."""
        found = {seats[0] for seats in self._inside("participant") if seats}
        return [seat for seat in self.roles if seat in found]

    def people(self) -> set[str]:
        """Seats that somebody with a page or a terminal has taken."""
        return {
            seat
            for endpoint, seats in self._seats.items()
            if self._devices[endpoint] != "participant"
            for seat in seats
        }

    def welcome(self, snapshot: Data) -> None:
        """Everything anew."""
        self.host, self.session = snapshot["session"]["host_seat"], snapshot["session"]["state"]
        self.recording = snapshot["recording"]["state"]
        self.ever_recorded = snapshot["recording"]["r_us"] is not None
        self.roles = {each["seat"]: each["role"] for each in snapshot["seats"]}
        endpoints = snapshot["endpoints"]
        self._seats = {each["endpoint"]: list(each["seats"]) for each in endpoints}
        self._devices = {each["endpoint"]: each["device"] for each in endpoints}
        self._lost = {each["endpoint"] for each in endpoints if each["line"] == "lost"}
        documents = snapshot.get("documents", [])
        self.document = _document(documents[-1]) if documents else None

    def told(self, kind: str, data: Data) -> None:
        """The next item of the feed; kinds that matter to nobody here are passed over."""
        change = CHANGES.get(kind)
        if change is not None:
            change(self, data)

    def _inside(self, device: str) -> list[list[str]]:
        return [
            seats
            for endpoint, seats in self._seats.items()
            if self._devices[endpoint] == device and endpoint not in self._lost
        ]


def _document(view: Data) -> Document:
    signers = view["signers"]
    return Document(
        document=view["document"],
        version=view["version"],
        state=view["state"],
        hash=view["hash"],
        clauses=_clauses(view["content"]),
        signers=[each["seat"] for each in signers],
        acknowledged={each["seat"]: set(each["acknowledged"]) for each in signers},
        signed={each["seat"] for each in signers if each["signed_at_us"] is not None},
    )


def _clauses(content: Data) -> list[tuple[int, str]]:
    return [(clause["n"], clause["text"]) for clause in content["clauses"]]


# --- the feed ------------------------------------------------------------------------------------


def _session(state: str) -> Callable[[View, Data], None]:
    def change(view: View, _data: Data) -> None:
        view.session = state

    return change


def _recording(state: str) -> Callable[[View, Data], None]:
    def change(view: View, _data: Data) -> None:
        view.recording = state
        view.ever_recorded = True

    return change


def _joined(view: View, data: Data) -> None:
    for seats in view._seats.values():
        seats[:] = [seat for seat in seats if seat not in data["seats"]]
    view._seats[data["endpoint"]] = list(data["seats"])
    view._devices[data["endpoint"]] = data["device"]


def _gone(view: View, data: Data) -> None:
    view._seats.pop(data["endpoint"], None)
    view._devices.pop(data["endpoint"], None)
    view._lost.discard(data["endpoint"])


def _lost(view: View, data: Data) -> None:
    view._lost.add(data["endpoint"])


def _restored(view: View, data: Data) -> None:
    view._lost.discard(data["endpoint"])


def _drafted(view: View, data: Data) -> None:
    view.document = Document(
        data["document"], data["version"], "draft", None, _clauses(data["content"])
    )


def _frozen(view: View, data: Data) -> None:
    if view.document is not None:
        view.document.state, view.document.hash = "frozen", data["hash"]
        view.document.signers = list(data["signers"])
        view.document.acknowledged, view.document.signed = {}, set()


def _reopened(view: View, _data: Data) -> None:
    if view.document is not None:
        view.document.state = "draft"


def _acknowledged(view: View, data: Data) -> None:
    if view.document is not None:
        view.document.acknowledged.setdefault(data["seat"], set()).add(data["clause"])


def _signed(view: View, data: Data) -> None:
    if view.document is not None:
        view.document.signed.add(data["seat"])


def _completed(view: View, _data: Data) -> None:
    if view.document is not None:
        view.document.state = "completed"


CHANGES: dict[str, Callable[[View, Data], None]] = {
    "room:session:opened": _session("open"),
    "room:session:paused": _session("paused"),
    "room:session:resumed": _session("open"),
    "room:session:closed": _session("closed"),
    "room:endpoint:joined": _joined,
    "room:endpoint:replaced": _gone,
    "room:endpoint:left": _gone,
    "room:endpoint:lost": _lost,
    "room:endpoint:restored": _restored,
    "recording:session:started": _recording("on"),
    "recording:session:resumed": _recording("on"),
    "recording:session:paused": _recording("paused"),
    "recording:session:stopped": _recording("off"),
    "recording:writer:failed": _recording("failed"),
    "recording:writer:restored": _recording("on"),
    "documents:draft:saved": _drafted,
    "documents:version:frozen": _frozen,
    "documents:version:reopened": _reopened,
    "documents:clause:acknowledged": _acknowledged,
    "documents:signature:given": _signed,
    "documents:document:completed": _completed,
}
