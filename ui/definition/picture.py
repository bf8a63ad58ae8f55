"""The picture of a process definition: our own SVG, drawn on the server, no script, the same bytes for the same input.

Shape says the kind (SCREENS: never colour alone): rounded boxes are people's steps, a doubled side is a process of its
own, a dashed box waits, a slanted one decides, a pill ends.  A padlock marks a step that the law locks, a pen a signature.
Colours live in `static/definition-picture.css` (the pages' CSP knows no inline style); without it the picture is plain
lines.  Every box has a `<title>` with its sentence, and the whole has a title and a description for those who listen.
"""

import unicodedata
from collections.abc import Mapping
from html import escape

from models.definition.document import Definition, Stage, StageKind
from models.definition.words import sentence, span, waited
from models.kernel.text import Text
from models.person.rules.known_roles import role_name
from ui.definition.layout import Layout, Line, Node, layout
from ui.frame.i18n import Words, choose
from ui.frame.words.clauses import clause

MARGIN = 16
WIDTH = 176
LINE = 17
COLUMNS = 22
"""How many half-width characters fit into a line of a box; a Chinese character takes two."""

GAPS = range(58, 239, 18)
"""Room between two layers: the least that lets no label stand on another; pixels."""
FIRST, TALL = 17, 17
"""Where a label stands at first, from the beginning of its line, and how tall it is."""

STATES = {
    "done": Text("已完成", "done"),
    "open": Text("进行中", "open"),
    "late": Text("逾期", "late"),
    "added": Text("新增", "added"),
    "changed": Text("已改", "changed"),
    "removed": Text("已删", "removed"),
    "wrong": Text("有问题", "problem"),
}
"""The states a caller may highlight, with the word that is shown; any other state is shown as it is written."""


def picture(definition: Definition, language: str, highlight: Mapping[str, str | None] | None = None) -> str:
    """The SVG of a definition; `highlight` maps stage keys to a state of `STATES`."""
    zh = language.startswith("zh")
    boxes = {stage.key: _box(stage, language) for stage in definition.stages}
    placed, labels = _placed(
        definition, {key: (WIDTH, 12 + LINE * len(lines)) for key, lines in boxes.items()}, language
    )
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    name = f"dp-{definition.key}"
    title = f"{definition.title.say(language)} v{definition.version}"
    steps = [sentence(stage, language, definition) for stage in definition.stages]
    listed = " ".join(f"{number}. {step}." for number, step in enumerate(steps, start=1))
    description = (f"流程图, 共 {len(steps)} 步。" if zh else f"Process picture, {len(steps)} steps. ") + listed
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="definition-picture" role="img" lang="{"zh-CN" if zh else "en"}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
            f'aria-labelledby="{name}-title {name}-desc" font-size="13" fill="none" stroke="none">'
        ),
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>',
        (
            f'<defs><marker id="{name}-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
            'orient="auto"><path class="dp-tip" d="M0 0.8 7.5 4 0 7.2z" fill="currentColor"/></marker></defs>'
        ),
        f'<g transform="translate({MARGIN} {MARGIN})">',
        *(_line(line, f"{name}-tip") for line in placed.lines),
        *labels,
    ]
    drawn = set()
    for stage in definition.stages:
        if stage.key not in drawn:  # a draft may use a key twice; lint says so
            drawn.add(stage.key)
            state = (highlight or {}).get(stage.key)
            words = sentence(stage, language, definition)
            parts.append(_stage(stage, placed.nodes[stage.key], boxes[stage.key], words, state, language))
    return "".join([*parts, "</g></svg>"])


def _box(stage: Stage, language: str) -> list[tuple[str, str]]:
    """The lines in a box: (class, text)."""
    lines = [("dp-role", role_name(stage.role, language))] if stage.kind.human else []
    if stage.kind is StageKind.SUBPROCESS:
        lines.append(("dp-role", _many(stage, language)))
    if stage.kind is StageKind.ACTION:
        lines.append(("dp-role", "系统自动" if language.startswith("zh") else "automatic"))
    lines += [("dp-name", one) for one in wrap(stage.title.say(language) or stage.key)]
    if stage.until is not None:
        lines += [("dp-clock", one) for one in wrap(waited(stage.until, language), most=4)]
    if stage.sla.complete is not None:
        lines.append(
            ("dp-clock", ("限 " if language.startswith("zh") else "within ") + span(stage.sla.complete, language))
        )
    return lines


