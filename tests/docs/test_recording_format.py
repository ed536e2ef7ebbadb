"""docs/recording-format.md against the code: its table, and the script for checking by hand."""

import itertools
import re
import subprocess
from pathlib import Path

from conference.recording.packet_journal import HEAD, SEAL_BYTES, Packet
from tests.support.recording import journal_bytes

PAGE = (Path(__file__).parents[2] / "docs/recording-format.md").read_text("utf-8")
SENT = [Packet(1000 + n, False, bytes([n]) * 300) for n in range(9)]


def check_by_hand(path: Path) -> list[str]:
    """What the script of the page says of a file."""
    found = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    done = subprocess.run(
        ["sh", "-c", found[1], "check", str(path)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_script_finds_what_the_code_finds(tmp_path: Path) -> None:
    path = tmp_path / "camera.rtpj"
    content = bytearray(journal_bytes(SENT))
    path.write_bytes(content)
    assert check_by_hand(path) == [f"5 blocks, head {content[-SEAL_BYTES:].hex()}"]
    content[-HEAD.size - 3 * SEAL_BYTES] ^= 1
    path.write_bytes(content)
    assert check_by_hand(path)[0] == "block 3: not what its hash says"


def test_the_table_has_the_sizes_of_the_head() -> None:
    rows = re.findall(r"^\| (\d+)(?:–(\d+))? \|", PAGE, re.MULTILINE)
    spans = [(int(first), int(last or first)) for first, last in rows]
    assert spans[0][0] == 0 and spans[-1][1] == HEAD.size - 1
    assert all(after[0] == span[1] + 1 for span, after in itertools.pairwise(spans))
    assert f"| {HEAD.size} … {HEAD.size - 1}+L | payload |" in PAGE
