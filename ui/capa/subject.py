"""What the page of a CAPA says beside what every subject's page says: each round with its criterion and what was measured."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sqlmodel import Session

from models.capa import queries
from models.process import kinds
from models.process.kind import FactKind
from models.process.queries.reading import definitions_of
from ui.capa.alike import alike
from ui.capa.scope import scope_href
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link
from ui.frame.status import mark
from ui.subject.shown import Happened, May, Panel, Shown


def _panel(words: Words, session: Session, key: int, may: May) -> Panel:
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
    facts.append(_scope(words, case))
    for one in case.rounds:
        facts += _round(words, one)
    return Panel(
        title=words("capa.case"),
        facts=tuple(facts),
        mark=mark("capa", head.status),
        timeline=_timeline(words, session, key),
        alike=alike(words, session, key, head.number, may),
        links=(Link(label=words("capa.print"), href=f"/capas/{quote(head.number, safe='')}/pdf"),),
    )


def _scope(words: Words, case: queries.Case) -> Fact:
    """How many batches it is about; the figure opens them."""
    said = words("capa.scope_count", n=case.scope.total)
    if case.scope.later:
        said += words("list.comma") + words("capa.scope_later", n=case.scope.later)
    return Fact(label=words("capa.scope"), text=said, href=scope_href(case.head.number))


def _timeline(words: Words, session: Session, key: int) -> tuple[Happened, ...]:
    """What became true and what people did."""
    rows = queries.timeline(session, key)
    known = definitions_of(session, {one.definition_id for one in rows if one.definition_id is not None})

    def line(one: Any) -> Happened:
        if one.fact is not None:
            kind = kinds.fact(one.fact)
            said = [
                _value(words, kind, name, value)
                for name, value in one.values.items()
                if value not in ("", None) and name != "number"
            ]
            return Happened(at=one.at, what=kind.title.say(words.language), who=one.who or "", detail=" · ".join(said))
        stage = known[one.definition_id].find(one.stage)
        title = stage.title.say(words.language) if stage else one.stage
        outcome = next((o for o in stage.outcomes if o.key == one.outcome), None) if stage else None
        return Happened(
            at=one.at,
            what=f"{title} · {outcome.title.say(words.language)}" if outcome else title,
            who=one.who or "",
            detail=one.item or "",
            href=f"/tasks/{one.task}",
        )

    return tuple(line(one) for one in rows)


def _value(words: Words, kind: FactKind, name: str, value: Any) -> str:
    """“结果: 有效”."""
    if name == "by":  # what two cases have in common
        return words("list.comma").join(words(f"capa.alike_{part}") for part in str(value).split(", "))
    called = kind.names[name].say(words.language) if name in kind.names else name
    told = kind.answers.get(name, {}).get(str(value))
    return f"{called} {told.say(words.language) if told else value}"


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