def _many(stage: Stage, language: str) -> str:
    """What a doubled box is: a process, or one for each of many."""
    zh = language.startswith("zh")
    if stage.for_each is None:
        return "子流程" if zh else "process"
    enough = stage.for_each.enough
    if enough is not None:
        return f"逐项子流程 · 够 {enough} 个" if zh else f"for each · {enough} are enough"
    return "逐项子流程" if zh else "a process for each"


def wrap(text: str, columns: int = COLUMNS, most: int = 3) -> list[str]:
    """Break text into lines of so many columns; a word that is too long is cut, what doesn't fit ends in `…`."""
    lines, line, used = [], "", 0
    for each in _pieces(text, columns):
        piece, size = each, columns_of(each)
        if used + columns_of(piece.rstrip()) > columns and line:
            lines.append(line.rstrip())
            line, used = "", 0
            piece = piece.lstrip()
        line, used = line + piece, used + size
    lines.append(line.rstrip())
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: columns // 2 - 1] + "…"]


def _pieces(text: str, columns: int) -> list[str]:
    """Chinese breaks at any character, other words at spaces."""
    pieces = [""]
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        if pieces[-1] and (wide or pieces[-1][-1] == " " or columns_of(pieces[-1]) >= columns or _wide(pieces[-1])):
            pieces.append("")
        pieces[-1] += char
    # Closing punctuation never begins a line.
    joined: list[str] = []
    for piece in pieces:
        if joined and piece and piece[0] in ",.;:!?)、，。；：！？」）":
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _wide(piece: str) -> bool:
    return unicodedata.east_asian_width(piece[-1]) in "WF"


