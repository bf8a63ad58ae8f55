"""The customers of a recall: who has what, who was told, who answered what; who is silent stands first (REQ 76-78).

Those to whom they passed goods on stand among them, each with who did.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.recall.queries.contacts import Reach
from models.recall.queries.views import NoticeRow, RecallView
from ui.frame.i18n import Words
from ui.frame.parts import Amount
from ui.frame.status import mark
from ui.frame.words.numbers import plain, quantity
from ui.notice.view.deliveries import ways
from ui.recall.page.recall import CustomerRow, NoticeRef
from ui.recall.view.list import href

COLUMNS = (
    "customer_no", "customer", "contact", "lots", "shipped", "outstanding", "sent_at", "reminders", "next_reminder", "acknowledged_at",
    "acknowledged_by", "received", "on_hand", "used", "will_return", "remark", "passed_on", "passed_by", "unnamed", "not_told_because",
)  # fmt: skip


def customers(
    words: Words, found: RecallView, reach: Mapping[str, Reach], next_reminder: datetime | None = None
) -> tuple[CustomerRow, ...]:
    """One row per customer of the scope and per receiver: the unanswered first, then by what they still have."""
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for line in found.scope["customers"]:
        lines.setdefault(line["customer_no"], []).append(line)
    units = {line["lot_no"]: line["uom"] for line in found.scope["customers"]}
    gone: dict[str, list[Mapping[str, Any]]] = {}
    for one in found.gone:
        gone.setdefault(one.get("receiver") or one["customer_no"], []).append(one)
    notices: dict[str, list[NoticeRow]] = {}
    for notice in found.notices:
        if notice.parent is None:
            notices.setdefault(notice.customer_no, []).append(notice)
    untold = {one.customer_no: one.zh if words.language == "zh" else one.en for one in found.left_out}
    names = {no: rows[0]["customer"] for no, rows in lines.items()}
    names |= {no: rows[0]["customer"] for no, rows in gone.items() if "receiver" not in rows[0]}
    names |= {no: n[0].customer for no, n in notices.items()}
    names |= {no: words.name(name, reach[no].name_en) for no, name in names.items() if no in reach}

    def refs(told: Collection[NoticeRow]) -> tuple[NoticeRef, ...]:
        return tuple(
            _notice(words, found, one, next_reminder, {units[line["lot_no"]] for line in one.lines if line["lot_no"] in units})
            for one in told
        )  # fmt: skip

    rows = [
        CustomerRow(
            number=no,
            name=name,
            contact=said(reach.get(no)),
            lots=len(lines.get(no, ())),
            shipped=_by_unit(*((line["uom"], line["shipped"]) for line in lines.get(no, ()))),
            outstanding=_by_unit(
                *((line["uom"], 0) for line in lines.get(no, ())),
                *((one["uom"], one["quantity"]) for one in gone.get(no, ())),
            ),
            in_transit=any(one["in_transit"] for one in gone.get(no, ())),
            left_out=untold.get(no, ""),
            notices=refs(notices.get(no, ())),
            unnamed=_plain(sum((one.unnamed for one in notices.get(no, ())), Decimal(0))),
        )
        for no, name in names.items()
    ]
    further = [
        _receiver(words, one, gone.get(str(one.id), ()), refs([one]), units)
        for one in found.notices
        if one.parent is not None
    ]
    return tuple(sorted([*rows, *further], key=_order))


def _receiver(
    words: Words,
    one: NoticeRow,
    gone: Collection[Mapping[str, Any]],
    refs: tuple[NoticeRef, ...],
    units: Mapping[str, str],
) -> CustomerRow:
    """Somebody to whom a customer passed goods on."""
    measured = {units[line["lot_no"]] for line in one.lines if line["lot_no"] in units}
    unit = next(iter(measured)) if len(measured) == 1 else ""
    return CustomerRow(
        number=one.customer_no,
        name=words.name(one.customer, one.customer_en),
        contact=" · ".join(part for part in (one.contact, one.phone, one.email) if part),
        lots=len(one.lines),
        shipped=_by_unit((unit, one.shipped)),
        outstanding=_by_unit((unit, 0), *((each["uom"], each["quantity"]) for each in gone)),
        in_transit=False,
        notices=refs,
        passed_by=one.passed_by or "",
        unnamed=_plain(one.unnamed),
    )


def _plain(quantity: Decimal) -> str:
    return plain(quantity) if quantity else ""


def said(one: Reach | None) -> str:
    """Contact, telephone, mail: what there is."""
    return " · ".join(part for part in (one.contact, one.phone, one.email) if part) if one else ""


def _order(row: CustomerRow) -> tuple[bool, Decimal, str]:
    answered = bool(row.notices) and all(one.acknowledged_at for one in row.notices) and not row.unnamed
    return answered, -sum((one.value for one in row.outstanding), Decimal(0)), row.number


def _by_unit(*parts: tuple[str, Any]) -> tuple[Amount, ...]:
    total: dict[str, Decimal] = {}
    for unit, some in parts:
        total[unit] = total.get(unit, Decimal(0)) + Decimal(some)
    return tuple(Amount(value=value, unit=unit) for unit, value in sorted(total.items()))


def _notice(
    words: Words, found: RecallView, one: NoticeRow, next_reminder: datetime | None, units: Collection[str]
) -> NoticeRef:
    def shown(value: Decimal | None) -> str:
        return "" if value is None else plain(value)

    base = f"{href(found.row.recall_no)}/notices/{one.id}"
    open_still = one.acknowledged_at is None or one.unnamed
    return NoticeRef(
        href=base,
        mark=mark("notice", one.status),
        sent_at=one.sent_at,
        reminders=one.reminders,
        link_until=one.link_expires_at,
        next_reminder=next_reminder if open_still else None,
        ways=ways(words, found.deliveries.get(one.id, ())),
        acknowledged_at=one.acknowledged_at,
        acknowledged_by=one.acknowledged_by or "",
        received=shown(one.received),
        on_hand=shown(one.on_hand),
        used=shown(one.used),
        will_return=shown(one.will_return),
        passed_on=shown(one.passed_on),
        remark=one.remark or "",
        answer_href="" if one.acknowledged_at else f"{base}/answer",
        receivers_href=f"{base}/receivers" if one.unnamed > one.waiting else "",
        waiting=_plain(one.waiting),
        waiting_href=next(
            (
                f"/tasks/{each.task}"
                for each in found.namings
                if each.notice == one.id and each.outcome is None and each.task
            ),
            "",
        ),
        answer=_answer(words, one, units),
    )


def _answer(words: Words, one: NoticeRow, units: Collection[str]) -> str:
    """What they said, with the unit when all their batches are counted in one."""
    if one.acknowledged_at is None:
        return ""

    def shown(value: Decimal | None) -> str:
        if value is None:
            return "–"
        return quantity(words, value, next(iter(units))) if len(units) == 1 else plain(value)

    text = words(
        "recall.said",
        received=shown(one.received),
        used=shown(one.used),
        hand=shown(one.on_hand),
        back=shown(one.will_return),
    )
    return f"{text}, {words('recall.said_passed', passed=shown(one.passed_on))}" if one.passed_on else text


def table(rows: Collection[CustomerRow]) -> list[dict[str, str]]:
    """The same rows for a file: one line per customer and notice."""
    return [
        {
            "customer_no": row.number,
            "customer": row.name,
            "contact": row.contact,
            "lots": str(row.lots),
            "shipped": "; ".join(f"{one.value:f} {one.unit}" for one in row.shipped),
            "outstanding": "; ".join(f"{one.value:f} {one.unit}" for one in row.outstanding),
            "sent_at": one.sent_at.isoformat() if one and one.sent_at else "",
            "reminders": str(one.reminders) if one else "",
            "next_reminder": one.next_reminder.isoformat() if one and one.next_reminder else "",
            "acknowledged_at": one.acknowledged_at.isoformat() if one and one.acknowledged_at else "",
            "acknowledged_by": one.acknowledged_by if one else "",
            "received": one.received if one else "",
            "on_hand": one.on_hand if one else "",
            "used": one.used if one else "",
            "will_return": one.will_return if one else "",
            "remark": one.remark if one else "",
            "passed_on": one.passed_on if one else "",
            "passed_by": row.passed_by,
            "unnamed": row.unnamed,
            "not_told_because": row.left_out,
        }
        for row in rows
        for one in (row.notices or (None,))
    ]
