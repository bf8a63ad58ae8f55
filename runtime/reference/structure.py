"""Who knows whom among the nouns of `models`, drawn as a matrix in the order of `models/nouns.py`.

A design structure matrix: a row for each noun, a mark under each noun that it imports.  Where each knows only those before it, every
mark lies below the diagonal; one above it goes against the list, and is drawn in another colour.
"""

import ast
import functools
from collections.abc import Iterator
from html import escape
from pathlib import Path

from models.nouns import NOUNS

MODELS = Path(__file__).resolve().parents[2] / "models"
CELL, NAME, MARGIN = 15, 104, 12
INK, FAINT, PAPER, MARK, AGAINST, SELF = "#1f2933", "#e4e7eb", "#ffffff", "#2f6db3", "#b42318", "#cbd2d9"


@functools.cache  # to parse all of a thousand modules takes seconds, and the picture asks as well as the page
def known() -> dict[str, set[str]]:
    """The nouns that each noun imports, wherever in its files the import stands."""
    found: dict[str, set[str]] = {noun: set() for noun in NOUNS}
    for noun in NOUNS:
        for file in sorted((MODELS / noun).rglob("*.py")):
            found[noun] |= set(_imported(ast.parse(file.read_text(encoding="utf-8")))) & set(NOUNS) - {noun}
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module] if node.module != "models" else [f"models.{one.name}" for one in node.names]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        else:
            continue
        yield from (parts[1] for name in names if (parts := name.split("."))[0] == "models" and len(parts) > 1)


def against() -> list[tuple[str, str]]:
    """Who imports a noun that comes later in the list."""
    place = {noun: n for n, noun in enumerate(NOUNS)}
    return [
        (noun, other)
        for noun, others in known().items()
        for other in sorted(others, key=NOUNS.index)
        if place[other] > place[noun]
    ]


def picture() -> str:
    """The SVG: the same bytes for the same imports."""
    size, knows = len(NOUNS) * CELL, known()
    width = height = NAME + size + 2 * MARGIN
    marks = [
        _mark(column, row, AGAINST if column > row else MARK)
        for row, noun in enumerate(NOUNS)
        for column, other in enumerate(NOUNS)
        if other in knows[noun]
    ]
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" ',
            'font-family="system-ui, sans-serif" font-size="11" aria-labelledby="title desc">',
            '<title id="title">Who knows whom among the nouns 领域名词之间的依赖</title>',
            f'<desc id="desc">{escape("; ".join(_told(noun, knows[noun]) for noun in NOUNS))}</desc>',
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/><g transform="translate({MARGIN + NAME} {MARGIN + NAME})">',
            *_grid(size),
            *(_mark(n, n, SELF) for n in range(len(NOUNS))),
            *marks,
            "</g></svg>\n",
        ]
    )


def _told(noun: str, others: set[str]) -> str:
    return f"{noun}: {', '.join(sorted(others, key=NOUNS.index)) or '–'}"


def _mark(column: int, row: int, colour: str) -> str:
    return f'<rect x="{column * CELL + 2}" y="{row * CELL + 2}" width="{CELL - 4}" height="{CELL - 4}" rx="2" fill="{colour}"/>'


def _grid(size: int) -> Iterator[str]:
    lines = "".join(f"M0 {n * CELL}H{size}M{n * CELL} 0V{size}" for n in range(len(NOUNS) + 1))
    yield f'<path d="{lines}" stroke="{FAINT}"/><g fill="{INK}">'
    for n, noun in enumerate(NOUNS):
        middle = n * CELL + CELL / 2 + 4
        yield f'<text x="-6" y="{middle}" text-anchor="end">{noun}</text>'
        yield f'<text transform="translate({middle} -6) rotate(-90)">{noun}</text>'
    yield "</g>"


def page() -> str:
    """The picture with what it says in words."""
    turned = [f"- `{noun}` → `{other}`" for noun, other in against()]
    told = (
        "\n".join(["These go against the list 以下依赖与次序相反:", "", *turned])
        if turned
        else "Nothing goes against the list. 没有相反的依赖。"
    )
    return (
        "# Structure 结构\n\n"
        "A row for each noun of `models`, in the order of `models/nouns.py`; a mark under each noun that it imports. Each may know those"
        " before it, so marks lie below the diagonal; one above it is red. The order and what is still against it are a contract in"
        " `pyproject.toml`: the list of exceptions can only get shorter.\n\n"
        "每行一个领域名词，按 `models/nouns.py` 的次序；标记表示它所导入的名词。每个名词只能依赖排在前面的，标记应都在对角线以下；以上者为红色。\n\n"
        "![Who knows whom 依赖矩阵](../images/structure.svg)\n\n" + told
    )
