"""Reports reach the rooms in order, and a room that cannot now hears them later."""

from conference.errors import Refused
from conference.events.recording import (
    RecordingFailed,
    RecordingGap,
    RecordingRestored,
    RecordingSealed,
    SealedTrack,
)
from conference.ids import SeatId, SessionId, TrackId
from conference.recording.reports import WAITING, Reports
from conference.rooms.commands import (
    SERVER,
    Command,
    NoteGap,
    NoteSealed,
    ReportWriterFailed,
    ReportWriterRestored,
)
from tests.support.recording import SESSION, NotedRooms

OTHER = SessionId("other")
TRACK = SealedTrack(TrackId("camera"), 2, "ab", 100, 7)


class Room(NotedRooms):
    """Refuses with the codes it is given, one for each report, before it takes any."""

    def __init__(self, *refusals: str) -> None:
        super().__init__()
        self.refusals = list(refusals)

    async def submit(self, session: SessionId, command: Command, actor: SeatId) -> None:
        assert actor == SERVER
        if self.refusals:
            raise Refused(self.refusals.pop(0))
        self.told.append(command)


async def told(room: Room, *events: object) -> list[Command]:
    reports = Reports()
    reports.start(room)
    for event in events:
        reports.put(SESSION, event)  # type: ignore[arg-type]
    await reports.drain(5.0)
    await reports.close()
    return room.told


async def test_each_event_has_its_command() -> None:
    said = await told(
        Room(),
        RecordingFailed("writer_died", 5),
        RecordingRestored(6, "1-2"),
        RecordingGap(None, 1, 2, "writer_died", 3),
        RecordingSealed("1", (TRACK,)),
    )
    assert said == [
        ReportWriterFailed("writer_died", 5),
        ReportWriterRestored(6, "1-2"),
        NoteGap(None, 1, 2, "writer_died", 3),
        NoteSealed("1", (TRACK,)),
    ]


async def test_a_busy_room_hears_it_later_and_in_order() -> None:
    events = [RecordingFailed("disk_full", 5), RecordingGap(None, 1, 2, "disk_full", 0)]
    said = await told(Room("storage_full"), *events)
    assert [type(command) for command in said] == [ReportWriterFailed, NoteGap]


async def test_what_is_refused_for_good_is_given_up() -> None:
    said = await told(
        Room("bad_message"), RecordingFailed("disk_full", 5), RecordingRestored(6, "")
    )
    assert [type(command) for command in said] == [ReportWriterRestored]


async def test_too_many_reports_give_up_heads_first() -> None:
    reports = Reports()
    room = Room()
    reports.start(room)
    for _ in range(WAITING):
        reports.put(SESSION, RecordingSealed("1", (TRACK,)))
    for n in range(5):
        reports.put(SESSION, RecordingGap(None, n, n, "overload", 0))
    await reports.drain(5.0)
    await reports.close()
    assert len(room.told) == WAITING
    assert len(room.gaps()) == 5
