"""The form in which an operator records the operation whose turn it is: man, machine, material, method, environment."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.kernel.time import moments
from models.order import rules as master
from models.plant.queries import choices
from models.plant.queries.choices import Machine
from models.production.queries import pages as production
from models.production.queries.pages import OrderRecord
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import errors, local, lot_lines, rows
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Draft, FormField, Option
from ui.frame.rows import day, skill
from ui.frame.visit import new_key
from ui.lot.mark import ref
from ui.lot.view.list import choice
from ui.production.page import OperationForm, Usable, ValueLine, WorkOrderPage

VALUE = ("name", "value", "unit", "lower", "upper")
USABLE = 20
"""Lots that are offered; any other is scanned or typed."""
AT_ONCE = 40
"""More people or machines than this are typed or scanned, not ticked."""
SPARE = 2


def with_form(
    words: Words,
    session: Session,
    page: WorkOrderPage,
    found: OrderRecord,
    now: datetime,
    zone: str,
    *,
    given: FormData | None = None,
    refusal: Refusal | None = None,
    blocked: Refusal | None = None,
) -> WorkOrderPage:
    """The order's page with the form of its next operation, empty or as it was refused."""
    step = found.next_step
    if found.order.status != "open" or step is None:
        return replace(page, refusal=refusal)
    sheet = Sheet(words, given, refusal)
    title = step.title_zh if words.language == "zh" else step.title_en
    last = step.seq == max(one.seq for one in found.steps)
    places = tuple(Option(value=one.code, label=f"{one.code} {one.name}") for one in choices.locations(session))
    order = found.order
    usual = choices.usual_parameters(session, order.item_no, step.seq)
    readings = choices.usual_readings(session, order.location or "") if step.environment else ()
    form = OperationForm(
        title=f"{step.seq} {title}",
        fields=(
            sheet.field("started_at", words("order.started_at"), "datetime", required=True),
            sheet.field("finished_at", words("order.finished_at"), "datetime", local(now, zone), required=True),
            choice(sheet, "location", words("order.location"), places, default=order.location or ""),
            sheet.field("load", words("order.load"), help=words("order.load_help")),
            sheet.field("document", words("order.document"), default=order.document or ""),
            sheet.field("document_version", words("order.document_version"), default=order.document_version or ""),
            sheet.field("late_reason", words("order.late_reason"), help=words("order.late_reason_help")),
        ),
        people=_people(sheet, session, step.qualification),
        equipment=_machines(sheet, session, step.equipment_kind, now, zone),
        parameters=_values(words, given, refusal, "parameter", "parameters", _asked(step, "parameters", usual)),
        environment=_values(words, given, refusal, "environment", "environment", _asked(step, "readings", readings)),
        produced=_produced(sheet, order.uom) if last else (),
        lines=lot_lines(given, "consume", "consumes", refusal, words.language),
    )
    usable = production.usable(session, USABLE + 1)
    return replace(
        page,
        form=form,
        refusal=refusal,
        blocked=blocked,
        draft=Draft(key=f"operation-{page.number}-{step.seq}"),
        command_key=new_key(),
        breakdown_href=f"/breakdowns/new?{urlencode({'lot_no': page.lot.lot_no})}" if page.lot else "",
        usable_more=len(usable) > USABLE,
        usable=tuple(
            Usable(
                lot=ref({**one._mapping, "status": "released"}, now, zone),  # noqa: SLF001 - SQLAlchemy's public name
                amount=Amount(value=one.quantity, unit=one.uom),
                expiry=day(one.expires_on, one.expiry_precision),
            )
            for one in usable[:USABLE]
        ),
    )


def _people(sheet: Sheet, session: Session, needed: str | None) -> FormField:
    label = sheet.words("order.people")
    everybody = choices.operators(session)
    if len(everybody) > AT_ONCE:
        return sheet.field("people", label, help=sheet.words("order.several_help"), required=True)
    return sheet.many(
        "people",
        label,
        tuple(
            Option(
                value=one.login,
                label=one.name,
                hint=_today(sheet.words, one, needed),
            )
            for one in everybody
        ),
        required=True,
    )


def _today(words: Words, one: Any, needed: str | None) -> str:
    """Why somebody couldn't do it today: said, and open for work that was done when they could."""
    if one.gone:
        return words("order.gone")
    return words("order.lacks", skill=skill(words, needed)) if needed and needed not in one.skills else ""


def _machines(sheet: Sheet, session: Session, kind: str | None, now: datetime, zone: str) -> FormField:
    label = sheet.words("order.equipment")
    machines = sorted(choices.machines(session), key=lambda one: (one.kind != kind, one.equipment_no))
    if len(machines) > AT_ONCE:
        return sheet.field("equipment", label, help=sheet.words("order.several_help"), required=kind is not None)
    options = tuple(
        Option(
            value=one.equipment_no,
            label=f"{one.equipment_no} {one.name}",
            hint=_unusable(sheet.words, one, now, zone),
        )
        for one in machines
    )
    return sheet.many("equipment", label, options, required=kind is not None)


def _unusable(words: Words, one: Machine, now: datetime, zone: str) -> str:
    if one.status != "in_service":
        return words("order.out_of_service")
    if one.broken:
        return words("order.broken_machine")
    if one.blocked:
        return words("order.blocked_machine")
    if not one.needs_calibration:
        return ""
    if one.due_at is None or one.result != "passed":
        return words("order.never_calibrated")
    return words("order.overdue", day=moments.day(one.due_at, zone)) if now >= one.due_at else ""


def _asked(step: Any, what: str, usual: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the order's step asks for, with its limits; then what was recorded the last time, which has none here."""
    asked = master.read(step.parameters.get(what, ()))
    more = tuple(master.Limit(one.name, one.unit) for one in usual if one.name not in asked)
    return (*asked.values(), *more)


def _values(
    words: Words,
    given: FormData | None,
    refusal: Refusal | None,
    prefix: str,
    name: str,
    usual: tuple[Any, ...],
) -> tuple[ValueLine, ...]:
    if given is not None:
        typed = rows(given, prefix, VALUE)
        wrong = errors(refusal, name, [{"value": row["value"]} for row in typed], words.language)
        return tuple(ValueLine(**row, error=wrong.get(place, "")) for place, row in enumerate(typed))
    known = [
        ValueLine(
            name=words.name(one.name, one.name_en),
            unit=one.unit or "",
            lower="" if one.lower is None else f"{one.lower:f}",
            upper="" if one.upper is None else f"{one.upper:f}",
        )
        for one in usual
    ]
    return tuple(known + [ValueLine()] * (1 if known else SPARE))


def _produced(sheet: Sheet, unit: str) -> tuple[FormField, ...]:
    return (
        sheet.field("produced", sheet.words("order.good"), "quantity", unit=unit, required=True),
        sheet.field("scrapped", sheet.words("order.scrapped"), "quantity", unit=unit),
    )
