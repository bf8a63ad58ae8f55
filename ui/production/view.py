"""Work orders as pages: the list, a new one, and one with its operations as they were done (REQUIREMENTS 58, 59)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from sqlmodel import Session
from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.lot.rules.open_hold import OpenHold
from models.order import rules as master
from models.plant.queries import choices
from models.production.queries.pages import OrderList, OrderRecord
from models.trace.rules.trace import plain
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import errors, rows
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Draft, Fact, LotRef, Option, Pager
from ui.frame.rows import amount, limits, measured, skill
from ui.frame.status import Mark, mark
from ui.frame.visit import new_key
from ui.lot.mark import ref
from ui.lot.view.list import choice, item_options
from ui.production.page import (
    NewWorkOrderPage,
    PlannedStep,
    RecordedOperation,
    StepLine,
    WorkOrderPage,
    WorkOrderRow,
    WorkOrdersPage,
)
from ui.recall.view.band import band

MADE = ("component", "in_process", "finished", "packaged")
STEP = ("seq", "title_zh", "title_en", "code", "qualification", "equipment_kind", "environment")
NAMED = ("title_zh", "title_en", "code")
"""A row with none of these is empty: its number is only a suggestion."""
SPARE = 3


def href(number: str) -> str:
    """The address of a work order."""
    return f"/work-orders/{quote(number, safe='')}"


def orders(found: OrderList, now: datetime, zone: str, cursor: str, *, can_create: bool) -> WorkOrdersPage:
    """The list, newest first."""
    return WorkOrdersPage(
        rows=tuple(_row(one, now, zone) for one in found.rows),
        pager=Pager(
            shown=len(found.rows),
            next_href=f"/work-orders?{urlencode({'cursor': found.next})}" if found.next else None,
            first_href="/work-orders" if cursor else None,
        ),
        can_create=can_create,
    )


def _row(one: Any, now: datetime, zone: str) -> WorkOrderRow:
    return WorkOrderRow(
        number=one.work_order_no,
        href=href(one.work_order_no),
        item=one.item,
        item_code=one.item_no,
        mark=state(one.status, one.done),
        amount=Amount(value=one.quantity, unit=one.uom),
        lot=lot_of(one, now, zone),
        done=one.done,
        operations=one.steps,
        changed_at=one.changed_at,
    )


def state(status: str, done: int) -> Mark:
    """Open and begun is "in process"."""
    return mark("order", "in_process" if status == "open" and done else status)


def lot_of(one: Any, now: datetime, zone: str) -> LotRef | None:
    """The batch that the order makes."""
    return ref(_made(one), now, zone) if one.lot_no else None


def new(
    words: Words,
    session: Session,
    *,
    blocked: Refusal | None = None,
    given: FormData | None = None,
    refusal: Refusal | None = None,
    like: OrderRecord | None = None,
    more: bool = False,
) -> NewWorkOrderPage:
    """The form: empty, like an earlier order, or as it was refused."""
    sheet = Sheet(words, given, refusal)
    order = like.order if like is not None else None
    places = tuple(Option(value=one.code, label=f"{one.code} {one.name}") for one in choices.locations(session))
    return NewWorkOrderPage(
        fields=(
            choice(
                sheet,
                "item_no",
                words("order.item"),
                item_options(session, *MADE),
                default=order.item_no if order else "",
                required=True,
            ),
            sheet.field("work_order_no", words("order.number"), required=True),
            sheet.field("lot_no", words("order.lot_no"), required=True),
            sheet.field(
                "quantity", words("order.quantity"), "quantity", plain(order.quantity) if order else "", required=True
            ),
            choice(
                sheet,
                "location",
                words("order.location"),
                places,
                default=(order.location or "") if order else "",
                required=True,
            ),
            sheet.field("opened_at", words("order.opened_at"), "datetime", help=words("order.opened_at_help")),
            sheet.field("expires_on", words("order.expires_on"), help=words("order.expires_on_help")),
            sheet.field("expiry_reason", words("receive.expiry_reason"), help=words("order.expiry_reason_help")),
            sheet.field("document", words("order.document"), default=(order.document or "") if order else ""),
            sheet.field(
                "document_version",
                words("order.document_version"),
                default=(order.document_version or "") if order else "",
            ),
        ),
        steps=_steps(words, given, refusal, like, more=more),
        skills=choices.skills(session),
        equipment_kinds=choices.equipment_kinds(session),
        refusal=refusal,
        blocked=blocked,
        draft=Draft(key="work-order") if like is None else None,
        command_key=new_key(),
    )


def _steps(
    words: Words, given: FormData | None, refusal: Refusal | None, like: OrderRecord | None, *, more: bool
) -> tuple[StepLine, ...]:
    if given is not None:
        typed = rows(given, "step", STEP)
        named = [{key: row[key] for key in NAMED} for row in typed]
        wrong = errors(refusal, "steps", named, words.language)
        lines = [
            StepLine(**{**row, "environment": bool(row["environment"]), "error": wrong.get(place, "")})  # type: ignore[arg-type]  # all texts but one
            for place, row in enumerate(typed)
        ]
        return tuple(lines + [StepLine()] * (SPARE if more else 0))
    known = [
        StepLine(
            seq=str(step.seq),
            code=step.code,
            title_zh=step.title_zh,
            title_en=step.title_en,
            qualification=step.qualification or "",
            equipment_kind=step.equipment_kind or "",
            environment=step.environment,
        )
        for step in (like.steps if like is not None else ())
    ]
    tens = (StepLine(seq=str(10 * number)) for number in range(1, SPARE + 1))
    return tuple(known) if known else tuple(tens)


def page(
    words: Words, found: OrderRecord, now: datetime, zone: str, holds: Sequence[OpenHold] = (), *, copy: bool
) -> WorkOrderPage:
    """The order without its form; `copy` offers another one like it; `holds` are the open ones of its batch."""
    order = found.order
    facts = [
        Fact(label=words("order.planned"), amount=Amount(value=order.quantity, unit=order.uom)),
        Fact(label=words("order.opened_at"), moment=order.opened_at),
    ]
    if order.finished_at:
        facts += [
            Fact(label=words("order.finished_on"), moment=order.finished_at),
            Fact(label=words("order.good"), amount=Amount(value=order.produced, unit=order.uom)),
            Fact(label=words("order.scrapped"), amount=Amount(value=order.scrapped, unit=order.uom)),
        ]
    if order.location:
        facts.append(Fact(label=words("order.location"), text=f"{order.location} {order.location_name}"))
    if order.document:
        facts.append(
            Fact(
                label=words("order.document"),
                text=f"{order.document} {order.document_version or ''}".strip(),
                code=True,
            )
        )
    done = sum(1 for step in found.steps if step.runs >= order.cycle)
    return WorkOrderPage(
        number=order.work_order_no,
        mark=state(order.status, done),
        item=order.item,
        item_code=order.item_no,
        facts=tuple(facts),
        operations=tuple(_operations(words, found, now, zone)),
        plan=tuple(_plan(words, found)),
        lot=lot_of(order, now, zone),
        band=band(words, holds),
        copy_href=f"/work-orders/new?{urlencode({'like': order.work_order_no})}" if copy else "",
    )


def _plan(words: Words, found: OrderRecord) -> Iterable[PlannedStep]:
    following = found.next_step
    for step in found.steps:
        key = "done" if step.runs >= found.order.cycle else "next" if step is following else "later"
        codes = [skill(words, one) for one in (step.qualification, step.equipment_kind) if one]
        needs = [*codes, *([words("order.step_environment")] if step.environment else [])]
        yield PlannedStep(
            number=str(step.seq),
            title=step.title_zh if words.language == "zh" else step.title_en,
            mark=mark("step", key),
            needs=" · ".join(needs),
        )


def _operations(words: Words, found: OrderRecord, now: datetime, zone: str) -> Iterable[RecordedOperation]:
    titles = {step.seq: step.title_zh if words.language == "zh" else step.title_en for step in found.steps}
    people, machines, parameters, readings, consumed = (
        _by_run(rows) for rows in (found.people, found.machines, found.parameters, found.readings, found.consumed)
    )
    english = {
        (step.seq, what): master.english(step.parameters.get(what, ()))
        for step in found.steps
        for what in ("parameters", "readings")
    }
    for run in found.runs:
        named = [english.get((run.seq, what), {}) for what in ("parameters", "readings")]
        again = f" ({run.run_no})" if run.run_no > 1 else ""
        method = f"{run.document} {run.document_version or ''}".strip() if run.document else ""
        made = found.order if run.produced else None
        yield RecordedOperation(
            number=f"{run.seq}{again}",
            title=titles.get(run.seq, str(run.seq)),
            at=run.finished_at,
            people=tuple(one.name for one in people[run.id]),
            equipment=tuple(one.equipment_no for one in machines[run.id]),
            load=run.load_no or "",
            consumed=tuple(ref(one, now, zone, amount=amount(one.quantity, one.uom)) for one in consumed[run.id]),
            produced=(ref(_made(made), now, zone, amount=Amount(value=run.produced, unit=made.uom)),) if made else (),
            parameters=tuple(
                _value(
                    words,
                    words.name(one.name, named[0].get(one.name)),
                    one.value,
                    one.text_value,
                    one.unit,
                    one.lower,
                    one.upper,
                )
                for one in parameters[run.id]
            ),
            environment=tuple(
                _value(
                    words,
                    words.name(one.quantity, named[1].get(one.quantity)),
                    one.value,
                    one.told,
                    one.unit,
                    one.lower,
                    one.upper,
                )
                for one in readings[run.id]
            ),
            method=method,
        )


def _value(words: Words, name: str, value: Any, text: str | None, unit: str | None, low: Any, high: Any) -> Fact:
    said, within = measured(words, value, text, unit), limits(low, high)
    return Fact(label=name, text=f"{said} ({within})" if within else said)


def _by_run(rows_: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows_:
        grouped[row.run].append(row)
    return grouped


def _made(order: Any) -> dict[str, Any]:
    """The batch of an order's row: the row's own status is the order's."""
    return {**order._mapping, "status": order.lot_status}  # noqa: SLF001 - SQLAlchemy's public name