def columns_of(text: str) -> int:
    """How wide text is, in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _line(line: Line, tip: str) -> str:
    (x, y), *rest = line.points
    path = f"M{x:.1f} {y:.1f}"
    if line.source == line.target:
        path += "".join(f"L{a:.1f} {b:.1f}" for a, b in rest)
    else:
        for a, b in rest:
            half = (b - y) / 2
            path += f"C{x:.1f} {y + half:.1f} {a:.1f} {b - half:.1f} {a:.1f} {b:.1f}"
            x, y = a, b
    kind = "dp-way dp-back" if line.back else "dp-way"
    return f'<path class="{kind}" d="{path}" stroke="currentColor" marker-end="url(#{tip})"/>'


def _placed(definition: Definition, sizes: dict[str, tuple[float, float]], language: str) -> tuple[Layout, list[str]]:
    """The layout with as little room between its layers as lets every label stand free, and the labels."""
    gap = GAPS[0]
    while True:
        placed = layout(definition, sizes, gap)
        beside = (_beside(line, _half(_written(line, language))) for line in placed.lines if line.source == line.target)
        placed.width = max([placed.width, *(x + half for x, half in beside)])
        labels, free = _labels(placed, language, gap)
        gap += GAPS.step
        if free or gap not in GAPS:
            return placed, labels


def _labels(placed: Layout, language: str, gap: float) -> tuple[list[str], bool]:
    """What is written on the lines, near their beginning or further along where a label or a box is; and whether all stand free."""
    taken = [(node.x, node.width / 2, node.y, node.height / 2) for node in placed.nodes.values()]
    written, free = [], True
    for line in placed.lines:
        words = _written(line, language)
        if not words:
            continue
        half = _half(words)
        if line.source == line.target:
            places = [(_beside(line, half)[0], (line.points[0][1] + line.points[2][1]) / 2)]
        else:
            places = [_along(line, step) for step in range(FIRST, int(gap) - 8, TALL)]
        places = [(min(max(x, half), max(placed.width - half, half)), y) for x, y in places]
        place = next((one for one in places if _free(*one, half, taken)), None)
        free = free and place is not None
        x, y = place or places[0]
        taken.append((x, half, y, TALL / 2))
        written.append(
            f'<text class="dp-label" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11.5" '
            f'fill="currentColor">{escape(words)}</text>'
        )
    return written, free


def _written(line: Line, language: str) -> str:
    words = " / ".join(dict.fromkeys(edge.title.say(language) for edge in line.edges if edge.title.say(language)))
    return wrap(words, 44, 1)[0]


def _half(words: str) -> float:
    """Half of the width of a label."""
    return columns_of(words) * 3.1 + 3


def _beside(line: Line, half: float) -> tuple[float, float]:
    """The middle of the label of a way back to the same box, right of it, for a box would cover it; and its half."""
    return line.points[1][0] + half + 2, half


def _free(x: float, y: float, half: float, taken: list[tuple[float, float, float, float]]) -> bool:
    return not any(abs(x - a) < half + b and abs(y - c) < TALL / 2 + d for a, b, c, d in taken)


def _along(line: Line, step: float) -> tuple[float, float]:
    """The point of a line that lies `step` above or below its beginning."""
    (x, y), (a, b), *_ = line.points
    height = max(abs(b - y), 1.0)
    reach = min(step / height, 1.0)
    low, high = 0.0, 1.0  # where on the curve of `_line`, by halving: its y grows with the share
    for _ in range(20):
        share = (low + high) / 2
        rise = 1.5 * share * (1 - share) + share**3  # control points halfway
        low, high = (share, high) if rise < reach else (low, share)
    return x + (a - x) * low * low * (3 - 2 * low), y + (b - y) * reach


def _stage(stage: Stage, node: Node, lines: list[tuple[str, str]], words: str, state: str | None, language: str) -> str:
    kind = stage.kind.value.replace("_", "-")
    classes = ["dp-stage", f"dp-{kind}"]
    if stage.law is not None:
        classes.append("dp-locked")
    if state is not None:
        classes.append("dp-is-" + "".join(char if char.isalnum() else "-" for char in state.lower()))
    left, top = node.x - node.width / 2, node.y - node.height / 2
    law = f" 🔒 {clause(Words(choose(language)), stage.law) or stage.law}" if stage.law else ""
    parts = [
        f'<g class="{" ".join(classes)}" data-stage="{escape(stage.key)}" transform="translate({left:.1f} {top:.1f})">',
        f"<title>{escape(words + law)}</title>",
        _outline(stage, node.width, node.height),
    ]
    for number, (name, text) in enumerate(lines):
        weight = ' font-weight="600"' if name == "dp-name" else ""
        size = "" if name == "dp-name" else ' font-size="11.5"'
        parts.append(
            f'<text class="{name}" x="{node.width / 2:.1f}" y="{18.5 + LINE * number:.1f}" text-anchor="middle"{size}{weight} '
            f'fill="currentColor">{escape(text)}</text>'
        )
    parts += _marks(stage, node)
    if state is not None:
        zh, en = STATES.get(state, (state, state))
        word = zh if language.startswith("zh") else en
        wide = columns_of(word) * 6 + 12
        parts.append(
            f'<g class="dp-badge" transform="translate({node.width - wide - 8:.1f} {node.height - 9:.1f})">'
            f'<rect width="{wide}" height="17" rx="8.5" stroke="currentColor"/>'
            f'<text x="{wide / 2}" y="12.5" text-anchor="middle" font-size="11" fill="currentColor">{escape(word)}</text></g>'
        )
    return "".join([*parts, "</g>"])


def _outline(stage: Stage, width: float, height: float) -> str:
    shape = 'class="dp-shape" stroke="currentColor"'
    match stage.kind:
        case StageKind.DECISION:
            slant = 14
            points = f"{slant},0 {width - slant},0 {width},{height / 2} {width - slant},{height} {slant},{height} 0,{height / 2}"
            return f'<polygon {shape} points="{points}"/>'
        case StageKind.END:
            return f'<rect {shape} width="{width}" height="{height}" rx="{height / 2}"/>'
        case StageKind.WAIT:
            return f'<rect {shape} width="{width}" height="{height}" rx="4" stroke-dasharray="5 3"/>'
        case StageKind.SUBPROCESS:
            bars = f'<path class="dp-bar" stroke="currentColor" d="M7 0V{height}M{width - 7} 0V{height}"/>'
            return f'<rect {shape} width="{width}" height="{height}" rx="2"/>{bars}'
        case StageKind.PARALLEL:
            return f'<rect {shape} width="{width}" height="{height}" stroke-width="2.5"/>'
        case _:
            return f'<rect {shape} width="{width}" height="{height}" rx="8"/>'


def _marks(stage: Stage, node: Node) -> list[str]:
    """A padlock for the law, a pen for a signature; drawn, because fonts differ."""
    marks = []
    if stage.law is not None:
        inset = 14 if stage.kind is StageKind.SUBPROCESS else 8
        marks.append(
            f'<g class="dp-lock" transform="translate({inset} 6)"><path d="M2.5 6V4a3 3 0 0 1 6 0v2" stroke="currentColor" '
            'stroke-width="1.5"/><rect x="1" y="6" width="9" height="7" rx="1.2" fill="currentColor"/></g>'
        )
    if stage.signature is not None:
        marks.append(
            f'<path class="dp-pen" transform="translate({node.width - 22:.1f} 6)" stroke="currentColor" stroke-width="1.2" '
            'd="M1 12.5 2 9 9.5 1.5a1.4 1.4 0 0 1 2 0l.5.5a1.4 1.4 0 0 1 0 2L4.5 11.5zM8 3l2.5 2.5"/>'
        )
    return marks
