"""What the page of a CAPA says beside what every subject's page says: each round with its criterion and what was measured."""

from decimal import Decimal
from typing import Any

from sqlmodel import Session

from models.capa import queries
from ui.frame.i18n import Words
from ui.frame.parts import Fact
from ui.frame.status import mark
from ui.subject.shown import Panel, Shown


def _panel(words: Words, session: Session, key: int) -> Panel:
    case = queries.of_subject(session, key)
    head = case.head
    facts = [Fact(label=words("capa.source"), text=words.known(f"capa.source_{head.source}", head.source))]
    if head.item_no is not None:
        facts.append(Fact(label=words("lot.item"), text=f"{head.item} · {head.item_no}"))
    if head.supplier_no is not None:
        facts.append(Fact(label=words("nonconformance.supplier"), text=f"{head.supplier} · {head.supplier_no}"))
    if head.opened_by:
        facts.append(Fact(label=words("capa.opened_by"), text=head.opened_by))
    if case.extensions:
        facts.append(Fact(label=words("capa.extensions"), text=str(case.extensions)))
    for one in case.rounds:
        facts += _round(words, one)
    return Panel(title=words("capa.case"), facts=tuple(facts), mark=mark("capa", head.status))


def _round(words: Words, one: Any) -> list[Fact]:
    """What was planned in a round, and what came of it."""
    said = words(
        f"capa.criterion_{one.measure}",
        direction=words(f"capa.{one.direction}"),
        limit=_figure(one.limit),
        characteristic=one.characteristic or "",
        least=one.least,
    )
    of = " · ".join(part for part in (one.item_no, one.supplier_no) if part)
    facts = [
        Fact(label=words("capa.round", n=one.round), text=f"{said}{f' ({of})' if of else ''}"),
        Fact(label=words("capa.measure_on"), day=one.measure_on),
        Fact(
            label=words("capa.actions"),
            heads=(words("capa.action"), words("capa.action_due")),
            rows=tuple((str(row.get("title", "")), str(row.get("due", ""))) for row in one.actions),
        ),
    ]
    if one.fixed_at is not None:
        facts.append(Fact(label=words("capa.fixed", who=one.fixed_by), moment=one.fixed_at))
    if one.result is not None:
        found = words(
            f"capa.result_{one.result}",
            value=_figure(one.value) if one.value is not None else "–",
            n=one.observed,
        )
        facts.append(Fact(label=words("capa.measured"), text=found))
    if one.behind:
        facts.append(Fact(label=words("capa.behind"), text=words("list.comma").join(one.behind)))
    return facts


def _figure(value: Decimal) -> str:
    return f"{value.normalize():f}"


SHOWN = {"capa": Shown(panel=_panel)}
