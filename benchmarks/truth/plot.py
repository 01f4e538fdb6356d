"""The score card as a self-contained SVG: approvals by class, and stated probability against truth."""

from collections.abc import Sequence
from html import escape

from benchmarks.truth.classes import NULL_CLASSES
from benchmarks.truth.score import Judged, reliability, shares

WIDTH, ROW, LEFT, BAR = 760, 26, 120, 260


def score_card_svg(judged: Sequence[Judged]) -> str:
    """Left: share approved (dark) and canary (light) per class; right: a reliability diagram."""
    approve, canary = shares(judged, "approve"), shares(judged, "canary")
    height = ROW * len(approve) + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        '<text x="10" y="20" font-weight="bold">Share of each class that is approved (dark) or canary (light)</text>',
    ]
    for row, kind in enumerate(approve):
        parts += _bar(kind, approve[kind], canary[kind], 40 + row * ROW)
    parts += _reliability(judged, LEFT + BAR + 130, 40, min(height - 80, 220))
    return "\n".join([*parts, "</svg>"])


def _bar(kind: str, approve: float, canary: float, top: int) -> list[str]:
    dark, light = ("#b3261e", "#f2b8b5") if kind in (*NULL_CLASSES, "stale") else ("#1e6b3a", "#b7dfc3")
    end = LEFT + BAR * approve
    return [
        f'<text x="10" y="{top + 13}">{escape(kind)}</text>',
        f'<rect x="{LEFT}" y="{top}" width="{BAR * approve:.1f}" height="18" fill="{dark}"/>',
        f'<rect x="{end:.1f}" y="{top}" width="{BAR * canary:.1f}" height="18" fill="{light}"/>',
        f'<text x="{end + BAR * canary + 6:.1f}" y="{top + 13}">{approve:.1%}</text>',
    ]


def _reliability(judged: Sequence[Judged], left: int, top: int, size: int) -> list[str]:
    dots = [
        f'<circle cx="{left + size * stated:.1f}" cy="{top + size * (1 - true):.1f}" r="{3 + count**0.25:.1f}" '
        'fill="#1f4e9e"/>'
        for stated, true, count in reliability(judged)
    ]
    return [
        f'<text x="{left}" y="20" font-weight="bold">Stated probability (across) and truth (up)</text>',
        f'<rect x="{left}" y="{top}" width="{size}" height="{size}" fill="none" stroke="#888"/>',
        f'<line x1="{left}" y1="{top + size}" x2="{left + size}" y2="{top}" stroke="#bbb"/>',
        *dots,
    ]
