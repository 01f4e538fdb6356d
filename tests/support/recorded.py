"""The recorded market data beside the checkout; tests that read it are skipped where it is absent."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "data"


def recorded(*parts: str) -> Path:
    """A file or folder of the recordings."""
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the recorded data {'/'.join(parts)} is not beside the checkout")
    return path
