"""One file that holds many, with the sha256 of each: written atomically, read with distrust."""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from core.errors import BadData, InvalidInput

MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20


def write(file: Path, members: Iterable[tuple[str, Path]], facts: Mapping[str, object]) -> None:
    """Write `members` (name inside, file) and a manifest of `facts` and hashes; `file` appears when complete."""
    unfinished = file.with_name(f"{file.name}.part")
    hashes: dict[str, str] = {}
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as output:
            with tarfile.open(fileobj=output, mode="w") as tar:
                for name, source in members:
                    hashes[name] = _add(tar, name, source)
                manifest = json.dumps({**facts, "members": hashes}, indent=1).encode()
                entry = tarfile.TarInfo(MANIFEST)
                entry.size = len(manifest)
                tar.addfile(entry, io.BytesIO(manifest))
            output.flush()
            os.fsync(output.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def extract(file: Path, target: Path) -> dict[str, Any]:
    """Unpack into the empty folder `target` and return the manifest; raises BadData unless all of it is as written.

    Only plain files with relative names are taken: no links, no devices, nothing outside `target`, nothing twice.
    """
    found: dict[str, str] = {}
    try:
        with tarfile.open(file, mode="r:") as tar:
            for entry in tar:
                if entry.name in found:
                    raise BadData(f"{file} holds {entry.name!r} twice.")
                found[entry.name] = _unpack(tar, entry, _safe_place(target, entry))
    except (tarfile.TarError, EOFError) as error:
        raise BadData(f"{file} is not a whole archive: {error}") from error
    manifest = _manifest(target / MANIFEST, file)
    found.pop(MANIFEST)
    wrong = sorted(name for name, _ in found.items() ^ manifest["members"].items())
    if wrong:
        raise BadData(f"{file} was altered: {', '.join(dict.fromkeys(wrong))} differ from the manifest.")
    return manifest


def _add(tar: tarfile.TarFile, name: str, source: Path) -> str:
    """Add a file at the length it has now, and return the hash of what went in; a log may grow meanwhile."""
    with source.open("rb") as content:
        status = os.fstat(content.fileno())
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = status.st_size, int(status.st_mtime), 0o600
        hashing = _HashingReader(content)
        tar.addfile(entry, hashing)  # type: ignore[arg-type]  # only `read` is used
    return hashing.digest.hexdigest()


class _HashingReader:
    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = self._content.read(size)
        self.digest.update(chunk)
        return chunk


def _safe_place(target: Path, entry: tarfile.TarInfo) -> Path:
    parts = PurePosixPath(entry.name)
    if not entry.isreg() or parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise BadData(f"The archive holds {entry.name!r}, which is not a plain file inside it.")
    return target / parts


def _unpack(tar: tarfile.TarFile, entry: tarfile.TarInfo, place: Path) -> str:
    content = tar.extractfile(entry)
    if content is None:
        raise BadData(f"The archive's {entry.name!r} cannot be read.")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with content, os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        shutil.copyfileobj(content, output, CHUNK_BYTES)
    with place.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _manifest(place: Path, file: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(place.read_text())
    except (FileNotFoundError, ValueError) as error:
        raise InvalidInput(f"{file} is not a backup of Tradeloop.", field="file") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("members"), dict):
        raise InvalidInput(f"{file} is not a backup of Tradeloop.", field="file")
    return manifest
