"""Who asks for a recording, whether that is for them, and what they get. That somebody looks is
stored before anything is handed out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conference.access.links import Visitor
from conference.archive.copies import fingerprint, holds
from conference.archive.desk.ports import Packaging, Rooms
from conference.archive.ledger import Ledger
from conference.archive.policy import VIEW, ViewerRole, may_view
from conference.archive.ports import Found, Index, Journal, Line, Query
from conference.archive.replay import Replay, Telling, owners, replay
from conference.archive.timeline import timeline
from conference.clock import Clock
from conference.errors import Refused
from conference.events.archive import RecordingOpened, RecordingRefused
from conference.events.base import Entry
from conference.events.codec import UnreadableEntry
from conference.ids import LoginId, SessionId
from conference.journal.ports import JournalFailed, refusal
from conference.recording.packager.manifest import Manifest
from conference.recording.packaging import PackageState
from conference.tasks import TaskOwner

LOOK_US = 10 * 60 * 1_000_000
"""Requests of one login that follow each other closer than this are one look."""
LOOKS_KEPT = 10_000
CHECK_SECONDS = 2.0
"""How long an answer waits for the files to be looked through; what is found later is told by
the next one."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """`person`: of the seat, or the archivist's id. `session`: None for archivists."""

    person: str
    name: str
    role: ViewerRole
    unit: str
    session: SessionId | None


@dataclass(frozen=True, slots=True)
class Page:
    """`packages`: how far the files of each line are."""

    lines: Sequence[Line]
    packages: Sequence[PackageState]
    hits: int


@dataclass(frozen=True)
class Sources:
    """`derived`: a folder with one folder for each session, where the packaged files are;
    `epoch`: this life of the server."""

    journal: Journal
    index: Index
    rooms: Rooms
    packaging: Packaging
    derived: Path
    clock: Clock
    epoch: str


class Desk:
    """Used from one loop."""

    def __init__(self, sources: Sources, ledger: Ledger) -> None:
        self._from = sources
        self._ledger = ledger
        self._tasks = TaskOwner("archive", lambda _name, _error: None)
        self._looks: dict[tuple[LoginId, SessionId, bool], int] = {}
        self._telling: dict[tuple[LoginId, SessionId, bool], asyncio.Task[None]] = {}
        self._copies = _Copies(sources.derived)

    async def close(self) -> None:
        """Look through no more files, and begin no more looks."""
        await self._copies.close()
        await self._tasks.close()

    async def viewer(self, visitor: Visitor) -> Viewer:
        """Who the visitor is here."""
        if visitor.scope == "archive":
            found = (await self._ledger.archivists()).get(visitor.seat)
            if found is None:
                raise Refused("not_allowed")
            return Viewer(found.person, found.name, "archivist", found.unit, None)
        info = (await self._from.rooms.state(visitor.session)).seats.get(visitor.seat)
        if info is None:
            raise Refused("seat_unknown")
        return Viewer(info.person, info.name, info.role, info.unit, visitor.session)

    async def has_recordings(self, visitor: Visitor) -> bool:
        """Whether there is a recording that the visitor may open."""
        viewer = await self.viewer(visitor)
        if viewer.session is None:
            return True
        line = await self._from.index.find(viewer.session)
        recorded = line is not None and line.recording != "none"
        return recorded and may_view(viewer.role, own=True)

    async def find(self, visitor: Visitor, query: Query) -> Page:
        """A page of those sessions that the visitor may look at; Refused when that is none."""
        viewer = await self.viewer(visitor)
        if VIEW[viewer.role] == "none":
            raise Refused("replay_not_allowed")
        if viewer.session is not None:
            query = replace(query, session=viewer.session)
        found: Found = await self._from.index.search(query)
        packages = []
        for line in found.lines:
            packages.append(self._package_of(line))
            await asyncio.sleep(0)  # each may read a manifest
        return Page(found.lines, packages, found.hits)

    async def admit(self, visitor: Visitor, session: SessionId) -> Line:
        """The session's line in the list; stored that it is looked at. Refused, and that stored,
        when it is not for the visitor."""
        viewer = await self.viewer(visitor)
        line = await self._from.index.find(session)
        allowed = may_view(viewer.role, own=viewer.session == session)
        if line is not None:
            await self._note(visitor, viewer, session, allowed)
        if not allowed:
            raise Refused("replay_not_allowed")
        if line is None:
            raise Refused("session_unknown")
        return line

    async def open(self, visitor: Visitor, session: SessionId) -> Replay:
        """The recording, whose files are being made from now on where they are not there."""
        line = await self.admit(visitor, session)
        entries = await self._read(session)
        same_life = bool(entries) and entries[-1].epoch == self._from.epoch
        now_us = self._from.clock.mono_us() if same_life else None
        told = Telling(await asyncio.to_thread(timeline, entries, now_us), owners(entries))
        package = self._from.packaging.state(session)
        if package.state != "failed":
            package = await self._from.packaging.ensure(session)
        held = {}
        if package.manifest is not None:
            held = await self._copies.held(session, package.manifest)
        return replay(line, told, package, held)

    async def package(self, visitor: Visitor, session: SessionId) -> PackageState:
        """Make the files that are missing, changed, or could not be made before."""
        await self.admit(visitor, session)
        manifest = self._from.packaging.state(session).manifest
        if manifest is not None:
            await self._copies.remove_changed(session, manifest)
        return await self._from.packaging.ensure(session)

    async def file(self, visitor: Visitor, session: SessionId, name: str) -> Path:
        """A file of a package that is ready; Refused `not_found` for any other."""
        await self.admit(visitor, session)
        manifest = self._from.packaging.state(session).manifest
        names = [] if manifest is None else [file.file for file in manifest.files]
        if name not in names or Path(name).name != name:
            raise Refused("not_found")
        return self._from.derived / session / name

    # ----------------------------------------------------------------------------------------

    def _package_of(self, line: Line) -> PackageState:
        if line.recording == "none":
            return PackageState("none", 0.0, None)
        return self._from.packaging.state(line.session)

    async def _note(
        self, visitor: Visitor, viewer: Viewer, session: SessionId, allowed: bool
    ) -> None:
        """One event for each look, whatever it asks for; who asks meanwhile waits for it."""
        key, now_us = (visitor.login, session, allowed), self._from.clock.mono_us()
        before_us = self._looks.get(key)
        if before_us is None or now_us - before_us > LOOK_US:
            if key not in self._telling:
                kind = RecordingOpened if allowed else RecordingRefused
                event = kind(session, viewer.person, viewer.role, visitor.link)
                telling = self._tasks.spawn("tell", self._ledger.tell(event))
                telling.add_done_callback(lambda _: self._telling.pop(key, None))
                self._telling[key] = telling
            await asyncio.shield(self._telling[key])
        self._looks.pop(key, None)
        self._looks[key] = now_us
        if len(self._looks) > LOOKS_KEPT:
            del self._looks[next(iter(self._looks))]

    async def _read(self, session: SessionId) -> list[Entry]:
        try:
            return await self._from.journal.read(session)
        except JournalFailed as error:
            raise refusal(error) from error
        except UnreadableEntry as error:
            raise Refused("session_unreadable") from error


