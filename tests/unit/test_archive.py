"""One file that holds many: what goes in comes out, and nothing else does."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from core.errors import BadData, InvalidInput
from service import archive


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """An archive of two files."""
    (tmp_path / "a").write_bytes(b"a" * 10_000)
    (tmp_path / "b").write_text("비")
    file = tmp_path / "good.tar"
    archive.write(file, [("a", tmp_path / "a"), ("deep/b", tmp_path / "b")], {"format": 1})
    return file


def hostile(file: Path, entries: list[tarfile.TarInfo], members: dict[str, str]) -> Path:
    """An archive written by somebody else."""
    with tarfile.open(file, "w") as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(b"x" * entry.size))
        manifest = json.dumps({"members": members}).encode()
        last = tarfile.TarInfo(archive.MANIFEST)
        last.size = len(manifest)
        tar.addfile(last, io.BytesIO(manifest))
    return file


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, 1 if kind == tarfile.REGTYPE else 0
    return made


def test_what_was_written_comes_out(good: Path, tmp_path: Path) -> None:
    manifest = archive.extract(good, tmp_path / "out")
    assert manifest["format"] == 1
    assert (tmp_path / "out" / "a").read_bytes() == b"a" * 10_000
    assert (tmp_path / "out" / "deep" / "b").read_text() == "비"
    assert good.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_older_file(good: Path, tmp_path: Path) -> None:
    before = good.read_bytes()
    with pytest.raises(FileNotFoundError):
        archive.write(good, [("a", tmp_path / "missing")], {})
    assert good.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("position", [600, 5_000, 12_000])
def test_a_changed_byte_is_noticed(good: Path, tmp_path: Path, position: int) -> None:
    content = bytearray(good.read_bytes())
    content[position] ^= 1
    good.write_bytes(content)
    with pytest.raises((BadData, InvalidInput)):
        archive.extract(good, tmp_path / "out")


@pytest.mark.parametrize("length", [0, 700, 9_000])
def test_a_cut_file_is_refused(good: Path, tmp_path: Path, length: int) -> None:
    good.write_bytes(good.read_bytes()[:length])
    with pytest.raises((BadData, InvalidInput)):
        archive.extract(good, tmp_path / "out")


@pytest.mark.parametrize(
    "bad",
    [
        entry("../outside"),
        entry("/tmp/outside"),
        entry("deep/../../outside"),
        entry("link", tarfile.SYMTYPE, "/etc/passwd"),
        entry("link", tarfile.LNKTYPE, "a"),
        entry("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda bad: f"{bad.name}-{bad.type.decode()}",
)
def test_nothing_but_plain_files_inside_the_target_is_taken(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    with pytest.raises(BadData, match="not a plain file"):
        archive.extract(hostile(tmp_path / "bad.tar", [bad], {}), tmp_path / "out")
    assert not (tmp_path / "outside").exists()


def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="twice"):
        archive.extract(hostile(tmp_path / "bad.tar", [entry("a"), entry("a")], {}), tmp_path / "out")


@pytest.mark.parametrize(("entries", "members"), [([entry("a")], {}), ([], {"a": "0" * 64})])
def test_files_and_manifest_name_the_same(
    tmp_path: Path, entries: list[tarfile.TarInfo], members: dict[str, str]
) -> None:
    with pytest.raises(BadData, match="a differ"):
        archive.extract(hostile(tmp_path / "bad.tar", entries, members), tmp_path / "out")


def test_another_tar_is_not_a_backup(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.addfile(entry("a"), io.BytesIO(b"x"))
    with pytest.raises(InvalidInput, match="not a backup"):
        archive.extract(tmp_path / "other.tar", tmp_path / "out")
