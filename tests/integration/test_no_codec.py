"""The live server decodes and encodes nothing: it runs here, in this process, where every way to a
codec raises, and three people still see and hear each other."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import av
import pytest
from aiortc import rtcrtpreceiver
from aiortc.codecs import vpx

from conference.app import open_server
from conference.config import Configuration, MediaSection
from tests.support.participants import HOST, crowd, demo_plan, not_left
from tests.support.relay import check_relay

SECONDS = 8


class CodecUsed(BaseException):
    """No `except Exception` on the way hides it."""


@pytest.fixture
def no_codec(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every way to a codec raises, and is remembered in case the exception gets lost."""
    used: list[str] = []

    def forbidden(name: str) -> object:
        def raises(*_: object, **__: object) -> NoReturn:
            used.append(name)
            raise CodecUsed(name)

        return raises

    real, closed = av.CodecContext, _Closed(forbidden("CodecContext.create"))
    # CodecContext is a C type whose attributes cannot be set: every name for it is replaced.
    for module in list(sys.modules.values()):
        for name in ("get_encoder", "get_decoder"):
            if module.__name__.startswith("aiortc") and hasattr(module, name):
                monkeypatch.setattr(module, name, forbidden(name))
        if getattr(module, "CodecContext", None) is real:
            monkeypatch.setattr(module, "CodecContext", closed)
    monkeypatch.setattr(av, "open", forbidden("av.open"))
    yield used


class _Closed:
    def __init__(self, create: object) -> None:
        self.create = create


async def test_the_server_forwards_with_every_codec_out_of_reach(
    no_codec: list[str], tmp_path: Path
) -> None:
    def script(name: str) -> str:
        return "1 record start" if name == HOST else ""

    media = MediaSection(port=0)
    config = Configuration(data=tmp_path / "data", port=0, demo=True, bare_demo=True, media=media)
    async with open_server(config):
        demo = (tmp_path / "data" / "demo.json").read_text("utf-8")
        plan = demo_plan(json.loads(demo), 3, SECONDS, script)
        for each in plan["participants"]:
            each["watch"] = True
        async with crowd(tmp_path / "crowd", plan) as people:
            reports = await people.reports(timeout=SECONDS + 45)
    assert not not_left(reports), people.output()
    assert no_codec == []
    verdict = check_relay(reports)
    print(verdict)
    assert not verdict.faults, verdict
    for report in reports:
        pictures = [each for each in report["decoded"].values() if "frames" in each]
        sounds = [each for each in report["decoded"].values() if "packets" in each]
        assert len(pictures) == len(sounds) == 2, report["decoded"]
        assert all(each["frames"] >= 100 and each["shades"] > 30 for each in pictures), pictures
        assert all(each["packets"] >= 300 and each["peak"] > 3000 for each in sounds), sounds


def test_the_fixture_closes_the_way_to_a_codec(no_codec: list[str]) -> None:
    """Otherwise the test above could not fail."""
    with pytest.raises(CodecUsed):
        av.CodecContext.create("libvpx", "r")
    with pytest.raises(CodecUsed):
        vpx.Vp8Decoder()
    with pytest.raises(CodecUsed):
        vars(rtcrtpreceiver)["get_decoder"](None)
    assert no_codec == ["CodecContext.create", "CodecContext.create", "get_decoder"]
