"""One server at a time, and a secret that stays."""

from pathlib import Path

import pytest

from conference.storage.directory import DataDirectory, DirectoryTaken, DirectoryUnusable


def test_the_second_one_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = DataDirectory(tmp_path / "data").lock()
    with pytest.raises(DirectoryTaken):
        DataDirectory(tmp_path / "data").lock()
    first.release()
    DataDirectory(tmp_path / "data").lock().release()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DirectoryUnusable, match="cannot be written"):
        DataDirectory(tmp_path / "data").lock()


def test_the_secret_is_private_and_the_same_each_time(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    secret = directory.secret()
    assert len(secret) == 32 and DataDirectory(tmp_path).secret() == secret
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert DataDirectory(tmp_path / "..").path != tmp_path
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(DirectoryUnusable, match="not a key"):
        directory.secret()


def test_a_private_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    directory.write_private(directory.demo, b"one")
    directory.write_private(directory.demo, b"2")
    assert directory.demo.read_bytes() == b"2"
    assert [file.name for file in tmp_path.iterdir()] == ["demo.json"]
