"""The paper of story A: what stands on it, what is attached, and the process that makes it."""

import asyncio
import itertools
import os
import random
import signal
import sys
import time
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from conference.documents.render import service
from conference.documents.render.fonts import coverage
from conference.documents.render.job import RenderJob
from conference.documents.render.service import Renderer, RenderFailed
from conference.documents.verify import verify_pdf
from tests.support.printed import FONTS, agreement, body, feet, fonts, job, squeezed, strokes
from tests.support.wait import wait_until

UYGHUR = "ئىككى تەرەپ سۇ توقامدىن سۇنى نۆۋەت بىلەن ئىشلىتىدۇ."

CJK = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
NO_CJK = "needs the Debian package fonts-noto-cjk"


@pytest.fixture
def folder_with_cjk(tmp_path: Path) -> Path:
    """What an administrator may have: a collection of fonts in the other outline format."""
    if not CJK.exists():
        pytest.fail(NO_CJK) if os.environ.get("CI") else pytest.skip(NO_CJK)
    (tmp_path / CJK.name).symlink_to(CJK)
    return tmp_path


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    renderer = Renderer([FONTS])
    await renderer.start()
    yield renderer
    await renderer.close()


async def test_every_clause_stands_on_the_paper(renderer: Renderer) -> None:
    content = agreement()
    text = body(await renderer.render(job(content)))
    assert len(content["clauses"]) == 7
    for number, clause in zip("一二三四五六七", content["clauses"], strict=True):
        assert squeezed(f"{number}、{clause['text']}") in text
    for part in (content["title"], content["number"], content["facts"], content["method"]):
        assert squeezed(part) in text


async def test_signatures_say_who_when_and_where_in_the_recording(renderer: Renderer) -> None:
    text = body(await renderer.render(job()))
    signed = text[text.rindex("签名申请人") :]
    at = "北京时间2026年7月20日17:12:17.3"
    assert f"王建国{at}录音录像位置00:51:07.3" in signed
    assert f"艾合买提·吐尔逊{at}签名时未录制" in signed
    assert f"马晓燕{at}录音录像位置00:51:07.3" in signed


async def test_every_page_has_its_number_and_the_hash(renderer: Renderer) -> None:
    order = job()
    pages = feet(await renderer.render(order))
    assert len(pages) > 1
    for number, foot in enumerate(pages, 1):
        assert order.hash in foot and f"第{number}页共{len(pages)}页" in foot


async def test_handwriting_is_ink_from_paths_not_from_a_picture(renderer: Renderer) -> None:
    with_ink = await renderer.render(job())
    raw = pypdfium2.raw
    document = pypdfium2.PdfDocument(with_ink)
    pictures = [o for page in document for o in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE])]
    paths = [o for page in document for o in page.get_objects([raw.FPDF_PAGEOBJ_PATH])]
    assert not pictures and len(paths) > 9  # three strokes for each of three signers
    page = document[len(document) - 1].render(scale=1, grayscale=True).to_numpy()
    assert np.count_nonzero(page < 100) > 500


async def test_the_frozen_text_is_attached_byte_for_byte(renderer: Renderer) -> None:
    order = job()
    pdf = await renderer.render(order)
    document = pypdfium2.PdfDocument(pdf)
    assert document.count_attachments() == 1
    attached = document.get_attachment(0)
    assert attached.get_name() == "agreement.json"
    assert bytes(attached.get_data()) == order.content
    assert verify_pdf(pdf, order.content) is None
    assert b"/AFRelationship/Data" in pdf.replace(b" ", b"")


async def test_the_same_job_gives_the_same_bytes_in_another_process(renderer: Renderer) -> None:
    first = await renderer.render(job())
    other = Renderer([FONTS])
    await other.start()
    try:
        assert await other.render(job()) == first
    finally:
        await other.close()
    assert first.endswith(b"%%EOF\n")
    changed = agreement(copies=4)
    assert await renderer.render(job(changed)) != first


async def test_all_fonts_are_embedded(renderer: Renderer) -> None:
    text = agreement(clauses=[UYGHUR, "罕用字：䶮𬭎㑇。"])
    used = fonts(await renderer.render(job(text)))
    assert len(used) >= 3 and all(used.values()), used
    assert any("Naskh" in name for name in used)


async def test_an_administrators_font_adds_its_characters(folder_with_cjk: Path) -> None:
    name, folders = "𠮷田", [FONTS, folder_with_cjk]
    assert coverage([FONTS]).missing_glyphs(name) == ["𠮷"]
    assert coverage(folders).missing_glyphs(name) == []
    renderer = Renderer(folders)
    await renderer.start()
    try:
        pdf = await renderer.render(job(agreement(clauses=[name])))
    finally:
        await renderer.close()
    assert name in body(pdf) and "NotoSerifCJKsc" in str(fonts(pdf))


