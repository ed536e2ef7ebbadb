"""Who may look at a recording."""

from typing import Literal

from conference.events.room import SeatRole

ViewerRole = SeatRole | Literal["archivist"]
Reach = Literal["all", "own", "none"]

VIEW: dict[ViewerRole, Reach] = {
    "archivist": "all",
    "judge": "own",
    "mediator": "own",
    "clerk": "own",
    "party": "own",
    "agent": "own",
    "department": "none",
    "witness": "none",
    "interpreter": "none",
    "observer": "none",
}
"""`own`: of the session that the viewer has a seat in. Who could look only on a condition that
cannot be checked here (an approval, a grant) may not."""


def may_view(role: ViewerRole, own: bool) -> bool:
    """Whether somebody in this role may open the recording of a session, of the own one or not."""
    reach = VIEW[role]
    return reach == "all" or (reach == "own" and own)
