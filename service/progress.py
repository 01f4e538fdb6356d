"""Progress of long work: a bar on a terminal, silence elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from core.ports import Progress, silent


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Progress]:
    """A callback that moves a bar on stderr; silent with `quiet` or where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    columns = (TextColumn(title), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        yield show
