"""Holds the finished session of the demo: real rules, real documents, real files, on a clock that
is set from cue to cue. Its journal is kept in memory and goes into the server's in one piece, when
everything it names is on disk: either there is the whole session or none."""

import asyncio
import json
import logging
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from conference.adapters import NoEffects
from conference.clock import Clock, Now, read
from conference.documents import commands as d
from conference.documents.agreement import AgreementFields, MissingGlyph
from conference.documents.ports import BlobStore
from conference.documents.render.service import Renderer
from conference.documents.service import TEMPLATE, DocumentsService, Signing, read_template
from conference.documents.strokes import Strokes
from conference.errors import Fault, Refused
from conference.events.base import Draft, Entry
from conference.events.document import DocumentRendered
from conference.http_api.administration import SessionSpec, host_of, seats_of
from conference.ids import CommandId, EndpointId, SeatId, SessionId, TrackId, new_id
from conference.journal.chain import Head, Row, genesis, head_after
from conference.journal.ports import Sealed
from conference.journal.service import JournalService
from conference.rehearsal import score
from conference.rehearsal.packets import Span, Takes, by_track, portions, spans
from conference.rehearsal.score import Cue
from conference.rooms import commands as c
from conference.rooms.commands import SERVER
from conference.rooms.service import RoomsService

ORIGIN = "A/finished"
"""The session's `origin`, by which a later start knows that it is there."""
DIAL_NUMBER = "20260720"
SEED = 20_260_720
BOOT_US = 1_000_000_000
"""CLOCK_MONOTONIC when the host came in."""
RENDERED_S = 20.0
SOURCES = ("microphone", "camera")
ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class House:
    """What the rehearsal uses of the server. `renderer` is its own; `loops`: where the cast's
    loops are kept."""

    journal: JournalService
    blobs: BlobStore
    renderer: Renderer
    missing: MissingGlyph
    recordings: Path
    loops: Path


class StoryClock:
    """Stands where it was set, in µs since the host came in; never back."""

    def __init__(self, at_us: int) -> None:
        self.at_us = at_us

    def wall_us(self) -> int:
        return score.BEGINS_US + self.at_us

    def mono_us(self) -> int:
        return BOOT_US + self.at_us

    def go_to(self, at_s: float) -> None:
        self.at_us = max(self.at_us, round(at_s * 1_000_000))


