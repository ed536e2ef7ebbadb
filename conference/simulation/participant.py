"""One test participant from the join link to the last packet.

It comes back like the browser's client: a lost socket is opened again after a moment, the seat is
resumed, and a server that began a new epoch gets both peer connections built new."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from conference.clock import Clock
from conference.ids import new_id
from conference.simulation.decode import Watcher
from conference.simulation.encode import EncodedMedia
from conference.simulation.loops import AudioLoop, VideoLoop
from conference.simulation.media import MediaSession
from conference.simulation.report import Report, Request
from conference.simulation.script import Action
from conference.simulation.signaling import Line, LineLost, LinkRefused, Login, open_link
from conference.tasks import TaskOwner

_log = logging.getLogger(__name__)

REBUILD_JITTER_S = 0.3
SHORTEST_WAIT_S = 0.1
LONGEST_WAIT_S = 1.0
LEAVE_S = 3.0
NOT_REPORTED = ("sdp", "key")


@dataclass(frozen=True, slots=True)
class Person:
    """Who takes part: `url` is a join link, `seed` decides colour and pitch. `certificate`: the
    SHA-256 of the only one that is trusted, for https of an authority that nobody knows."""

    name: str
    url: str
    seed: int
    script: Sequence[Action] = ()
    watch: bool = False  # decode what comes
    listens: bool = True  # to the others' sound and pictures
    keeps: bool = True  # a whole report, packet by packet
    certificate: bytes | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.netloc or "/j/" not in parts.path:
            raise ValueError("a join link looks like http://HOST/j/TOKEN")


class Ended(Exception):
    """Nothing more to do here: left, replaced, refused, session over. The text is the outcome."""


class Participant:
    """Drives one person. `ready` is set when the microphone and camera are being sent and the
    server has taken the wish for everybody else's. `on_welcome(snapshot)` and `on_told(kind,
    data)` may be set; `video` and `audio` are what is being sent."""

    def __init__(self, person: Person, media: EncodedMedia, clock: Clock, random: Random) -> None:
        self.person = person
        self.report = Report(person.name, person.seed, clock.mono_us(), person.keeps)
        self.ready = asyncio.Event()
        self.video = VideoLoop(media.frames, person.seed)
        self.audio = AudioLoop(media.sound, person.seed)
        self.on_welcome: Callable[[Mapping[str, Any]], None] = _pass
        self.on_told: Callable[[str, Mapping[str, Any]], None] = _pass
        self._watcher = Watcher() if person.watch else None
        self._clock = clock
        self._random = random
        self._line: Line | None = None
        self._up = asyncio.Event()
        self._over = asyncio.Event()
        self._media: MediaSession | None = None
        self._epoch: str | None = None
        self._key: str | None = None
        self._last = 0
        self._early: list[Mapping[str, Any]] | None = None
        self._offers: asyncio.Queue[tuple[Line, Mapping[str, Any]]] = asyncio.Queue()
        self._media_made = asyncio.Event()
        self._rebuild = True

    async def run(self, go: asyncio.Event, end: asyncio.Event, drain_s: float) -> None:
        """Take part until `end`: then send nothing more, listen for `drain_s`, and leave. The
        script runs from `go` on."""
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name too
        connector = aiohttp.TCPConnector(ssl=_trusting(self.person.certificate))
        async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
            async with TaskOwner(self.person.name, self._failed) as tasks:
                tasks.spawn("life", self._live(http))
                tasks.spawn("offers", self._answer_offers())
                tasks.spawn("script", self._act(go))
                await _first(end, self._over)
                await self._finish(drain_s)
            await self._put_away()
        self.report.ended_us = self._clock.mono_us()

    def look(self) -> None:
        """After `run`: decode what came, if that was asked for. Takes seconds."""
        if self._watcher is not None:
            self._watcher.look(self.report)

    async def command(self, name: str, payload: Mapping[str, Any]) -> Request:
        """Ask until there is an answer: over a lost line the same command goes out again, and by
        its id the server knows it."""
        command_id = new_id(self._clock, self._random)
        request = Request(name, self._clock.mono_us(), command_id, payload)
        self.report.note(self.report.requests, request)
        while True:
            await self._up.wait()
            assert self._line is not None
            try:
                answer = await self._line.request(name, {"command_id": command_id, **payload})
            except LineLost:
                continue
            self._book(request, answer)
            return request

    # --- the line

    async def _live(self, http: aiohttp.ClientSession) -> None:
        try:
            login = await self._log_in(http)
            attempt = 0
            while True:
                try:
                    await self._one_line(http, login)
                    attempt = 0
                except LineLost:
                    attempt += 1
                longest = min(LONGEST_WAIT_S, SHORTEST_WAIT_S * 2**attempt)
                await asyncio.sleep(self._random.uniform(SHORTEST_WAIT_S / 2, longest))
        except Ended as reason:
            self._end(str(reason))

    async def _log_in(self, http: aiohttp.ClientSession) -> Login:
        while True:
            try:
                return await open_link(http, self.person.url)
            except LineLost:
                await asyncio.sleep(self._random.uniform(SHORTEST_WAIT_S, LONGEST_WAIT_S))
            except LinkRefused as error:
                raise Ended(f"refused: {error}") from error

    async def _one_line(self, http: aiohttp.ClientSession, login: Login) -> None:
        """Open, come in, set up what is missing, and stay until the line is lost."""
        line = Line(http, login)
        line.listen(lambda name, payload: self._received(line, name, payload))
        try:
            await line.open()
            self._socket_event("connected")
            self._line = line
            self._early = []
            await self._enter()
            self._up.set()
            await self._set_up_media()
            await line.lost.wait()
        finally:
            self._up.clear()
            if self._line is line:
                self._line = None
                self._socket_event("lost")
            await line.close()

    async def _enter(self) -> None:
        """Resume the seat, or take it for the first time."""
        if self._key is not None:
            resumed = {
                "endpoint": self.report.endpoint,
                "key": self._key,
                "epoch": self._epoch,
                "last": self._last,
            }
            answer = await self._ask("resume", resumed)
            if answer.get("ok"):
                self._welcome(answer, "resume")
                return
            code = answer.get("error", {}).get("code")
            if code == "replaced":
                raise Ended("replaced")
            self.report.count(f"resume_refused_{code}")
        muted = {"microphone": False, "camera": False}
        command_id = new_id(self._clock, self._random)
        joined = {"command_id": command_id, "device": "participant", "muted": muted}
        answer = await self._ask("join", joined)
        if not answer.get("ok"):
            raise Ended(f"join refused: {answer.get('error', {}).get('code')}")
        self._welcome(answer, "join")

    def _welcome(self, welcome: Mapping[str, Any], how: str) -> None:
        changed = welcome["epoch"] != self._epoch or how == "join"
        self._epoch, self._key = welcome["epoch"], welcome["key"]
        self.report.endpoint, self.report.seats = welcome["endpoint"], list(welcome["seats"])
        self.report.session = welcome["snapshot"]["session"]["id"]
        self.report.epochs.append(
            {"us": self._clock.mono_us(), "epoch": self._epoch, "how": how, "feed": welcome["feed"]}
        )
        for item in welcome.get("missed", ()):  # the snapshot holds them already
            self._note_item(item)
        self._last = max(self._last, welcome["feed"])
        self._tell_of(welcome)
        if changed:
            self._rebuild = True
            self._media_made.clear()

    def _tell_of(self, welcome: Mapping[str, Any]) -> None:
        """The snapshot, and then what was told behind it while it was on its way."""
        self.on_welcome(welcome["snapshot"])
        early, self._early = self._early or [], None
        for item in early:
            if item["n"] > welcome["feed"]:
                self.on_told(item["kind"], item["data"])

    # --- media

    async def _set_up_media(self) -> None:
        """Both connections new in a new epoch; otherwise only what a lost line left undone."""
        if self._rebuild:
            old, self._media = self._media, None
            if old is not None:
                await old.close()
                await asyncio.sleep(self._random.uniform(0, REBUILD_JITTER_S))
            self._media = MediaSession(
                self.report, (self.video, self.audio), self._clock, self._random, self._watcher
            )
            self._rebuild = False
            self._media_made.set()
        media = self._media
        assert media is not None
        if not media.published.is_set():
            await self._publish(media)
        if not media.subscribed and self.person.listens:
            await self._ask("subscribe", {"tracks": None})
            media.subscribed = True
        self.ready.set()

    async def _publish(self, media: MediaSession) -> None:
        try:
            await media.publish(self._ask)
        except (TimeoutError, ConnectionError) as error:
            self.report.count("publish_failed")
            raise LineLost("no media connection") from error

    async def _answer_offers(self) -> None:
        """One after the other. An offer of an older line is dropped: the server repeats it."""
        while True:
            line, offer = await self._offers.get()
            await self._media_made.wait()
            if line is not self._line or self._media is None:
                continue
            try:
                await self._media.offered(offer, self._ask)
            except LineLost:
                self.report.count("offers_unanswered")

    # --- what the server says

    def _received(self, line: Line, name: str, payload: Mapping[str, Any]) -> None:
        match name:
            case "event":
                self._feed_item(payload)
            case "subscribe_offer":
                self._offers.put_nowait((line, payload))
            case "streams" if self._media is not None:
                self._media.streams(payload["streams"])
            case "recording_status":
                status = {"us": self._clock.mono_us(), **payload}
                self.report.note(self.report.recording_status, status)
            case "replaced" | "ended":
                self._end(name)
            case _:
                self.report.count(name)

    def _feed_item(self, item: Mapping[str, Any]) -> None:
        self._note_item(item)
        if self._early is not None:
            self._early.append(item)
        else:
            self.on_told(item["kind"], item["data"])

    def _note_item(self, item: Mapping[str, Any]) -> None:
        """Each number once and in order; the report keeps what breaks that rule as a count."""
        if item["n"] != self._last + 1 and self._last:
            self.report.count("feed_out_of_order")
        self._last = max(self._last, item["n"])
        self.report.note(self.report.feed, {"us": self._clock.mono_us(), **item})

    # --- asking

    async def _ask(self, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """A request that is not repeated by itself; LineLost goes to the caller."""
        if self._line is None:
            raise LineLost("no line")
        kept = {key: value for key, value in payload.items() if key not in NOT_REPORTED}
        request = Request(name, self._clock.mono_us(), payload.get("command_id"), kept)
        self.report.note(self.report.requests, request)
        answer = await self._line.request(name, payload)
        self._book(request, answer)
        return answer

    def _book(self, request: Request, answer: Mapping[str, Any]) -> None:
        request.acked_us = self._clock.mono_us()
        request.ok = bool(answer.get("ok"))
        if not request.ok:
            request.error = answer.get("error", {}).get("code", "unknown")
        request.feed = answer.get("feed")

    async def _act(self, go: asyncio.Event) -> None:
        await go.wait()
        start_us = self._clock.mono_us()
        for action in self.person.script:
            late_s = (self._clock.mono_us() - start_us) / 1_000_000
            await asyncio.sleep(max(0.0, action.at_s - late_s))
            await self.command(action.name, action.payload)
            if action.name == "leave":
                self._end("left")
                return

    # --- the end

    async def _finish(self, drain_s: float) -> None:
        if self._media is not None:
            self._media.stop_sending()
        if self._over.is_set():
            return
        await asyncio.sleep(drain_s)
        try:
            async with asyncio.timeout(LEAVE_S):
                await self.command("leave", {})
            self._end("left")
        except TimeoutError:
            self._end("no answer to leave")

    async def _put_away(self) -> None:
        if self._media is not None:
            await self._media.close()

    def _end(self, outcome: str) -> None:
        if not self._over.is_set():
            self.report.outcome = outcome
            self._over.set()

    def _failed(self, task: str, error: BaseException) -> None:
        _log.error("%s failed", task, exc_info=error)
        self._end(f"failed: {type(error).__name__}")

    def _socket_event(self, event: str) -> None:
        entry = {"us": self._clock.mono_us(), "event": event}
        self.report.note(self.report.sockets, entry)


def _pass(*_: object) -> None:
    """Nobody wants to know."""


def _trusting(certificate: bytes | None) -> aiohttp.Fingerprint | bool:
    return True if certificate is None else aiohttp.Fingerprint(certificate)


async def _first(one: asyncio.Event, other: asyncio.Event) -> None:
    """Wait for whichever comes first."""
    async with TaskOwner("first") as tasks:
        waits = [tasks.spawn("event", event.wait()) for event in (one, other)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
