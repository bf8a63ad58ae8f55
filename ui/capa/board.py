"""The open CAPAs by the step that each waits in; every figure opens the cases behind it (REQUIREMENTS 40)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from models.capa import queries, rules
from models.definition import store as definitions
from models.definition.document import Definition
from models.kernel.refusal import Refusal
from models.process.queries.reading import definitions_of
from ui.capa.page import BoardPage, Case, Column, Sum
from ui.frame.i18n import Words
from ui.frame.parts import Deadline
from ui.frame.status import mark

SHOWN = 8
"""Cases of a column on the board; its head opens all of them."""


def page(
    words: Words, session: Session, now: datetime, *, show: str = "", phase: str = "", can_open: bool
) -> BoardPage:
    """The board, or of what was asked for the list; at most four statements."""
    rows = queries.board(session)
    known = definitions_of(session, {one.definition_id for one in rows})
    order = _order(session, known)
    cases = [_case(words, one, known[one.definition_id], now) for one in rows]
    late = [one for one in cases if one.deadline is not None and one.deadline.due < now]
    grave = [one for row, one in zip(rows, cases, strict=True) if row.severity == "critical"]
    phases = sorted({one.key for one in cases}, key=lambda key: (order.get(key, len(order)), key))
    columns = tuple(_column(key, [one for one in cases if one.key == key]) for key in phases)
    chosen = {"late": late, "critical": grave, "all": cases}.get(show)
    if phase:
        chosen = [one for one in cases if one.key == phase]
    sums = (
        ("all", words("capa.sum_open"), cases),
        ("late", words("capa.sum_late"), late),
        ("critical", words("capa.sum_critical"), grave),
    )
    return BoardPage(
        sums=tuple(
            Sum(n=len(some), label=label, href=_href(show=key), chosen=show == key) for key, label, some in sums
        ),
        columns=columns,
        cases=tuple(chosen) if chosen is not None else (),
        chosen=next((label for key, label, _ in sums if key == show), chosen[0].phase if chosen else ""),
        can_open=can_open,
    )


def _order(session: Session, known: dict[int, Definition]) -> dict[str, int]:
    """The steps in the order in which the process has them, the one in force first."""
    try:
        stages = definitions.by_key(session, definitions.effective(session, rules.PROCESS)).stages
    except Refusal:
        stages = next(iter(known.values())).stages if known else ()
    return {stage.key: place for place, stage in enumerate(stages)}


def _column(key: str, cases: list[Case]) -> Column:
    return Column(title=cases[0].phase, href=_href(phase=key), total=len(cases), cases=tuple(cases[:SHOWN]))


def _href(**asked: str) -> str:
    return f"/capas?{urlencode(asked)}"


def _case(words: Words, one: Any, definition: Definition, now: datetime) -> Case:
    stage = definition.find(one.phase)
    return Case(
        key=one.phase or "",
        number=one.number,
        title=one.title or "",
        href=f"/subjects/{one.subject}",
        phase=stage.title.say(words.language) if stage else one.phase or "–",
        severity=mark("severity", one.severity) if one.severity else None,
        owner=one.owner or one.who or "",
        days=(now - one.opened_at).days,
        deadline=Deadline(due=one.due_at) if one.due_at else None,
    )
