"""The states of what lives long (batch, recall, process, task, definition), which way leads from which, and their pictures.

A batch's ways are the rule's own; of the others the record's tables know the states and its walls which ways there are, and
`tests/whole/walls/test_states.py` holds what is drawn here against both.  The words are those of the pages (`status.*`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from models.definition.condition import Compare, Operator
from models.definition.document import Branch, Definition, Stage, StageKind
from models.definition.document import Text as Said
from models.kernel.text import Text
from models.lot.rules.lot import TRANSITIONS
from ui.definition.layout import Layout, layout
from ui.definition.picture import columns_of
from ui.frame.i18n import Words

MARGIN, HEIGHT, GAP = 14, 34, 46
INK, LINE, PAPER, FIRST, LAST = "#1f2933", "#7b8794", "#ffffff", "#e6effa", "#eef1f4"
"""Drawn into the file: a picture of the docs has no style sheet, and stands on paper of its own where pages are dark."""


@dataclass(frozen=True)
class Life:
    """One kind of thing: the table and column that keep its state, its first states, and the ways on."""

    key: str
    title: Text
    table: str
    starts: tuple[str, ...]
    ways: frozenset[tuple[str, str]]
    names: Mapping[str, Text] = field(default_factory=dict)
    """What the states are called where no page says them."""

    @property
    def states(self) -> tuple[str, ...]:
        """Each state once, the first ones first, then as they are reached."""
        seen = dict.fromkeys(self.starts)
        waiting = list(self.starts)
        while waiting:
            here = waiting.pop(0)
            for there in sorted(new for old, new in self.ways if old == here and new not in seen):
                seen[there] = None
                waiting.append(there)
        return tuple(seen)

    def word(self, state: str, language: str) -> str:
        """What people call the state."""
        if state in self.names:
            return self.names[state].say(language)
        return Words("zh" if language == "zh" else "en")(f"status.{self.key}_{state}")


def _ways(text: str) -> frozenset[tuple[str, str]]:
    """`draft in_review, in_review draft` as pairs."""
    return frozenset((old, new) for old, new in (way.split() for way in text.split(",")))


LIVES = (
    Life(
        "lot",
        Text("批次", "Batch"),
        "lot",
        ("in_process", "received"),
        frozenset((old.value, new.value) for old, new in TRANSITIONS),
    ),
    Life("recall", Text("召回", "Recall"), "recall", ("open",), _ways("open closed, open withdrawn")),
    Life(
        "run",
        Text("流程", "Process"),
        "process_run",
        ("running",),
        _ways("running completed, running cancelled"),
        {
            "running": Text("进行中", "Running"),
            "completed": Text("已完成", "Completed"),
            "cancelled": Text("已取消", "Cancelled"),
        },
    ),
    Life("task", Text("待办", "Task"), "human_task", ("open",), _ways("open done, open cancelled")),
    Life(
        "definition",
        Text("流程定义版本", "Version of a definition"),
        "definition_version",
        ("draft",),
        _ways(
            "draft in_review, in_review draft, in_review approved, approved effective, approved superseded,"
            " effective superseded"
        ),
    ),
)


def picture(life: Life, language: str) -> str:
    """The SVG of a life in one language: the same bytes for the same ways."""
    words = {state: life.word(state, language) for state in life.states}
    sizes = {state: (columns_of(word) * 7.5 + 34, float(HEIGHT)) for state, word in words.items()}
    placed = layout(_drawn(life), sizes, GAP)
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    title = life.title.say(language)
    ways = "; ".join(f"{words[old]} → {words[new]}" for old, new in sorted(life.ways))
    return "".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:.0f} {height:.0f}" '
                f'width="{width:.0f}" height="{height:.0f}" font-family="system-ui, sans-serif" font-size="14" '
                f'fill="none" aria-labelledby="title desc">'
            ),
            f'<title id="title">{escape(title)}</title><desc id="desc">{escape(ways)}</desc>',
            (
                '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
                f'orient="auto"><path d="M0 0.8 7.5 4 0 7.2z" fill="{LINE}"/></marker></defs>'
            ),
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/><g transform="translate({MARGIN} {MARGIN})">',
            *_lines(placed),
            *_boxes(life, placed, words),
            "</g></svg>\n",
        ]
    )


def _drawn(life: Life) -> Definition:
    """The life as the layout of definitions knows it: a decision with a way to each state that may follow."""
    never = Compare(field="stage.field", op=Operator.EQ, value="")
    stages = []
    for state in life.states:
        after = [new for new in life.states if (state, new) in life.ways]
        stages.append(
            Stage(
                key=state,
                kind=StageKind.DECISION if after else StageKind.END,
                title=Said(),
                branches=tuple(Branch(when=never, next=new, title=Said()) for new in after),
            )
        )
    return Definition(
        key=life.key, version=1, title=Said(), start=life.starts[0], stages=tuple(stages), subject=life.key
    )


def _lines(placed: Layout) -> Iterable[str]:
    for line in placed.lines:
        (x, y), *rest = line.points
        path = f"M{x:.1f} {y:.1f}"
        for a, b in rest:
            half = (b - y) / 2
            path += f"C{x:.1f} {y + half:.1f} {a:.1f} {b - half:.1f} {a:.1f} {b:.1f}"
            x, y = a, b
        dashes = ' stroke-dasharray="4 3"' if line.back else ""
        yield f'<path d="{path}" stroke="{LINE}" stroke-width="1.3" marker-end="url(#tip)"{dashes}/>'


def _boxes(life: Life, placed: Layout, words: dict[str, str]) -> Iterable[str]:
    """A state that nothing leaves is a pill, one in which a life begins is tinted and has a thicker edge."""
    for state in life.states:
        node = placed.nodes[state]
        ends = not any(old == state for old, _ in life.ways)
        begins = state in life.starts
        fill = FIRST if begins else LAST if ends else PAPER
        yield (
            f'<rect x="{node.x - node.width / 2:.1f}" y="{node.y - HEIGHT / 2:.1f}" width="{node.width:.1f}" height="{HEIGHT}" '
            f'rx="{HEIGHT / 2 if ends else 8:g}" fill="{fill}" stroke="{INK}" stroke-width="{2 if begins else 1.2}"/>'
            f'<text x="{node.x:.1f}" y="{node.y + 5:.1f}" text-anchor="middle" fill="{INK}">{escape(words[state])}</text>'
        )


def page() -> str:
    """docs/explanation/states.md."""
    parts = [
        (
            "# States 状态\n\nWhich states there are and which way leads from which, drawn from the code: a thick edge is where a"
            " life begins, a pill where it ends, a dashed way leads back. The database refuses every other way. *Held* isn't"
            " among them: a hold is a fact beside the state ([why](../decisions/0011-held-is-derived.md)).\n\n"
            "状态及其去向，由代码生成：粗边为起点，胶囊形为终点，虚线为返回；其他去向均被数据库拒绝。冻结不是状态，而是另外的记录。"
        )
    ]
    for life in LIVES:
        zh, en = life.title
        parts += [
            f"## {en} {zh}",
            f"![{zh}](../images/states-{life.key}-zh.svg) ![{en}](../images/states-{life.key}-en.svg)",
            "\n".join(
                f"- {life.word(old, 'zh')} {life.word(old, 'en')} → "
                + ", ".join(
                    f"{life.word(new, 'zh')} {life.word(new, 'en')}" for new in life.states if (old, new) in life.ways
                )
                for old in life.states
                if any(way[0] == old for way in life.ways)
            ),
        ]
    return "\n\n".join(parts)


def pictures() -> dict[str, str]:
    """Every picture: file name and SVG."""
    return {f"states-{life.key}-{language}.svg": picture(life, language) for life in LIVES for language in ("zh", "en")}
