"""An answer that is kept while nothing that it is made of has changed."""

from collections.abc import Callable
from typing import Any


class Remembered:
    """Holds the last answer with its marks. Threads may share it: at worst two of them make the same answer."""

    def __init__(self) -> None:
        self._kept: tuple[Any, str] | None = None

    def get(self, marks: Any, make: Callable[[], str]) -> str:
        """The kept answer if its marks are these, else a new one."""
        kept = self._kept
        if kept is not None and kept[0] == marks:
            return kept[1]
        made = make()
        self._kept = (marks, made)
        return made
