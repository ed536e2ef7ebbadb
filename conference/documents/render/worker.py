"""The process that makes PDFs: jobs come in on its standard input, PDFs go out on the other side.

    python -m conference.documents.render.worker FOLDER …      the folders of the fonts

It ends with its input, so when the server dies. typst keeps fonts and layout from one job to the
next: the first takes some 200 ms, the others 20.
"""

import json
import os
import pickle
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import typst

from conference.documents.render.job import RenderJob
from conference.documents.render.layout import inputs
from conference.documents.render.wire import FAILED, LENGTH, PDF, frame

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "agreement.typ"

BODY = ("FangSong", "FangSong_GB2312", "FZFangSong-Z02S", "STFangsong", "Zhuque Fangsong")
"""What an official text is set in, where the administrator has it."""
SERIF, SANS, ARABIC = "Noto Serif SC", "Noto Sans SC", "Noto Naskh Arabic"


class Printer:
    """One compiler with the fonts of some folders."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(folder) for folder in folders],
        )
        self._families = json.dumps(families(self._fonts.families()))
        self._compiler = typst.Compiler(
            str(TEMPLATE), root=str(FOLDER), font_paths=self._fonts, ignore_system_fonts=True
        )

    def print(self, job: RenderJob) -> bytes:
        """The PDF. A glyph that no font has, or a template that does not fit, is a TypstError."""
        pdf = self._compiler.compile(
            sys_inputs={**inputs(job), "fonts": self._families},
            format="pdf",
            pdf_standards=["a-3b"],
            timestamp=job.completed_at_us // 1_000_000,
        )
        assert isinstance(pdf, bytes)
        return pdf + b"\n"  # a signature appended later begins on a line of its own


def families(known: Sequence[str]) -> dict[str, list[str]]:
    """Which families the template tries, in order; every family that is there is among them, as a
    character is accepted when any font has it."""
    body = [name for name in BODY if name in known]
    others = {*known} - {*body, SERIF, SANS, ARABIC}
    rest = sorted(others, key=lambda name: (not name.endswith(" SC"), name))
    return {"serif": [*body, SERIF, ARABIC, SANS, *rest], "sans": [SANS, ARABIC, SERIF, *rest]}


def answer(printer: Printer, job: RenderJob) -> bytes:
    """What becomes of one job."""
    try:
        return PDF + printer.print(job)
    except typst.TypstError as error:
        return FAILED + error.message.splitlines()[0].encode()
    except Exception as error:
        return FAILED + f"{type(error).__name__} while the job was laid out".encode()


def main(arguments: Sequence[str]) -> int:
    """Serve until the input ends. Signals meant for the server's group do not end it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no frame
    printer = Printer([Path(argument) for argument in arguments])
    while head := source.read(LENGTH.size):
        (length,) = LENGTH.unpack(head)
        sink.write(frame(answer(printer, pickle.loads(source.read(length)))))
        sink.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
