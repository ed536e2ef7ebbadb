"""What a room tells a person before the person is in it."""

from conference.errors import Refused
from conference.http_api.ports import Invitation, Person
from conference.ids import SeatId, SessionId
from conference.rooms.service import RoomsService


class Invitations:
    """Reads the rooms."""

    def __init__(self, rooms: RoomsService) -> None:
        self._rooms = rooms

    async def of(self, session: SessionId, seat: SeatId) -> Invitation:
        """For the link page and /api/me; Refused for a session or seat that is not there."""
        state = await self._rooms.state(session)
        if state.created is None or seat not in state.seats:
            raise Refused("seat_unknown")
        people = {
            info.seat: Person(info.name, info.role, info.standing, info.unit)
            for info in state.created.seats
        }
        return Invitation(
            session=session,
            title=state.created.title,
            case_number=state.created.case_number,
            state=state.session,
            scheduled_at_us=state.created.scheduled_at_us,
            seat=seat,
            person=people[seat],
            host=people[state.created.host_seat],
            beside=tuple(info.name for info in state.created.seats if info.beside == seat),
        )
