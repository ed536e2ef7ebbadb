"""The session as a whole: its making, its pauses, and who is let in."""

from dataclasses import replace

import pytest

from conference.events.access import LinkIssued, LinkOpened, LinkWithdrawn
from conference.events.room import (
    EndpointLeft,
    SeatInfo,
    SessionCreated,
    SessionPaused,
    SessionResumed,
)
from conference.events.server import EpochStarted
from conference.ids import LinkId, LoginId, SeatId
from conference.rooms.commands import (
    SERVER,
    IssueLink,
    OpenLink,
    PauseSession,
    ResumeSession,
    WithdrawLink,
)
from tests.support.playbook import Playbook
from tests.support.story_a import FATHER, JUDGE, MEDIATOR, SEATS, SON, create_session, endpoint

LINK, LOGIN = LinkId("link"), LoginId("login")
LATER = 3_600_000_000


def test_a_session_begins_with_its_people_and_the_servers_life() -> None:
    play = Playbook()
    created, epoch = play.says(SERVER, create_session())
    assert isinstance(created, SessionCreated)
    assert created.seats == SEATS
    assert epoch == EpochStarted("epoch-1", None, None)
    assert play.room.state.session == "scheduled"


def seat(name: str, beside: SeatId | None = None) -> SeatInfo:
    return SeatInfo(SeatId(name), name, name, "party", "", beside)


@pytest.mark.parametrize(
    ("seats", "host", "code"),
    [
        ((*SEATS, SEATS[0]), MEDIATOR, "seats_not_distinct"),
        ((*SEATS, seat("server")), MEDIATOR, "seats_not_distinct"),
        (SEATS, SeatId("nobody"), "host_role"),
        (SEATS, FATHER, "host_role"),
        ((*SEATS, seat("x", SeatId("nobody"))), MEDIATOR, "beside_unknown"),
        ((*SEATS, seat("x", SeatId("x"))), MEDIATOR, "beside_unknown"),
        ((*SEATS, seat("x", SON)), MEDIATOR, "beside_unknown"),
    ],
)
def test_a_session_whose_seats_make_no_sense_is_not_made(
    seats: tuple[SeatInfo, ...], host: SeatId, code: str
) -> None:
    Playbook().refuses(SERVER, replace(create_session(), seats=seats, host_seat=host), code)


def test_only_the_host_pauses_and_resumes() -> None:
    play = Playbook().opened(JUDGE)
    play.refuses(JUDGE, PauseSession(), "not_allowed")
    play.refuses(MEDIATOR, ResumeSession(), "session_not_paused")
    play.says(MEDIATOR, PauseSession())
    play.refuses(MEDIATOR, PauseSession(), "session_paused")
    play.refuses(JUDGE, ResumeSession(), "not_allowed")
    play.says(MEDIATOR, ResumeSession())
    play.hears(SessionPaused("host"), SessionResumed())


def with_link(link: LinkId = LINK, seat: SeatId = FATHER) -> Playbook:
    play = Playbook().opened(FATHER)
    play.says(SERVER, IssueLink(link, seat, play.clock.wall_us() + LATER))
    play.hears(LinkIssued(link, seat, play.clock.wall_us() + LATER))
    return play


def test_a_link_opens_again_and_again_until_it_expires() -> None:
    play = with_link()
    for _ in range(2):
        play.says(SERVER, OpenLink(LINK, LOGIN))
    play.hears(LinkOpened(LINK, FATHER, LOGIN), LinkOpened(LINK, FATHER, LOGIN))
    play.wait(3600)
    play.refuses(SERVER, OpenLink(LINK, LOGIN), "link_expired")


def test_a_withdrawn_link_takes_its_person_out() -> None:
    play = with_link()
    play.says(SERVER, WithdrawLink(LINK))
    play.hears(LinkWithdrawn(LINK, FATHER), EndpointLeft(endpoint(FATHER), "expired"))
    play.refuses(SERVER, OpenLink(LINK, LOGIN), "link_withdrawn")
    assert play.says(SERVER, WithdrawLink(LINK)) == []


def test_another_link_of_the_same_seat_keeps_the_person_in() -> None:
    play = with_link()
    play.says(SERVER, IssueLink(LinkId("second"), FATHER, play.clock.wall_us() + LATER))
    play.says(SERVER, WithdrawLink(LINK))
    assert endpoint(FATHER) in play.room.state.endpoints
    play.says(SERVER, WithdrawLink(LinkId("second")))
    assert endpoint(FATHER) not in play.room.state.endpoints


def test_withdrawing_the_hosts_link_pauses() -> None:
    play = with_link(seat=MEDIATOR)
    play.says(SERVER, WithdrawLink(LINK))
    play.hears(
        LinkWithdrawn(LINK, MEDIATOR),
        EndpointLeft(endpoint(MEDIATOR), "expired"),
        SessionPaused("host_lost"),
    )


def test_links_are_for_seats_of_the_session_and_for_the_time_to_come() -> None:
    play = with_link()
    soon = play.clock.wall_us() + 1
    play.refuses(SERVER, IssueLink(LinkId("x"), SeatId("nobody"), soon), "seat_unknown")
    play.refuses(SERVER, IssueLink(LinkId("x"), FATHER, soon - 1), "bad_message")
    play.refuses(SERVER, IssueLink(LINK, FATHER, soon), "bad_message")
    play.refuses(SERVER, OpenLink(LinkId("x"), LOGIN), "link_unknown")
    play.refuses(SERVER, WithdrawLink(LinkId("x")), "link_unknown")
    play.refuses(MEDIATOR, WithdrawLink(LINK), "not_allowed")
