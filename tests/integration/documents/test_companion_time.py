"""A companion's five minutes, at a real server whose wall clock a test sets forward."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import conference.app
from conference.clock import SystemClock
from conference.config import Configuration
from tests.support.guest import guests
from tests.support.phone import phone, press_status
from tests.support.signing_round import SIGNERS, acknowledge_all, frozen, handwriting, named

WANG, _, MA = SIGNERS
FIVE_MINUTES_US = 300_000_000


class SetForward(SystemClock):
    """The machine's clock, and by how much somebody has set its wall time forward."""

    forward_us = 0

    def wall_us(self) -> int:
        return super().wall_us() + self.forward_us


class InProcess:
    """The links of a server in this process."""

    def __init__(self, data: Path, base_url: str) -> None:
        self._data = data
        self.base_url = base_url

    def demo(self) -> dict[str, Any]:
        links: dict[str, Any] = json.loads((self._data / "demo.json").read_text("utf-8"))
        return links


@asynccontextmanager
async def served(
    clock: SetForward, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[InProcess]:
    monkeypatch.setattr(conference.app, "SystemClock", lambda: clock)
    settings = {
        "data": folder / "data",
        "port": 0,
        "media": {"port": 0},
        "demo": True,
        "bare_demo": True,
    }
    async with conference.app.open_server(Configuration.model_validate(settings)) as url:
        yield InProcess(folder / "data", url)


async def test_after_five_minutes_it_opens_nothing_and_signs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetForward()
    async with (
        served(clock, tmp_path, monkeypatch) as server,
        guests(server, MA, WANG) as (mediator, wang),
        phone() as pad,
    ):
        await mediator.join()
        await wang.join()
        document = await frozen(mediator)
        await acknowledge_all(wang, document)
        unused = await wang.command("companion_issue")
        clock.forward_us += FIVE_MINUTES_US - 20_000_000
        await pad.scan(unused["url"])
        clock.forward_us += 20_000_000
        assert await press_status(unused["url"]) == 410
        ticket = await wang.command("companion_issue")
        await pad.press(ticket["url"])
        joined = await pad.ask("companion_join", {})
        assert joined["ok"] and joined["expires_at_us"] == ticket["expires_at_us"]
        clock.forward_us += FIVE_MINUTES_US
        message = {**named(document), "command_id": "late-sign", "strokes": handwriting()}
        answer = await pad.ask("document_sign", message)
        assert answer["error"]["code"] == "companion_expired"
        await pad.hears("companion_ended")
        assert pad.messages("companion_ended") == [{"reason": "expired"}]
        await pad.is_cut()
        assert await press_status(ticket["url"]) == 410
        assert await pad.status("companion") == 401
        resumed = await wang.resume()
        signer = resumed["snapshot"]["documents"][0]["signers"][0]
        assert resumed["ok"] and signer["signed_at_us"] is None
