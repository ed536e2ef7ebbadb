"""How a test participant follows the story: what it was told and what time it is go in, what it
does comes out. Nothing here waits or looks at a clock.

Everybody speaks in turn while the session is open, reads the frozen document clause by clause,
acknowledges what was read, and signs. A host who is nobody's seat leads: records, drafts, freezes,
waits for all, signs last, stops. Whatever a person does, the story takes up from there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conference.simulation.figure import Mood
from conference.simulation.view import Document, View

SECOND_US = 1_000_000
READING_US = 70_000
"""For a character."""
SHORTEST_READING_US, LONGEST_READING_US = 1_200_000, 4_500_000
"""For a clause: seven of the longest, and a signature, stay under a minute."""
TAKING_UP_THE_PEN_US = 2 * SECOND_US
WRITING_US = 500_000
SIGNING_US = 1_600_000
"""How long the picture shows it before it is sent, and from then on."""
TURN_US, BREATH_US = 5 * SECOND_US, 600_000
RETRY_US = 2 * SECOND_US
BEFORE_RECORDING_US = 5 * SECOND_US
TALK_US = 20 * SECOND_US
LOOKING_OVER_US = 4 * SECOND_US
GOODBYE_US = 5 * SECOND_US
PATIENCE_US = 10 * SECOND_US
"""How long a person has been in the room before somebody else takes an empty mediator's seat."""

SILENT_ROLES = frozenset({"clerk", "observer"})


@dataclass(frozen=True, slots=True)
class Wish:
    """The next thing a participant would do: message `name` with `payload`, `after_us` from when
    it first wished that. `key` tells one wish from another."""

    key: tuple[object, ...]
    after_us: int
    name: str
    payload: Mapping[str, Any]


@dataclass(slots=True)
class Player:
    """One simulated participant in `seat`. `strokes`: its signature as document_sign wants it.
    `pace`: how slowly it reads, 1 for the usual. `leads`: it hosts when its seat is the host's."""

    seat: str
    strokes: Mapping[str, Any]
    pace: float = 1.0
    leads: bool = False
    view: View = field(default_factory=View)
    _wish: Wish | None = None
    _since_us: int = 0
    _busy: bool = False
    _signing_until_us: int = -1

    def act(self, now_us: int) -> Wish | None:
        """What to ask the server now; it waits for `answered` before it wishes anything else.
        `now_us`: any clock that does not run back."""
        if self._busy:
            return None
        wish = self._next_wish()
        if wish is None or self._wish is None or wish.key != self._wish.key:
            self._wish, self._since_us = wish, now_us
        if wish is None or now_us < self._since_us + wish.after_us:
            return None
        self._busy = True
        if wish.name == "document_sign":
            self._signing_until_us = now_us + SIGNING_US
        return wish

    def answered(self, ok: bool, now_us: int) -> None:
        """The server's word on the wish; a refusal is asked again after a while, if it is still
        wished then."""
        self._busy = False
        if not ok:
            self._since_us = now_us + RETRY_US

    def mood(self, now_us: int, wall_us: int) -> Mood:
        """What camera and microphone show. `wall_us` is everybody's: they take turns by it."""
        wish = self._wish
        if wish is not None and wish.name == "document_sign" and not self._busy:
            writes = now_us >= self._since_us + wish.after_us - WRITING_US
        else:
            writes = now_us < self._signing_until_us
        if writes:
            return "sign"
        return "speech" if self._speaks(wall_us) else "quiet"

    # --- speaking

    def _speaks(self, wall_us: int) -> bool:
        view = self.view
        document = view.document
        if view.session != "open" or (document is not None and document.state == "completed"):
            return False
        if document is not None and document.state == "frozen":
            return view.roles.get(self.seat) == "interpreter" and not document.all_read
        speakers = [seat for seat in view.simulated() if view.roles.get(seat) not in SILENT_ROLES]
        if self.seat not in speakers:
            return False
        turn, within_us = divmod(wall_us, TURN_US)
        return within_us < TURN_US - BREATH_US and speakers[turn % len(speakers)] == self.seat

    # --- wishing

    def _next_wish(self) -> Wish | None:
        hosts = self.leads and self.seat == self.view.host
        if self.view.session == "paused" and hosts:
            return Wish(("session",), RETRY_US, "session", {"action": "resume"})
        return next(self._wishes(hosts), None) if self.view.session == "open" else None

    def _wishes(self, hosts: bool) -> Iterator[Wish]:
        document = self.view.document
        if hosts and not self.view.ever_recorded:
            yield Wish(("record",), BEFORE_RECORDING_US, "record", {"action": "start"})
        elif hosts and self.view.recording == "paused":
            yield Wish(("resume",), RETRY_US, "record", {"action": "resume"})
        elif hosts and document is None:
            yield Wish(("draft",), TALK_US, "document_draft", {"fields": {}})
        elif hosts and document is not None and document.state == "draft":
            yield _freezing(document)
        elif document is not None and document.state == "frozen":
            yield from self._reads_and_signs(document)
        elif hosts and document is not None and self.view.recording in ("on", "failed"):
            yield Wish(("stop",), GOODBYE_US, "record", {"action": "stop"})

    def _reads_and_signs(self, document: Document) -> Iterator[Wish]:
        if self.seat not in document.signers or self.seat in document.signed:
            return
        read = document.acknowledged.get(self.seat, set())
        for number, text in document.clauses:
            if number not in read:
                yield self._reading(document, number, text)
                return
        last = self.seat == document.signers[-1]
        if not last or len(document.signed) == len(document.signers) - 1:
            key = ("sign", document.document, document.version)
            payload = {**_named(document), "hash": document.hash, "strokes": self.strokes}
            yield Wish(key, TAKING_UP_THE_PEN_US, "document_sign", payload)

    def _reading(self, document: Document, number: int, text: str) -> Wish:
        key = ("read", document.document, document.version, number)
        payload = {**_named(document), "hash": document.hash, "clause": number}
        return Wish(key, reading_us(text, self.pace), "document_acknowledge", payload)


def reading_us(text: str, pace: float) -> int:
    """How long somebody looks at a clause before agreeing to it."""
    wanted = round(len(text) * READING_US * pace)
    return max(SHORTEST_READING_US, min(LONGEST_READING_US, wanted))


def _freezing(document: Document) -> Wish:
    key = ("freeze", document.document, document.version)
    return Wish(key, LOOKING_OVER_US, "document_freeze", _named(document))


def _named(document: Document) -> dict[str, Any]:
    return {"document": document.document, "version": document.version}


@dataclass(slots=True)
class Understudy:
    """Whether the host's seat has to be filled too: somebody else has been in the room for a
    while, and no person was ever seen in that seat."""

    _person_came: bool = False
    _waiting_since_us: int | None = None

    def look(self, view: View, now_us: int) -> bool:
        """Now, as any of the participants sees the room."""
        people = view.people()
        self._person_came = self._person_came or view.host in people
        if self._person_came or not people:
            self._waiting_since_us = None
            return False
        if self._waiting_since_us is None:
            self._waiting_since_us = now_us
        return now_us - self._waiting_since_us >= PATIENCE_US
