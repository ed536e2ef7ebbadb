"""`python -m conference verify` over a signed session, as it was left and after it was touched."""

from pathlib import Path

from tests.support.evidence import verify
from tests.support.guest import guests
from tests.support.server import ServerProcess
from tests.support.signing_round import SIGNERS, acknowledge_all, frozen, sign

WANG, AHMET, MA = SIGNERS


def flip(path: Path) -> bytes:
    """Change one byte in the middle; the content before."""
    whole = path.read_bytes()
    spoilt = bytearray(whole)
    spoilt[len(whole) // 2] ^= 1
    path.write_bytes(spoilt)
    return whole


async def test_paper_and_handwriting_are_what_the_journal_names(server: ServerProcess) -> None:
    async with guests(server, MA, WANG, AHMET) as people:
        for guest in people:
            await guest.join()
        mediator, wang, ahmet = people
        document = await frozen(mediator)
        for guest in (wang, ahmet, mediator):
            await acknowledge_all(guest, document)
            await sign(guest, document)
        await wang.hears("documents:document:rendered", timeout=20)
        (rendered,) = wang.events("documents:document:rendered")
        signed = wang.events("documents:signature:given")[0]
        hashes = (rendered["pdf_hash"], signed["strokes_hash"])
    await server.stop()
    code, said = verify(server.data)
    assert code == 0, said
    paper, ink = (server.data / "blobs" / d[:2] / d for d in hashes)
    whole = flip(paper), flip(ink)
    code, said = verify(server.data)
    assert code == 1 and "the PDF has been changed" in said
    assert "the handwriting of seat" in said and "4 faults" in said  # all three wrote the same
    paper.write_bytes(whole[0])
    ink.unlink()
    code, said = verify(server.data)
    assert code == 1 and "3 faults" in said and said.count("is missing") == 3
