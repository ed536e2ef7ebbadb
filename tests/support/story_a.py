"""The people of story A, as a room knows them."""

from zlib import crc32

from conference.events.room import SeatInfo
from conference.ids import EndpointId, SeatId, SessionId
from conference.rooms.commands import CreateSession
from tests.support.virtual_clock import START_WALL_US

SESSION = SessionId("019827f1-0000-7000-8000-00000000000a")

MEDIATOR = SeatId("seat-ma-xiaoyan")
JUDGE = SeatId("seat-liu-weidong")
FATHER = SeatId("seat-wang-jianguo")
SON = SeatId("seat-wang-lei")
DEPARTMENT = SeatId("seat-chen-zhiqiang")

SEATS = (
    SeatInfo(MEDIATOR, "ma-xiaoyan", "马晓燕", "mediator", "九团人民调解委员会"),
    SeatInfo(JUDGE, "liu-weidong", "刘卫东", "judge", "九团法官工作室"),
    SeatInfo(FATHER, "wang-jianguo", "王建国", "party", "九团五连", None, "applicant"),
    SeatInfo(SON, "wang-lei", "王磊", "agent", "九团五连", FATHER, "applicant"),
    SeatInfo(DEPARTMENT, "chen-zhiqiang", "陈志强", "department", "九团水利工作站"),
)


def create_session(session: SessionId = SESSION) -> CreateSession:
    """The mediator hosts; 王磊 sits beside his father."""
    return CreateSession(
        session=session,
        title="九团五连灌溉用水纠纷",
        case_number="九团人调〔2026〕037号",
        dial_number=str(10_000_000 + crc32(session.encode()) % 89_999_999),
        track="people",
        host_seat=MEDIATOR,
        seats=SEATS,
        scheduled_at_us=START_WALL_US,
        video_cap_bps=1_500_000,
        origin="A",
    )


def endpoint(name: str) -> EndpointId:
    return EndpointId(f"endpoint-{name}")
