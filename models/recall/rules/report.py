"""The status report and the termination report of a recall, each as one canonical record (REQUIREMENTS 82).

The six items of 21 CFR 7.53(b): notified, responded with quantities, silent, returned per customer, effectiveness checks
with results, estimated completion; 7.55 and 医疗器械召回管理办法 (实施情况报告, 总结评估): how it ended.  Every count is
computed here from the rows that stand in the same record, so counts and rows can't part (STANDARDS C 69).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.kernel.time.moments import minute
from models.kernel.units.quantity import plain
from models.recall.rules.filings import KINDS, NO_DAY, NO_KIND
from models.recall.rules.funnel import Funnel
from models.recall.rules.reconcile import Reconciliation
from models.recall.rules.remaining import Remains

RECORDS = {"status": "recall_status_report", "termination": "recall_termination_report"}
QUANTITIES = ("received", "on_hand", "used", "will_return", "passed_on")
OF_CUSTOMERS = ("received", "passed_on")
"""Sums of our own customers' answers alone: what receivers got was received once already."""


@dataclass(frozen=True)
class Facts:
    """What a report is made of, as read from the record; rows are plain mappings of text, numbers and moments."""

    recall: Mapping[str, Any]
    scope: Mapping[str, Any]
    notices: Sequence[Mapping[str, Any]]
    deliveries: Sequence[Mapping[str, Any]]
    checks: Sequence[Mapping[str, Any]]
    samples: Sequence[Mapping[str, Any]]
    progress: Mapping[str, Any]
    returns: Sequence[Mapping[str, Any]]
    deadlines: Sequence[Mapping[str, Any]]
    filed: Sequence[Mapping[str, Any]]
    signatures: Sequence[Mapping[str, Any]]
    funnel: Funnel
    left_out: Sequence[Mapping[str, Any]]
    remaining: Sequence[Remains]
    decisions: Sequence[Mapping[str, Any]]
    reconciliation: Reconciliation
    estimated_on: str | None
    closing: Mapping[str, Any] | None


def check_kind(kind: str) -> None:
    """Refuse a report that there isn't."""
    if kind not in KINDS:
        raise NO_KIND(kind=kind[:40], known=", ".join(KINDS))


