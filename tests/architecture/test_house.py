"""The figures that we hold the house to, and the doors that its pages promise."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "collectors", "strategies", "execution", "feedback", "storage", "reports", "api", "service")
BROAD = {"Exception", "BaseException"}
MOST_BROAD_HANDLERS = 3
LONGEST_FILE = 320


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def handlers(path: Path) -> Iterator[ast.ExceptHandler]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))


def is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in kinds)


def test_no_more_than_three_handlers_catch_everything() -> None:
    broad = [f"{path.relative_to(ROOT)}:{h.lineno}" for path in sources() for h in handlers(path) if is_broad(h)]
    assert len(broad) <= MOST_BROAD_HANDLERS, broad


def test_no_file_grows_past_its_one_job() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}
    ordered = sorted(lengths.values())
    assert ordered[len(ordered) // 2] < 100


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path
        for path in sources()
        if path.read_text("utf-8").strip() and ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert not silent


def test_the_environment_is_read_in_one_place() -> None:
    pattern = re.compile(r"os\.(environ|getenv)")
    readers = {str(path.relative_to(ROOT)) for path in sources() if pattern.search(path.read_text("utf-8"))}
    assert readers <= {"service/settings.py", "storage/embedded/dump.py"}  # the latter hands a password to pg_dump


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_every_link_between_our_pages_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_no_page_or_file_names_a_path_of_a_machine() -> None:
    told = re.compile(r"(?<![\w.])/(root|work|Users)/")
    files = [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *(ROOT / "docs").rglob("*.md"), *sources()]
    assert not [path for path in files if told.search(path.read_text("utf-8"))]
