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
        rendered = wang.events("documents:document:rendered")[-1]
        signed = wang.events("documents:signature:given")[0]
    await server.stop()
    code, said = verify(server.data)
    assert code == 0, said
    found = {}
    for what, digest in (("PDF", rendered["pdf_hash"]), ("hand", signed["strokes_hash"])):
        path = server.data / "blobs" / digest[:2] / digest
        whole = flip(path)
        found[what] = verify(server.data)
        path.unlink()
        code, said = verify(server.data)
        assert code == 1 and "is missing" in said
        path.write_bytes(whole)
    assert found["PDF"][0] == 1 and "the PDF has been changed" in found["PDF"][1]
    assert found["hand"][0] == 1 and "handwriting of seat" in found["hand"][1]
    assert verify(server.data)[0] == 0
