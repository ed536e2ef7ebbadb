"""The names of python-socketio that this project uses."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import aiohttp
import aiohttp.web
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

class AsyncServer:
    eio: Any
    manager: Any
    def __init__(
        self,
        *,
        async_mode: str = ...,
        async_handlers: bool = ...,
        transports: Sequence[str] = ...,
        cors_allowed_origins: Sequence[str] = ...,
        max_http_buffer_size: int = ...,
        ping_interval: float = ...,
        ping_timeout: float = ...,
        logger: logging.Logger = ...,
        engineio_logger: logging.Logger = ...,
    ) -> None: ...
    def on(self, event: str, handler: Callable[..., Any]) -> None: ...
    async def emit(
        self,
        event: str,
        data: object = ...,
        *,
        to: str = ...,
        callback: Callable[..., None] | None = ...,
    ) -> None: ...
    async def disconnect(self, sid: str) -> None: ...
    async def handle_request(self, request: aiohttp.web.Request) -> Any: ...
    async def shutdown(self) -> None: ...
