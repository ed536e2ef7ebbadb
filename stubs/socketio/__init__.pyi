"""The names of python-socketio that this project uses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import aiohttp
from socketio import exceptions as exceptions

class AsyncClient:
    def __init__(
        self,
        reconnection: bool = ...,
        *,
        handle_sigint: bool = ...,
        http_session: aiohttp.ClientSession | None = ...,
    ) -> None: ...
    def on(self, event: str, handler: Callable[..., Any]) -> None: ...
    async def connect(
        self,
        url: str,
        *,
        auth: Mapping[str, Any] | None = ...,
        transports: Sequence[str] | None = ...,
        socketio_path: str = ...,
        wait_timeout: float = ...,
    ) -> None: ...
    async def emit(
        self,
        event: str,
        data: object = ...,
        callback: Callable[..., Awaitable[None] | None] | None = ...,
    ) -> None: ...
    async def disconnect(self) -> None: ...