def read_day(text: str | None) -> date | None:
    """An estimated day as a person gives it."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NO_DAY(day=text[:40]) from None


def record(kind: str, facts: Facts) -> dict[str, Any]:
    """The whole report: text, integers, booleans and null under ASCII names, ready for RFC 8785."""
    check_kind(kind)
    body = {
        "record": RECORDS[kind],
        **facts.recall,
        "scope": facts.scope,
        "signatures": list(facts.signatures),
        "funnel": facts.funnel.as_dict(),
        "notified": _notified(facts.notices, facts.deliveries, facts.funnel),
        "deliveries": list(facts.deliveries),
        "responded": _responded(facts.notices, facts.funnel),
        "not_responded": _silent(facts.notices, facts.funnel),
        "not_notified": _untold(facts.notices, facts.funnel),
        "receivers": _receivers(facts.notices),
        "left_out": {"customers": facts.funnel.customers.left_out, "rows": list(facts.left_out)},
        "reconciliation": facts.reconciliation.as_dict(),
        "returns": list(facts.returns),
        "decisions": list(facts.decisions),
        "remaining": [one.as_dict() for one in facts.remaining],
        "effectiveness": {
            "samples": list(facts.samples),
            "progress": facts.progress,
            "checks": list(facts.checks),
        },
        # what is over is not expected any more
        "estimated_completion": facts.estimated_on if kind == "status" else None,
        "deadlines": list(facts.deadlines),
        "filed": list(facts.filed),
    }
    if kind == "termination":
        body["closing"] = facts.closing
    clean: dict[str, Any] = wire(body)
    return clean


def _heard(notice: Mapping[str, Any]) -> bool:
    """Whether its customer was told: it went out, or was answered."""
    return notice["sent_at"] is not None or notice["acknowledged_at"] is not None


def _notified(
    notices: Sequence[Mapping[str, Any]], deliveries: Sequence[Mapping[str, Any]], funnel: Funnel
) -> dict[str, Any]:
    """7.53(b)(1): how many were told, when and how; a notice that nobody has sent yet has told nobody."""
    told = [one for one in notices if _heard(one)]
    sent = sorted(one["sent_at"] for one in told if one["sent_at"] is not None)
    ways = [_way(one) for one in told]
    how = [one["status"] for one in deliveries if one["kind"] == "first"]
    return {
        "customers": funnel.customers.told,
        "notices": len(told),
        "waiting": len(notices) - len(told),
        "mailed": how.count("sent"),
        "printed": how.count("printed"),
        "first_at": sent[0] if sent else None,
        "last_at": sent[-1] if sent else None,
        "reminders": sum(one["reminders"] for one in notices),
        "reachable_by": {way: ways.count(way) for way in ("email", "telephone", "none")},
    }


def _way(notice: Mapping[str, Any]) -> str:
    if notice["email"]:
        return "email"
    return "telephone" if notice["phone"] else "none"


def _responded(notices: Sequence[Mapping[str, Any]], funnel: Funnel) -> dict[str, Any]:
    """7.53(b)(2): how many answered all that they were told, and what they had when they did.

    Of whom one notice is answered and another isn't, the answer stands here and the customer among those who have not.
    """
    answers = [one for one in notices if one["acknowledged_at"] is not None]
    sums = {
        name: plain(
            sum(
                (one[name] or Decimal(0) for one in answers if name not in OF_CUSTOMERS or one["parent"] is None),
                Decimal(0),
            )
        )
        for name in QUANTITIES
    }
    rows = [
        {
            "customer_no": one["customer_no"],
            "customer": one["customer"],
            **_passed(one),
            "version": one["scope_version"],
            "acknowledged_at": one["acknowledged_at"],
            "acknowledged_by": one["acknowledged_by"],
            "shipped": one["shipped"],
            **{name: one[name] for name in QUANTITIES},
            **({"unnamed": one["unnamed"]} if one["unnamed"] else {}),
            "remark": one["remark"],
        }
        for one in answers
    ]
    return {
        "customers": funnel.customers.answered,
        "notices": len(answers),
        **sums,
        "answers": rows,
    }


def _silent(notices: Sequence[Mapping[str, Any]], funnel: Funnel) -> dict[str, Any]:
    """7.53(b)(3): who was told and has not answered, by name."""
    rows = _names(one for one in notices if _heard(one) and one["acknowledged_at"] is None)
    return {"customers": funnel.customers.silent, "notices": len(rows), "rows": rows}


def _untold(notices: Sequence[Mapping[str, Any]], funnel: Funnel) -> dict[str, Any]:
    """Who got some and has not been told: a notice that waits to go out, or none."""
    rows = _names(one for one in notices if not _heard(one))
    return {"customers": funnel.customers.untold, "notices": len(rows), "rows": rows}


def _receivers(notices: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """To whom customers passed goods on, and how each of them stands (21 CFR 7.49(d), 806.10(c)(11))."""
    return [
        {
            "customer_no": one["customer_no"],
            "passed_by": one["passed_by"],
            "receiver": one["customer"],
            "contact": one["contact"],
            "phone": one["phone"],
            "email": one["email"],
            "quantity": one["shipped"],
            "status": one["status"],
            "sent_at": one["sent_at"],
            "acknowledged_at": one["acknowledged_at"],
            "unnamed": one["unnamed"],
        }
        for one in notices
        if one["parent"] is not None
    ]


def _passed(notice: Mapping[str, Any]) -> dict[str, Any]:
    """From whom a receiver got the goods; nothing where they came from us."""
    return {"passed_by": notice["passed_by"]} if notice["parent"] is not None else {}


def _names(notices: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "customer_no": one["customer_no"],
            "customer": one["customer"],
            **_passed(one),
            "contact": one["contact"],
            "phone": one["phone"],
            "email": one["email"],
            "version": one["scope_version"],
            "shipped": one["shipped"],
            "sent_at": one["sent_at"],
            "reminders": one["reminders"],
            "reminded_at": one["reminded_at"],
        }
        for one in notices
    ]


def wire(value: Any) -> Any:
    """Quantities and moments as text, everything else as it is: the canonical form knows no other kinds."""
    if isinstance(value, Mapping):
        return {str(name): wire(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire(one) for one in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, (str, int, bool)) or value is None:
        return value
    return str(value)


def moments(value: Any, zone: Any) -> Any:
    """The same with every moment as people of that zone read it: for paper, never for the digest."""
    if isinstance(value, dict):
        return {name: _local(name, one, zone) for name, one in value.items()}
    if isinstance(value, list):
        return [moments(one, zone) for one in value]
    return value


def _local(name: str, value: Any, zone: Any) -> Any:
    if name.endswith("_at") and isinstance(value, str):
        return minute(datetime.fromisoformat(value), zone)
    return moments(value, zone)
