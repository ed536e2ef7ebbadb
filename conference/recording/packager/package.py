"""All files of one session: recorded blocks in, in the order in which they came, one file for each
endpoint out."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from conference.ids import EndpointId
from conference.recording.packager.clock import EndpointClock
from conference.recording.packager.follow import Folder, FollowedFile
from conference.recording.packager.manifest import FlawFound, Manifest
from conference.recording.packager.output import Output
from conference.recording.packager.plan import Interval, Plan
from conference.recording.packager.track import Placed, TrackReader
from conference.recording.packet_journal import SUFFIX, Block, packets

MARGIN_US = 4_000_000
"""So far behind the last block nothing is written yet: the window for packets out of order, the
length of a block, and a second for a line that delays."""
PATIENT_US = 20_000_000
"""The same when a frame has come later than that after all."""
ROUND_US = 1_000_000
"""Blocks of one round of the writer may come so far out of order."""
BLOCKS_AT_ONCE = 50


class Again(Exception):
    """Something came so late that its place had been passed: all is to be made anew."""


class Package:
    """`recordings`: the session's folder of takes; `derived`: the folder for the files, which
    exists; `margin_us`: see MARGIN_US."""

    def __init__(
        self,
        recordings: Path,
        derived: Path,
        margin_us: int = MARGIN_US,
    ) -> None:
        self.plan: Plan | None = None
        self._folder = Folder(recordings, SUFFIX)
        self._derived = derived
        self._margin_us = margin_us
        self._readers: dict[str, TrackReader] = {}
        self._outputs: dict[EndpointId, Output] = {}
        self._clocks: dict[tuple[EndpointId, str], EndpointClock] = {}
        self._at: tuple[str, int] | None = None
        """Life of the server and arrival up to which everything has been taken."""

    def step(self) -> bool:
        """Take some of what is there; whether there may be more at once."""
        self._folder.look()
        taken = 0
        for _ in range(BLOCKS_AT_ONCE):
            file = self._folder.next_block(self._rank)
            if file is None:
                break
            self._take(file, file.blocks.popleft())
            taken += 1
        if taken:
            self._advance()
        return taken == BLOCKS_AT_ONCE

    def complete(self) -> bool:
        """Whether everything that is on disk has been taken."""
        return self._folder.complete()

    def progress(self) -> float:
        return self._folder.progress()

    def give_up(self) -> None:
        """Leave nothing half done."""
        for output in self._outputs.values():
            output.give_up()

    def finish(self, plan: Plan) -> Manifest:
        """Write the ends and indexes of all files. Raises Again."""
        for name, reader in self._readers.items():
            self._put(name, reader, reader.finish())
        if self._margin_us < PATIENT_US and any(o.assembly.late for o in self._outputs.values()):
            raise Again
        files = tuple(output.finish(plan) for output in self._outputs.values())
        names = {file.file for file in files}
        for path in self._derived.glob("*.webm"):
            if path.name not in names:
                path.unlink()
        return Manifest(plan.session, "ready", 1.0, plan.r_end_us, files, self._flaws(plan))

    def again(self) -> "Package":
        """A package that begins anew with what this one has learned."""
        self.give_up()
        package = Package(self._folder.directory, self._derived, PATIENT_US)
        package.plan = self.plan
        return package

    # ----------------------------------------------------------------------------------------

    def _rank(self, file: FollowedFile) -> int | None:
        """The place of the file's life of the server; None while the plan does not reach so far."""
        plan, description = self.plan, file.description
        if plan is None:
            return None
        if description is None:
            file.blocks.clear()  # nobody can say whose they are
            return None
        order = plan.order_of(description.epoch)
        if plan.final:
            return len(plan.intervals) if order is None else order
        interval = plan.interval_at(description.epoch, file.blocks[0].first_us)
        if order is None or interval is None:
            return None
        ended_us = interval.mono_to_us
        ahead = ended_us is not None and file.blocks[0].first_us >= ended_us
        return None if ahead and interval is plan.intervals[-1] else order

    def _take(self, file: FollowedFile, block: Block) -> None:
        reader = self._readers.get(file.name) or self._open(file)
        self._at = (reader.description.epoch, block.last_us)
        try:
            for packet in packets(block.payload):
                placed = reader.take(packet)
                self._put(file.name, reader, placed)
        except ValueError:
            reader.unreadable += 1

    def _open(self, file: FollowedFile) -> TrackReader:
        said = file.description
        assert said is not None
        clock = self._clocks.setdefault((said.endpoint, said.epoch), EndpointClock())
        reader = TrackReader(said, clock, partial(self._interval_at, said.epoch))
        self._readers[file.name] = reader
        return reader

    def _interval_at(self, epoch: str, mono_us: int) -> Interval | None:
        assert self.plan is not None
        return self.plan.interval_at(epoch, mono_us)

    def _put(self, name: str, reader: TrackReader, placed: Iterable[Placed]) -> None:
        endpoint, video = reader.description.endpoint, reader.description.kind == "video"
        for each in placed:
            output = self._outputs.get(endpoint)
            if output is None:
                output = self._outputs[endpoint] = Output(self._derived, endpoint)
            output.put(each, video)

    def _advance(self) -> None:
        """Write what nothing can come before any more."""
        assert self._at is not None and self.plan is not None
        epoch, at_us = self._at
        until: dict[EndpointId, int] = {}
        for name in list(self._readers):
            reader, file = self._readers[name], self._folder.files[name]
            if not file.blocks and (file.closed or reader.description.epoch != epoch):
                self._put(name, reader, reader.finish())
                del self._readers[name]
                continue
            self._put(name, reader, reader.due(at_us - ROUND_US))
            waits_us = reader.waits_since_us
            if waits_us is not None and reader.description.epoch == epoch:
                endpoint = reader.description.endpoint
                until[endpoint] = min(until.get(endpoint, at_us), waits_us)
        for endpoint, output in self._outputs.items():
            mono_us = min(at_us, until.get(endpoint, at_us)) - self._margin_us
            interval = self.plan.interval_at(epoch, mono_us)
            if interval is not None:
                r_us = interval.r_us(mono_us)
                ends_us = interval.r_to_us
                output.advance(r_us if ends_us is None else min(r_us, ends_us))

    def _flaws(self, plan: Plan) -> tuple[FlawFound, ...]:
        """What is wrong with the recorded files, by themselves and by the journal."""
        gone = sorted(plan.heads.keys() - self._folder.files.keys())
        found = [FlawFound(name, "missing") for name in gone]
        for name, file in sorted(self._folder.files.items()):
            for what, arrival_us in file.judge(plan.heads.get(name)):
                found.append(FlawFound(name, what, self._r_of(file, arrival_us)))
        return tuple(found)

    def _r_of(self, file: FollowedFile, arrival_us: int | None) -> int | None:
        if file.description is None or arrival_us is None:
            return None
        interval = self._interval_at(file.description.epoch, arrival_us)
        if interval is None:
            return None
        r_us, ends_us = interval.r_us(arrival_us), interval.r_to_us
        return r_us if ends_us is None else min(r_us, ends_us)
