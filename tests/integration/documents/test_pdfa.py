"""The paper is PDF/A-3b by veraPDF's word, and what is broken is not."""

from pathlib import Path

import typst

from conference.documents.render.service import Renderer
from tests.support.printed import FONTS, agreement, job
from tests.support.verapdf import verdicts

UYGHUR = "ئىككى تەرەپ سۇ توقامدىن سۇنى نۆۋەت بىلەن ئىشلىتىدۇ."


async def test_verapdf_finds_nothing_and_finds_what_is_broken(tmp_path: Path) -> None:
    renderer = Renderer([FONTS])
    await renderer.start()
    try:
        story = await renderer.render(job())
        wild = await renderer.render(
            job(agreement(clauses=[UYGHUR, "䶮𬭎㑇", "条款。" * 600], place="九团"))
        )
    finally:
        await renderer.close()
    plain = typst.compile(b"= A")
    assert isinstance(plain, bytes)
    files = {
        "story": story,
        "wild": wild,
        "grown": story + b"1 0 obj\n<<>>\nendobj\n",
        "claim": story.replace(b"<pdfaid:part>3<", b"<pdfaid:part>1<"),
        "plain": plain,
        "garbage": b"%PDF-1.7\n" + bytes(range(256)),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    told = dict(zip(files, await verdicts(*(tmp_path / n for n in files)), strict=True))
    assert (told.pop("story"), told.pop("wild")) == ("pass", "pass")
    assert all(verdict.startswith("fail ") for verdict in told.values()), told
    assert told["claim"] == "fail 6.6.4-2"
