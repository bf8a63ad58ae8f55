"""The picture of a chart: our own SVG, drawn by the server (SCREENS).

Hollow points are the lots that the limits come from, filled ones those that were judged; what raised an alarm is a numbered diamond, so that it
is seen without its colour.  Each point leads to its lot and says its value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 960, 300, 12, 150, 22, 46
NAMED = 24
"""So many lots have their numbers below them; of more those that raised an alarm, and the first and last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A lot: its value, what is said of it, whether it is of the base, and the number of its alarm (0: none)."""

    lot: str
    value: float
    said: str
    base: bool = False
    alarm: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A line across: its value, its name with the value, and whether it is a limit."""

    value: float
    said: str
    limit: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    low: float
    high: float
    count: int

    def x(self, n: int) -> float:
        """Where the nth lot stands."""
        room = WIDTH - LEFT - RIGHT
        return LEFT + room * (n + 0.5) / max(self.count, 1)

    def y(self, value: float) -> float:
        """Where a value stands."""
        room = HEIGHT - TOP - BOTTOM
        return TOP + room * (self.high - value) / (self.high - self.low)


def picture(dots: Sequence[Dot], levels: Sequence[Level], title: str, description: str, language: str) -> Markup:
    """The SVG; without a lot the lines alone."""
    known = [*(one.value for one in dots), *(one.value for one in levels)] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = (high - low) * 0.08 or abs(high) * 0.01 or 1.0
    scale = _Scale(low=low - room, high=high + room, count=len(dots))
    of_base = sum(one.base for one in dots)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="group" lang="{"zh-CN" if language == "zh" else "en"}"'
            f' viewBox="0 0 {WIDTH} {HEIGHT}" font-size="12" fill="none" stroke="none" aria-labelledby="series-title series-desc">'
        ),
        f'<title id="series-title">{escape(title)}</title><desc id="series-desc">{escape(description)}</desc>',
    ]
    if of_base:
        edge = (scale.x(of_base - 1) + scale.x(of_base)) / 2
        parts.append(
            f'<rect class="sr-band" x="{LEFT}" y="{TOP - 12}" width="{edge - LEFT:.1f}" height="{HEIGHT - TOP - BOTTOM + 24}"/>'
        )
    parts += [_level(one, scale) for one in levels]
    parts += [_way(dots[:of_base], 0, scale, "sr-base-way"), _way(dots[of_base:], of_base, scale, "sr-way")]
    parts += [_dot(one, n, scale) for n, one in enumerate(dots)]
    parts += _names(dots, scale)
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every text in it is escaped


def _level(one: Level, scale: _Scale) -> str:
    y, end = scale.y(one.value), WIDTH - RIGHT
    style = "sr-limit" if one.limit else "sr-centre"
    return (
        f'<line class="{style}" x1="{LEFT}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="sr-label" x="{end + 8}" y="{y + 4:.1f}">{escape(one.said)}</text>'
    )


def _way(dots: Sequence[Dot], first: int, scale: _Scale, style: str) -> str:
    points = " ".join(f"{scale.x(first + n):.1f},{scale.y(one.value):.1f}" for n, one in enumerate(dots))
    return f'<polyline class="{style}" points="{points}"/>' if len(dots) > 1 else ""


def _dot(one: Dot, n: int, scale: _Scale) -> str:
    x, y = scale.x(n), scale.y(one.value)
    size = 4 if scale.count <= 60 else 2.6
    if one.alarm:
        far = size + 4
        above = y - far - 5 if y - far - 5 > TOP - 8 else y + far + 13
        shape = (
            f'<path class="sr-alarm" d="M{x:.1f} {y - far:.1f} {x + far:.1f} {y:.1f} {x:.1f} {y + far:.1f} {x - far:.1f} {y:.1f}z"/>'
            f'<text class="sr-number" text-anchor="middle" x="{x:.1f}" y="{above:.1f}">{one.alarm}</text>'
        )
    else:
        shape = f'<circle class="{"sr-base" if one.base else "sr-dot"}" cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
    href, spoken = f"/lots/{quote(one.lot, safe='')}", f"{one.alarm} · {one.said}" if one.alarm else one.said
    return f'<a href="{escape(href)}" aria-label="{escape(spoken)}"><title>{escape(one.said)}</title>{shape}</a>'


def _names(dots: Sequence[Dot], scale: _Scale) -> list[str]:
    """The numbers of lots below them, slanting where there are several; none over another."""
    wanted = [n for n, one in enumerate(dots) if len(dots) <= NAMED or one.alarm or n in {0, len(dots) - 1}]
    shown: list[str] = []
    last = -1000.0
    for n in wanted:
        x = scale.x(n)
        if x - last < 26:
            continue
        last = x
        label = dots[n].lot if len(dots[n].lot) <= 12 else f"…{dots[n].lot[-11:]}"
        y = HEIGHT - BOTTOM + 20
        shown.append(
            f'<text class="sr-lot" font-size="10" transform="rotate(18 {x:.1f} {y})" x="{x - 4:.1f}" y="{y}">{escape(label)}</text>'
        )
    return shown


def numbered(evidence: Sequence[Mapping[str, object]]) -> dict[str, int]:
    """Which lot belongs to which alarm, by the number of its first."""
    found: dict[str, int] = {}
    for n, one in enumerate(evidence, 1):
        points = one["points"]
        for point in points if isinstance(points, list) else ():
            found.setdefault(point["lot"], n)
    return found
