from typing import Any

class WebSocket:
    environ: dict[str, Any]
    async def wait(self) -> str | bytes: ...
