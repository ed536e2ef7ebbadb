"""The rooms' service: the order of things, failures of the store, and restarts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from functools import partial
from pathlib import Path

import pytest

from conference.errors import Fault, Refused
from conference.events.base import Draft, place
from conference.events.room import MuteSet, SessionResumed
from conference.ids import CommandId, SeatId, SessionId, TrackId
from conference.journal.chain import Head, Row, seal
from conference.journal.ports import Sealed, StorageFull
from conference.journal.verify import verify_journal
from conference.rooms.commands import (
    SERVER,
    JoinEndpoint,
    MarkLost,
    NewTrack,
    PauseSession,
    PublishTracks,
    ReportWriterFailed,
    ResumeRecording,
    ResumeSession,
    SetLayout,
    SetMute,
    StartRecording,
)
from conference.rooms.live import INBOX, Ack
from conference.tasks import TaskOwner
from tests.support.journal import disk_error
from tests.support.rooms import Life, server_life
from tests.support.story_a import FATHER, MEDIATOR, SEATS, SESSION, create_session, endpoint
from tests.support.wait import wait_until

HOST = endpoint("desk")
JOIN = JoinEndpoint(HOST, "browser")


def mute(number: int, muted: bool = True) -> SetMute:
    return SetMute(HOST, "camera", muted, command_id=CommandId(f"mute-{number}"))


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    async with server_life(tmp_path) as begun:
        await begun.created()
        yield begun


@pytest.fixture
async def tasks() -> AsyncIterator[TaskOwner]:
    async with TaskOwner("test", lambda name, error: None) as owner:
        yield owner


async def refusal(asked: Awaitable[object]) -> str:
    try:
        await asked
    except Refused as refused:
        return refused.code
    return "was not refused"


async def stored(life: Life) -> list[str]:
    return [entry.kind for entry in await life.journal.service.read(SESSION)]


async def test_tighten_commit_apply_loosen_tell_then_answer(life: Life) -> None:
    life.journal.store.gate.clear()
    async with TaskOwner("asking") as tasks:
        asking = tasks.spawn("join", life.says(MEDIATOR, JOIN))
        await wait_until(partial(in_the_stores_hands, life), timeout=5, interval=0.001)
        kinds = ["room:endpoint:joined", "room:session:opened"]
        assert life.notes.log == [("tighten", kinds)]
        assert (await life.rooms.state(SESSION)).session == "scheduled"
        assert not asking.done()
        life.journal.store.gate.set()
        ack = await asking
    assert life.notes.log == [("tighten", kinds), ("loosen", kinds), ("told", kinds)]
    assert (await life.rooms.state(SESSION)).session == "open"
    assert ack.feed[MEDIATOR] == ack.feed[FATHER] == 4


def in_the_stores_hands(life: Life) -> str | None:
    return None if life.journal.store.waiting else "the store was not asked"


@pytest.mark.parametrize(
    ("failure", "code"),
    [(StorageFull("full"), "storage_full"), (disk_error(), "journal_failed")],
)
async def test_what_cannot_be_stored_is_refused_and_stays_tightened(
    life: Life, failure: Exception, code: str
) -> None:
    await life.says(MEDIATOR, JOIN)
    life.notes.log.clear()
    life.journal.store.failures = [failure, failure]
    assert await refusal(life.says(MEDIATOR, mute(1))) == code
    assert life.notes.log == [("tighten", ["room:mute:set"])]
    assert (await life.rooms.state(SESSION)).endpoints[HOST].muted == set()
    assert await refusal(life.says(MEDIATOR, mute(1))) == code
    ack = await life.says(MEDIATOR, mute(1))
    assert ack.feed[MEDIATOR] == 5
    assert (await life.rooms.state(SESSION)).endpoints[HOST].muted == {"camera"}
    assert (await stored(life)).count("room:mute:set") == 1


async def test_a_commit_that_failed_after_the_fact_is_taken_in_and_not_repeated(
    life: Life,
) -> None:
    await life.says(MEDIATOR, JOIN)
    life.notes.log.clear()
    life.journal.store.failures = [disk_error()]
    life.journal.store.stored_all_the_same = True
    assert await refusal(life.says(MEDIATOR, mute(1))) == "journal_failed"
    ack = await life.says(MEDIATOR, mute(1))
    assert ack.feed[MEDIATOR] == 5
    assert (await stored(life)).count("room:mute:set") == 1
    kind = ["room:mute:set"]
    assert life.notes.log == [("tighten", kind), ("loosen", kind), ("told", kind)]


async def test_a_repeated_command_is_answered_as_before(life: Life) -> None:
    await life.says(MEDIATOR, JOIN)
    first = await life.says(MEDIATOR, mute(1))
    await life.says(MEDIATOR, mute(2, muted=False))
    assert await life.says(MEDIATOR, mute(1)) == first
    assert (await life.rooms.state(SESSION)).endpoints[HOST].muted == set()
    assert (await stored(life)).count("room:mute:set") == 2


async def test_a_command_that_changed_nothing_is_remembered_too(life: Life) -> None:
    await life.says(MEDIATOR, JOIN)
    await life.says(MEDIATOR, mute(1, muted=False))
    await life.says(MEDIATOR, mute(2))
    await life.says(MEDIATOR, mute(1, muted=False))
    assert (await life.rooms.state(SESSION)).endpoints[HOST].muted == {"camera"}


async def test_commands_are_taken_in_order_and_too_many_are_refused(
    life: Life, tasks: TaskOwner
) -> None:
    await life.says(MEDIATOR, JOIN)
    life.notes.hold = asyncio.Event()
    asked = []
    for number in range(INBOX + 1):
        command = mute(number, muted=number % 2 == 0)
        asked.append(tasks.spawn(str(number), life.says(MEDIATOR, command)))
        if number == 0:
            await wait_until(partial(taken, life), timeout=5, interval=0.001)
    await wait_until(partial(full, life), timeout=5, interval=0.001)
    assert await refusal(life.says(MEDIATOR, mute(-1))) == "busy"
    life.notes.hold.set()
    acks = [(await task).feed[MEDIATOR] for task in asked]
    assert acks == list(range(5, 5 + INBOX + 1))
    told = [entry.event for entry in life.notes.told if isinstance(entry.event, MuteSet)]
    assert [event.muted for event in told] == [n % 2 == 0 for n in range(INBOX + 1)]


def inbox(life: Life) -> int:
    return life.rooms.waiting(SESSION)


def taken(life: Life) -> str | None:
    return None if life.notes.held else "the first command is not in hand"


def full(life: Life) -> str | None:
    return None if inbox(life) == INBOX else f"{inbox(life)} commands wait"


async def test_closing_refuses_what_still_waits(life: Life, tasks: TaskOwner) -> None:
    await life.says(MEDIATOR, JOIN)
    life.notes.hold = asyncio.Event()
    asked = [tasks.spawn(str(n), refusal(life.says(MEDIATOR, mute(n)))) for n in range(3)]
    await wait_until(lambda: None if inbox(life) == 2 else "not yet asked", timeout=5)
    await life.rooms.close()
    assert [await task for task in asked] == ["stopping"] * 3
    assert await refusal(life.says(MEDIATOR, mute(9))) == "stopping"


@pytest.mark.parametrize("where", ["loosen", "told"])
async def test_a_fault_after_the_commit_refuses_nothing(life: Life, where: str) -> None:
    life.notes.failure = {where: RuntimeError("broken")}
    ack = await life.says(MEDIATOR, JOIN)
    assert ack.feed[MEDIATOR] == 4
    assert life.notes.log[-1][0] == "told"


async def test_a_fault_before_the_commit_stores_nothing(life: Life) -> None:
    life.notes.failure = {"tighten": RuntimeError("broken")}
    with pytest.raises(Fault):
        await life.says(MEDIATOR, JOIN)
    life.notes.failure = {}
    assert len(await stored(life)) == 2
    assert (await life.says(MEDIATOR, JOIN)).feed[MEDIATOR] == 4


async def test_what_another_process_wrote_is_taken_in(life: Life) -> None:
    """`python -m conference ...` writes to the stream while the server runs."""
    await life.says(MEDIATOR, JOIN)
    await life.says(MEDIATOR, PauseSession())
    store = life.journal.store
    head = await store.head(SESSION)
    draft = Draft(SessionResumed(), life.clock.now())
    await store.append([sealed_after(draft, head.seq, head.entry_hash)])
    assert await refusal(life.says(MEDIATOR, mute(1))) == "journal_failed"
    await life.says(MEDIATOR, mute(1))
    assert (await life.rooms.state(SESSION)).session == "open"
    assert await verify_journal(store) == []


def sealed_after(draft: Draft, seq: int, entry_hash: bytes) -> Sealed:
    entry = place(draft, SESSION, seq + 1)
    return Sealed(entry, seal(entry, Head(seq, entry_hash), bytes(16)))


async def test_unknown_sessions_and_seats(life: Life) -> None:
    nowhere = SessionId("nowhere")
    assert await refusal(life.rooms.submit(nowhere, JOIN, MEDIATOR)) == "session_unknown"
    assert await refusal(life.rooms.state(nowhere)) == "session_unknown"
    assert life.rooms.live() == [SESSION]
    stranger = SeatId("stranger")
    assert await refusal(life.rooms.snapshot(SESSION, stranger)) == "seat_unknown"
    assert await refusal(life.rooms.feed(SESSION, stranger, 0)) == "seat_unknown"
    assert await refusal(life.rooms.position(SESSION, stranger)) == "seat_unknown"
    assert await refusal(life.says(SERVER, create_session())) == "session_exists"


async def test_snapshot_feed_and_position_agree(life: Life) -> None:
    ack = await life.says(MEDIATOR, JOIN)
    await life.says(MEDIATOR, SetLayout("focus", FATHER))
    view = await life.rooms.snapshot(SESSION, MEDIATOR)
    assert view["you"]["layout"] == "focus"
    assert await life.rooms.position(SESSION, MEDIATOR) == ack.feed[MEDIATOR] + 1
    assert await life.rooms.position(SESSION, FATHER) == ack.feed[FATHER]
    items = await life.rooms.feed(SESSION, MEDIATOR, 2)
    assert [(item.n, item.kind) for item in items] == [
        (3, "room:endpoint:joined"),
        (4, "room:session:opened"),
        (5, "room:layout:set"),
    ]


async def test_a_snapshot_tells_why_it_stands_still(life: Life) -> None:
    await life.says(MEDIATOR, JOIN)
    opened = (await life.rooms.snapshot(SESSION, MEDIATOR))["session"]["opened_us"]
    assert opened is not None
    await life.says(MEDIATOR, StartRecording())
    await life.says(SERVER, ReportWriterFailed("disk_full", 42))
    view = await life.rooms.snapshot(SESSION, MEDIATOR)
    assert view["recording"] | {"r_us": None} == {
        "state": "failed",
        "r_us": None,
        "reason": "disk_full",
        "since_us": 42,
    }
    await life.says(MEDIATOR, PauseSession())
    view = await life.rooms.snapshot(SESSION, MEDIATOR)
    assert (view["session"]["pause_reason"], view["recording"]["reason"]) == ("host", None)
    await life.says(MEDIATOR, ResumeSession())
    view = await life.rooms.snapshot(SESSION, MEDIATOR)
    assert (view["session"]["pause_reason"], view["session"]["opened_us"]) == (None, opened)


async def begin_recording(directory: Path) -> Ack:
    """A life of the server that ends while it records; the father has a track."""
    async with server_life(directory) as life:
        await life.created()
        await life.says(MEDIATOR, JOIN)
        await life.says(FATHER, JoinEndpoint(endpoint("kiosk"), "terminal"))
        await life.says(MEDIATOR, mute(1))
        track = NewTrack(TrackId("sound"), "microphone", "audio")
        await life.says(FATHER, PublishTracks(endpoint("kiosk"), (track,)))
        life.clock.advance(1_000_000)
        ack = await life.says(MEDIATOR, StartRecording(command_id=CommandId("start")))
        life.clock.advance(9_000_000)
        return ack


async def test_a_restarted_server_rebuilds_what_was_running(tmp_path: Path) -> None:
    ack = await begin_recording(tmp_path)
    sealed = 1_000_000_000 + 9_500_000
    async with server_life(tmp_path, "epoch-2", sealed) as life:
        assert life.rooms.live() == [SESSION]
        assert life.sealed.asked == [(SESSION, "1")]
        state = await life.rooms.state(SESSION)
        assert (state.session, state.recording) == ("paused", "paused")
        assert state.endpoints[HOST].muted == {"camera"}
        assert (await life.rooms.recording_time(SESSION)).base_us == 8_500_000
        assert [time.base_us for time in life.notes.recording_times] == [8_500_000]
        ((what, kinds), told) = life.notes.log
        assert (what, kinds[0]) == ("loosen", "room:session:created")
        assert told == (
            "told",
            [
                "server:epoch:started",
                "media:track:ended",
                "recording:session:paused",
                "room:session:paused",
            ],
        )
        start = StartRecording(command_id=CommandId("start"))
        assert await life.says(MEDIATOR, start) == ack
        await life.says(MEDIATOR, ResumeSession())
        await life.says(MEDIATOR, ResumeRecording())
        assert await verify_journal(life.journal.store) == []


async def test_each_feed_goes_on_where_it_was(tmp_path: Path) -> None:
    ack = await begin_recording(tmp_path)
    async with server_life(tmp_path, "epoch-2") as life:
        for info in SEATS:
            missed = await life.rooms.feed(SESSION, info.seat, ack.feed[info.seat])
            assert [item.n - ack.feed[info.seat] for item in missed] == [1, 2, 3, 4]
            assert missed[0].kind == "server:epoch:started"
            assert missed[2].r_us == 0


async def test_a_server_that_starts_on_a_full_disk_rebuilds_when_there_is_space(
    tmp_path: Path,
) -> None:
    await begin_recording(tmp_path)
    async with server_life(tmp_path, "epoch-2") as life:
        assert life.rooms.live() == [SESSION]
    async with server_life(tmp_path, "epoch-3") as life:
        await life.rooms.close()
        again = Life(life.journal, "epoch-4", life.sealed)
        life.journal.store.failures = [StorageFull("full")]
        await again.rooms.start(life.journal.index)
        assert again.rooms.live() == []
        assert (await again.rooms.state(SESSION)).epoch == "epoch-4"
        await again.rooms.close()


async def test_a_session_that_nobody_opened_is_loaded_when_asked_for(tmp_path: Path) -> None:
    async with server_life(tmp_path) as life:
        await life.created()
    async with server_life(tmp_path, "epoch-2") as life:
        assert life.rooms.live() == []
        states = await asyncio.gather(*(life.rooms.state(SESSION) for _ in range(3)))
        assert states[0] is states[1] is states[2]
        assert (await stored(life)).count("server:epoch:started") == 2


async def test_a_session_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    async with server_life(tmp_path) as life:
        await life.created()
        row = Row(SESSION, 3, bytes(16), b'{"kind":"room:caucus:started"}', b"", b"")
        opened = place(Draft(SessionResumed(), life.clock.now()), SESSION, 3)
        await life.journal.store.append([Sealed(opened, row)])
    async with server_life(tmp_path, "epoch-2") as life:
        assert await refusal(life.rooms.state(SESSION)) == "session_unreadable"
        assert life.rooms.live() == []


async def test_lost_lines_are_the_servers_to_tell(life: Life) -> None:
    await life.says(MEDIATOR, JOIN)
    await life.says(SERVER, MarkLost(HOST))
    assert (await life.rooms.state(SESSION)).session == "paused"
    assert await refusal(life.says(MEDIATOR, ResumeSession())) == "line_lost"