async def test_what_people_write_is_never_markup(renderer: Renderer) -> None:
    wild = '#read("agreement.typ") *粗* _斜_ $x$ @引 <标> `码` \\ // 注 = 题 - 项 "引号" \'单\''
    text = agreement(clauses=[wild, "= 不是标题"])
    assert squeezed(wild) in body(await renderer.render(job(text)))


async def test_a_character_no_font_has_is_a_clear_failure(renderer: Renderer) -> None:
    missing = "\U000323af"
    assert coverage([FONTS]).first_missing(f"马{missing}燕") == missing
    with pytest.raises(RenderFailed, match=missing):
        await renderer.render(job({**agreement(), "method": f"写{missing}"}))
    assert await renderer.render(job())  # the process lives on


async def test_what_the_check_accepts_is_printed(renderer: Renderer) -> None:
    printable, chance = coverage([FONTS]), random.Random(4)
    drawn: set[str] = set()
    while len(drawn) < 1500:
        character = chr(chance.choice([chance.randrange(0x21, 0x3000), chance.randrange(0x33FFF)]))
        visible = unicodedata.category(character)[0] in "LNPS"
        if visible and character not in "{}" and printable.first_missing(character) is None:
            drawn.add(character)
    sample = "".join(sorted(drawn))
    assert await renderer.render(job(agreement(clauses=[sample])))


async def test_all_of_gb2312_is_read_back(renderer: Renderer) -> None:
    rows = [bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    hanzi = "".join(pair.decode("gb2312", errors="ignore") for pair in rows)
    parts = [hanzi[at : at + 1999] for at in range(0, len(hanzi), 1999)]
    text = body(await renderer.render(job(agreement(clauses=parts))))
    assert len(hanzi) == 6763
    assert not set(hanzi) - set(text)


# --- the process ---


async def test_a_dead_process_costs_no_paper(renderer: Renderer) -> None:
    first = await renderer.render(job())
    dead = renderer.pid
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    assert await renderer.render(job()) == first
    assert renderer.pid != dead


async def test_a_process_that_hangs_is_replaced(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await renderer.render(job())
    hung = renderer.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    monkeypatch.setattr(service, "PATIENCE_S", 5.0)
    assert await renderer.render(job()) == first
    assert _lives(hung) is None


async def test_a_job_that_cannot_be_laid_out_fails_alone(renderer: Renderer) -> None:
    good = job()
    bad = RenderJob(b'{"format":"agreement/1"}', good.hash, (), good.completed_at_us)
    answers = await asyncio.gather(
        renderer.render(good), renderer.render(bad), renderer.render(good), return_exceptions=True
    )
    assert isinstance(answers[1], RenderFailed) and "KeyError" in str(answers[1])
    assert answers[0] == answers[2]


async def test_the_loop_is_never_held(renderer: Renderer) -> None:
    order = job()
    large = tuple(replace(each, strokes=strokes(2_500)) for each in order.signatures)
    order = replace(order, signatures=large)
    ticks = [time.thread_time()]
    done = asyncio.Event()

    async def tick() -> None:
        while not done.is_set():
            ticks.append(time.thread_time())
            await asyncio.sleep(0)

    ticking = asyncio.gather(tick())
    for _ in range(3):
        await renderer.render(order)
    done.set()
    await ticking
    # CPU time of this thread between two turns: what others on the machine do is not counted.
    assert max(b - a for a, b in itertools.pairwise(ticks)) < 0.05


async def test_closing_ends_the_process_and_tells_who_waits() -> None:
    renderer = Renderer([FONTS])
    await renderer.start()
    await renderer.render(job())
    process = renderer.pid
    assert process is not None
    waiting = asyncio.gather(*(renderer.render(job()) for _ in range(3)), return_exceptions=True)
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await renderer.close()
    assert all(isinstance(each, RenderFailed | bytes) for each in await waiting)
    assert _lives(process) is None


async def test_the_process_ends_with_its_server() -> None:
    """What a killed server leaves behind: nothing."""
    start = (
        "import asyncio, sys; from pathlib import Path\n"
        "from conference.documents.render.service import Renderer\n"
        "from tests.support.printed import FONTS, job\n"
        "async def main():\n"
        "    renderer = Renderer([FONTS]); await renderer.start(); await renderer.render(job())\n"
        "    print(renderer.pid, flush=True); await asyncio.Event().wait()\n"
        "asyncio.run(main())"
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", start, stdout=asyncio.subprocess.PIPE, cwd=FONTS.parents[1]
    )
    assert server.stdout is not None
    child = int(await server.stdout.readline())
    server.kill()
    await server.wait()
    await wait_until(lambda: _lives(child), 5.0)


def _lives(process: int) -> str | None:
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None
    return None if state == "Z" else f"process {process} lives"