class Memory:
    """A JournalStore that forgets."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    async def head(self, stream: str) -> Head:
        rows = self._rows.get(stream)
        return head_after(rows[-1]) if rows else genesis(stream)

    async def append(self, batch: Sequence[Sealed]) -> None:
        for sealed in batch:
            self._rows.setdefault(sealed.row.stream, []).append(sealed.row)

    async def read(self, stream: str, after: int = 0) -> list[Row]:
        return [row for row in self._rows.get(stream, []) if row.seq > after]

    async def streams(self) -> list[str]:
        return list(self._rows)


class NothingSealed:
    """No older life has ever recorded here."""

    async def last_sealed(self, session: SessionId, take: str) -> int | None:
        return None


async def rehearse(spec: SessionSpec, house: House) -> SessionId:
    """Hold the session; it is in the journal when this returns. Takes some seconds, most of them
    in another process. Fault or Refused, and nothing in the journal, when it cannot be done."""
    performers = await _performers(house.loops)
    try:
        evening = Evening(spec, house, await _strokes(performers))
        session = await evening.hold(performers)
    finally:
        if performers.returncode is None:
            performers.kill()
        await performers.wait()
    return session


async def _performers(loops: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conference.simulation", "performance", "--cache", str(loops),
        stdin=PIPE, stdout=PIPE, cwd=ROOT, start_new_session=True, limit=1 << 20,
    )  # fmt: skip


async def _strokes(performers: Process) -> dict[str, Strokes]:
    """Who they are goes in, their handwriting comes out."""
    people = [{"name": n, "role": r, "seed": s} for s, (n, r) in enumerate(score.PLAYERS.items())]
    await _tell(performers, {"people": people})
    assert performers.stdout is not None
    line = await performers.stdout.readline()
    if not line:
        raise Fault("the performers ended")
    given = json.loads(line)["strokes"]
    return {name: Strokes.model_validate(strokes) for name, strokes in given.items()}


async def _tell(performers: Process, told: Mapping[str, Any]) -> None:
    assert performers.stdin is not None
    performers.stdin.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
    await performers.stdin.drain()


@dataclass
class Evening:
    """One holding of the session."""

    spec: SessionSpec
    house: House
    strokes: Mapping[str, Strokes]
    random: Random = field(default_factory=lambda: Random(SEED))
    clock: StoryClock = field(default_factory=lambda: StoryClock(-30_000_000))
    endpoints: dict[str, EndpointId] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._epoch = self._new_id()
        self.session = SessionId(self._new_id())
        self._seats = seats_of(self.spec, lambda: SeatId(self._new_id()))
        self._by_name = {info.name: info.seat for info in self._seats}
        self._journal = JournalService(Memory(), self.random)
        self._rooms = RoomsService(
            self._journal, NoEffects(), NothingSealed(), self.clock, self._epoch
        )
        self._documents = DocumentsService(
            self.house.blobs, self.house.renderer, self.house.missing, self.clock, self._epoch
        )
        self._rendered = asyncio.Event()

    async def hold(self, performers: Process) -> SessionId:
        """From the first cue to the last entry in the server's journal."""
        self._journal.start()
        self._rooms.deal_with(self._documents.make)
        self._documents.start(self._rooms)
        self._rooms.subscribe(self._heard)
        try:
            await self._create()
            for cue in score.cues(len(_fields()["clauses"])):
                self.clock.go_to(cue.at_s)
                await self._act(cue)
            await self._record(performers)
            self.clock.go_to(score.ENDS_S + 2.0)
            await self._submit(score.HOST, c.CloseSession())
            return await self._keep()
        finally:
            await self._documents.close()
            await self._rooms.close()
            await self._journal.close()

    # --- the room

    async def _create(self) -> None:
        command = c.CreateSession(
            session=self.session,
            title=self.spec.title,
            case_number=self.spec.case_number,
            dial_number=DIAL_NUMBER,
            track=self.spec.track,
            host_seat=host_of(self.spec, self._seats),
            seats=self._seats,
            scheduled_at_us=score.BEGINS_US,
            video_cap_bps=1_500_000,
            origin=ORIGIN,
        )
        await self._rooms.submit(self.session, command, SERVER)

    async def _act(self, cue: Cue) -> None:
        seat = self._by_name[cue.who]
        if cue.act in ("lost", "heard"):
            endpoint = self.endpoints[cue.who]
            lost = c.MarkLost(endpoint) if cue.act == "lost" else c.MarkHeard(endpoint)
            await self._rooms.submit(self.session, lost, SERVER)
        elif cue.act == "sign":
            await self._sign(cue.who, seat)
        elif cue.act in ("draft", "freeze", "acknowledge"):
            await self._submit(cue.who, await self._about_document(cue))
        else:
            await self._submit(cue.who, self._in_room(cue))

    def _in_room(self, cue: Cue) -> c.Command:
        match cue.act, cue.what:
            case "join", _:
                self.endpoints[cue.who] = EndpointId(self._new_id())
                return c.JoinEndpoint(self.endpoints[cue.who], "participant")
            case "publish", _:
                return c.PublishTracks(
                    self.endpoints[cue.who],
                    (
                        c.NewTrack(TrackId(self._new_id()), "microphone", "audio"),
                        c.NewTrack(TrackId(self._new_id()), "camera", "video"),
                    ),
                )
            case "mute", (source, muted):
                return c.SetMute(self.endpoints[cue.who], source, muted)
            case _:
                return _HOSTING[cue.act, cue.what]

    async def _about_document(self, cue: Cue) -> d.DocumentCommand:
        if cue.act == "draft":
            return d.DraftDocument(AgreementFields.model_validate(_fields()))
        document = (await self._documents.state(self.session)).current
        assert document is not None, "the draft comes first"
        if cue.act == "freeze":
            return d.FreezeDocument(document.document, document.version)
        assert document.hash is not None, "it is read when it stands"
        return d.AcknowledgeClause(document.document, document.version, document.hash, cue.what)

    async def _sign(self, who: str, seat: SeatId) -> None:
        document = (await self._documents.state(self.session)).current
        assert document is not None and document.hash is not None, "it is signed when it stands"
        named = (document.document, document.version, document.hash)
        given = Signing(CommandId(self._new_id()), *named, self.strokes[who])
        await self._documents.sign(self.session, seat, given)
        if document.state == "completed":
            await self._await_paper()

    async def _await_paper(self) -> None:
        """The clock stands meanwhile. Without paper the session is finished all the same; the
        server prints what is missing when somebody opens it."""
        try:
            async with asyncio.timeout(RENDERED_S):
                await self._rendered.wait()
        except TimeoutError:
            _log.warning("the agreement of the demo's finished session was not printed")

    def _heard(self, _session: SessionId, entries: Sequence[Entry]) -> None:
        if any(isinstance(entry.event, DocumentRendered) for entry in entries):
            self._rendered.set()

    async def _submit(self, who: str, command: c.Command | d.DocumentCommand) -> None:
        await self._rooms.submit(self.session, command, self._by_name[who])

    # --- packets

    async def _record(self, performers: Process) -> None:
        """What everybody would have sent, as the recording keeps it; its ends into the journal."""
        folder = self.house.recordings / self.session
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)  # of a broken try
        silent = (self.endpoints[score.APPLICANT], _mono(score.CUT_S), _mono(score.BACK_S))
        wanted = spans(await self._journal.read(self.session), [silent])
        await _tell(performers, {"parts": self._parts(wanted)})
        assert performers.stdout is not None
        takes = Takes(self.house.recordings, self.session, read(self.clock, self._epoch))
        await takes.write(wanted, portions(performers.stdout))
        if await performers.wait() != 0:
            raise Fault("the performers failed")
        for take, heads in sorted(takes.heads.items()):
            sealed = c.NoteSealed(take, tuple(heads[track] for track in sorted(heads)))
            await self._rooms.submit(self.session, sealed, SERVER)

    def _parts(self, wanted: Sequence[Span]) -> list[dict[str, Any]]:
        numbers = by_track(wanted)
        published = {cue.who: cue.at_s for cue in score.cues(0) if cue.act == "publish"}
        return [
            {
                "from_us": _mono(published[who]),
                "wall_us": score.BEGINS_US + round(published[who] * 1_000_000),
                "moods": [(_mono(a), _mono(b), mood) for a, b, mood in score.moods(who)],
                **{source: numbers.get((self.endpoints[who], source), []) for source in SOURCES},
            }
            for who in score.PLAYERS
        ]

    # --- the end

    async def _keep(self) -> SessionId:
        """All of it or nothing."""
        drafts = [
            Draft(e.event, Now(e.wall_us, e.mono_us, e.epoch), e.r_us, e.actor, e.cause)
            for e in await self._journal.read(self.session)
        ]
        await self.house.journal.append(self.session, drafts, after=0)
        return self.session

    def _new_id(self) -> str:
        return new_id(self.clock, self.random)


_HOSTING: Mapping[tuple[str, str], c.Command] = {
    ("record", "start"): c.StartRecording(),
    ("record", "resume"): c.ResumeRecording(),
    ("record", "stop"): c.StopRecording(),
    ("session", "pause"): c.PauseSession(),
    ("session", "resume"): c.ResumeSession(),
}


def _mono(at_s: float) -> int:
    return BOOT_US + round(at_s * 1_000_000)


def _fields() -> dict[str, Any]:
    """What the mediator of story A fills in."""
    return dict(read_template(TEMPLATE).stories["A"])


async def rehearse_once(spec: SessionSpec, house: House, clock: Clock) -> SessionId | None:
    """`rehearse` for a server that has other things to do: says in one line how it went."""
    began_us = clock.mono_us()
    await house.renderer.start()
    try:
        session = await rehearse(spec, house)
    except (Fault, Refused, OSError) as error:
        _log.error("the demo's finished session could not be made: %s", error)
        return None
    finally:
        await house.renderer.close()
    _log.info("the demo's finished session was made in %.1f s", (clock.mono_us() - began_us) / 1e6)
    return session
