"""Bytes under their hash."""

import hashlib
from pathlib import Path

import pytest

from conference.documents.ports import BlobChanged
from conference.errors import Refused
from conference.storage.blobs import Blobs


async def test_what_is_put_comes_back_under_its_hash(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    digest = await blobs.put(b"a signature")
    assert digest == hashlib.sha256(b"a signature").hexdigest()
    assert blobs.path(digest) == tmp_path / "blobs" / digest[:2] / digest
    assert await blobs.has(digest) and await blobs.get(digest) == b"a signature"
    assert blobs.path(digest).stat().st_mode & 0o777 == 0o600
    assert await blobs.put(b"a signature") == digest
    assert [path.name for path in blobs.path(digest).parent.iterdir()] == [digest]


async def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    digest = await blobs.put(b"12,600 yuan")
    blobs.path(digest).write_bytes(b"62,600 yuan")
    with pytest.raises(BlobChanged):
        await blobs.get(digest)


async def test_half_a_file_of_a_dead_server_is_written_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    digest = hashlib.sha256(b"whole").hexdigest()
    blobs.path(digest).parent.mkdir(parents=True)
    blobs.path(digest).write_bytes(b"who")
    assert await blobs.put(b"whole") == digest
    assert await blobs.get(digest) == b"whole"


async def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    assert not await blobs.has("0" * 64)
    with pytest.raises(KeyError):
        await blobs.get("0" * 64)


@pytest.mark.parametrize("name", ["", "..", "../../lock", "A" * 64, "0" * 63, f"{'0' * 63}/"])
async def test_a_name_that_is_no_hash_leads_nowhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        await Blobs(tmp_path).get(name)


async def test_a_folder_that_cannot_be_written_refuses(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("not a folder")
    with pytest.raises(Refused) as refusal:
        await Blobs(tmp_path / "blobs").put(b"x")
    assert refusal.value.code == "journal_failed"