class _Copies:
    """Looks through packaged files, once for as long as they stay what they are."""

    def __init__(self, derived: Path) -> None:
        self._derived = derived
        self._tasks = TaskOwner("copies")
        self._stopped = False
        self._known: dict[Path, tuple[str, tuple[int, int, int] | None, bool]] = {}
        self._running: dict[SessionId, asyncio.Task[None]] = {}

    async def close(self) -> None:
        self._stopped = True
        await self._tasks.close()

    async def held(self, session: SessionId, manifest: Manifest) -> dict[str, bool]:
        """Which files hold what was made, of those that have been looked at by now."""
        task = self._running.get(session)
        if task is None or task.done():
            task = self._tasks.spawn(session, self._look(session, manifest))
            task.add_done_callback(lambda _: self._running.pop(session, None))
            self._running[session] = task
        await asyncio.wait([task], timeout=CHECK_SECONDS)
        found = (
            (file.file, self._known.get(self._path(session, file.file))) for file in manifest.files
        )
        return {name: known[2] for name, known in found if known is not None}

    async def remove_changed(self, session: SessionId, manifest: Manifest) -> None:
        """Take away what does not hold, so that it is made again."""
        for name, good in (await self.held(session, manifest)).items():
            if not good:
                await asyncio.to_thread(self._path(session, name).unlink, missing_ok=True)

    async def _look(self, session: SessionId, manifest: Manifest) -> None:
        for file in manifest.files:
            path = self._path(session, file.file)
            mark = await asyncio.to_thread(fingerprint, path)
            known = self._known.get(path)
            if known is not None and known[:2] == (file.sha256, mark):
                continue
            self._known.pop(path, None)
            good = await asyncio.to_thread(holds, path, file.sha256, lambda: self._stopped)
            if good is not None:
                self._known[path] = (file.sha256, mark, good)

    def _path(self, session: SessionId, name: str) -> Path:
        return self._derived / session / name
