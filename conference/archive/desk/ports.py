"""What the desk is handed by the wiring."""

from typing import Protocol

from conference.ids import SessionId
from conference.recording.packaging import PackageState
from conference.rooms.state import RoomState


class Rooms(Protocol):
    """The live rooms (rooms/service.py)."""

    async def state(self, session: SessionId) -> RoomState: ...


class Packaging(Protocol):
    """Who makes files of recordings (recording/packaging.py)."""

    def state(self, session: SessionId) -> PackageState: ...

    async def ensure(self, session: SessionId) -> PackageState: ...
