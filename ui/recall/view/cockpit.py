"""The recall cockpit from what was read: scope, clocks, versions, holds, score (SCREENS; REQUIREMENTS 74-82).

Tables begin with their first rows, and the page says of how many; counts and downloads are whole.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from models.notice.rules import list as notice_list
from models.person.rules.known_roles import role_name
from models.recall.queries.contacts import Reach
from models.recall.queries.views import Clock, RecallView, ScopeVersion, Signed
from models.recall.store.duties import Duty
from ui.frame.first_rows import Folding
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Deadline, EvidenceLine, Fact, Link, SignatureLine, lot_href
from ui.frame.status import decided, mark
from ui.lot.mark import lot_mark
from ui.packing.view import on_units
from ui.recall.page.follow_up import FollowPanel
from ui.recall.page.recall import (
    Changed,
    ClockState,
    GivenNotice,
    LegalClock,
    PlaceCell,
    RecallPage,
    ScopeLot,
    ScopePanel,
    ScopeVersionRow,
    StillOpen,
    UnitTotal,
)
from ui.recall.view.customers import customers
from ui.recall.view.list import class_of, href
from ui.recall.view.markets import handled, markets
from ui.recall.view.pulls import pulls
from ui.recall.view.score import parts
from ui.task.page import TaskPage

AT_ONCE = 100
"""Findings and questions on the page; the files hold all of them."""
FIRST_LOTS = 10
"""Lots to begin with: what was done about them stands above, so they are the proof and not the work."""
FEW = 20
"""Names shown of a difference."""
OPEN = 5
"""Findings that stand open; the others are folded, so that the decision stays in sight."""


def page(
    words: Words,
    found: RecallView,
    reach: Mapping[str, Reach],
    decision: TaskPage | None,
    follow: FollowPanel | None = None,
    next_reminder: datetime | None = None,
    folding: Folding | None = None,
) -> RecallPage:
    """The cockpit."""
    row = found.row
    folding = folding or Folding(href(row.recall_no))
    rows = customers(words, found, reach, next_reminder)
    shown, customers_cut = folding.cut("customers", rows)
    fetched, pulls_cut = folding.cut("pulls", found.pulls, FIRST_LOTS)
    lots, lots_cut = folding.cut("lots", found.scope["lots"], FIRST_LOTS)
    return RecallPage(
        number=row.recall_no,
        title=row.title,
        mark=mark("recall", row.status),
        drill=row.mode == "drill",
        facts=_facts(words, found),
        reason=found.reason,
        hazard=found.hazard or "",
        notice=_given(words, found.notice) if found.notice else None,
        scope=_scope(words, found, lots),
        clocks=tuple(_clock(words, one) for one in found.clocks),
        clocks_note=words("recall.clocks_drill") if row.mode == "drill" else "",
        markets=markets(words, found),
        classify_href=follow.classify_href if follow else "",
        without_country=found.without_country,
        versions=tuple(_version(row.recall_no, one) for one in reversed(found.versions)),
        changed=_changed(words, found.difference or {}),
        customers=tuple(shown),
        customers_total=len(rows),
        customers_href=f"{href(row.recall_no)}/customers.csv",
        told=found.funnel["customers"]["told"],
        answered=found.funnel["customers"]["answered"],
        untold=found.funnel["customers"]["untold"],
        left_out=found.funnel["customers"]["left_out"],
        remaining=tuple(_open(words, one) for one in found.remaining) if found.decided_at else (),
        decide_href=follow.decide_href if follow else "",
        undecided=len(found.undecided),
        contained=row.held if found.versions[-1].signed_at is None else 0,
        uncontained=row.uncontained,
        hold_report=_held(words, found.hold_report, drill=row.mode == "drill"),
        pulls=pulls(words, fetched),
        pulls_total=len(found.pulls),
        pulls_href=f"{href(row.recall_no)}/pulls.csv",
        pulled=sum(one.done_at is not None for one in found.pulls),
        on_units=on_units(found.on_units[:AT_ONCE], lots=True),
        on_units_more=len(found.on_units) > AT_ONCE,
        signatures=tuple(_signed(words, one) for one in found.signatures),
        cuts={"customers": customers_cut, "pulls": pulls_cut, "lots": lots_cut},
        decision=decision,
        follow=follow,
        score=found.score["points"] if found.score and row.mode == "drill" else None,
        score_parts=parts(words, found.score) if found.score and row.mode == "drill" else (),
    )


def _facts(words: Words, found: RecallView) -> tuple[Fact, ...]:
    row = found.row
    facts = [
        Fact(label=words("recall.identifier"), text=row.identifier, code=True),
        Fact(label=words("recall.cause"), text=words(f"recall.cause_{row.cause}")),
        Fact(label=words("recall.level"), text=class_of(words, row.recall_class)),
        *handled(words, found),
        Fact(label=words("recall.opened"), text=row.opened_by),
        Fact(label=words("recall.opened_at"), moment=row.opened_at),
    ]
    for label, moment in (
        ("recall.decided_at", found.decided_at),
        ("recall.held_at", found.held_at),
        ("recall.notified_at", found.notified_at),
        ("recall.closed_at", row.closed_at),
    ):
        if moment is not None:
            facts.append(Fact(label=words(label), moment=moment))
    return tuple(facts)


def _scope(words: Words, found: RecallView, shown: Sequence[Mapping[str, Any]]) -> ScopePanel:
    record, version, number = found.scope, found.versions[-1], found.row.recall_no
    lots = record["lots"]
    findings = record["findings"]
    return ScopePanel(
        version=version.version,
        digest=version.digest,
        computed_at=version.computed_at,
        signed_at=version.signed_at,
        lots=len(lots),
        in_house_lots=sum(Decimal(one["in_house"]) > 0 for one in lots),
        customers=version.customers,
        complete=version.complete,
        balanced=version.balanced,
        totals=tuple(_total(words, one) for one in found.funnel["places"]),
        gaps=tuple(Amount(value=Decimal(one["quantity"]), unit=one["uom"]) for one in found.funnel["gaps"]),
        findings=tuple(_finding(words, one) for one in findings[:OPEN]),
        findings_more=tuple(_finding(words, one) for one in findings[OPEN:AT_ONCE]),
        findings_total=len(findings),
        rows=tuple(_lot(one) for one in shown),
        shipped_since=found.shipped_since,
        joined=len(found.joined),
        joined_first=words("list.comma").join(found.joined[:FEW]) + (" …" if len(found.joined) > FEW else ""),
        exports=tuple(
            Link(label=kind.upper(), href=f"{href(number)}/scope.{kind}?version={version.version}")
            for kind in ("csv", "json")
        ),
    )


def _finding(words: Words, one: Mapping[str, Any]) -> EvidenceLine:
    return EvidenceLine(text=one[words.language], rule=one["code"], href=lot_href(one["lot_no"]))


def _lot(one: Mapping[str, Any]) -> ScopeLot:
    unit = one["uom"]
    return ScopeLot(
        lot_no=one["lot_no"],
        href=lot_href(one["lot_no"]),
        item=one["item"],
        mark=lot_mark(one["status"]) if one["status"] else None,
        in_house=Amount(value=Decimal(one["in_house"]), unit=unit),
        shipped=Amount(value=Decimal(one["shipped"]), unit=unit),
        returned=Amount(value=Decimal(one["returned"]), unit=unit),
    )


PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("in_house", ("free", "held", "decided")),
    ("transit", ()),
    ("at_customers", ("untold", "left_out", "silent", "unnamed", "answered")),
    ("used", ()),
    ("returned", ()),
    ("disposed", ()),
    ("lost", ()),
)
"""The places in the order in which goods pass them, each with what it is made up of; they add up to the scope."""
WORRY = frozenset({"returned"})
"""Where something lies that somebody has to decide about."""


def _total(words: Words, one: Mapping[str, str]) -> UnitTotal:
    def amount(name: str) -> Amount:
        return Amount(value=Decimal(one[name]), unit=one["uom"])

    return UnitTotal(
        total=amount("total"),
        places=tuple(
            PlaceCell(
                label=words(f"recall.place_{name}"),
                amount=amount(name),
                parts=tuple((words(f"recall.place_{part}"), amount(part)) for part in parts if Decimal(one[part])),
                warn=name in WORRY and bool(Decimal(one[name])),
            )
            for name, parts in PLACES
        ),
    )


def _open(words: Words, one: Mapping[str, Any]) -> StillOpen:
    due = datetime.fromisoformat(one["due_at"]) if one["due_at"] else None
    return StillOpen(
        text=one[words.language], owner=one[f"owner_{words.language}"], due=Deadline(due=due) if due else None
    )


def _clock(words: Words, one: Clock) -> LegalClock:
    return LegalClock(
        rule=one.rule_key,
        where=words.known(f"recall.where_{one.jurisdiction.lower()}", one.jurisdiction),
        text=one.zh if words.language == "zh" else one.en,
        state=cast("ClockState", one.status),
        due=Deadline(due=one.due_at, done=one.met_at is not None),
        met_at=one.met_at,
        provisional=one.provisional,
        duty=_duty(words, one.duty),
        duty_href=f"/tasks/{one.duty.task}" if one.duty and one.duty.status == "open" else "",
    )


def _duty(words: Words, one: Duty | None) -> str:
    """Whose task a deadline is that came near, or what was said about a missed one."""
    if one is None or one.status == "cancelled":
        return ""
    who = one.who or role_name(one.role, words.language)
    if one.status == "done":
        return words("recall.duty_said", who=who, said=one.explanation or "–")
    return words("recall.duty_of", who=who)


def _given(words: Words, notice: Mapping[str, Any]) -> GivenNotice:
    return GivenNotice(
        text=notice["text"],
        questions=tuple(one[words.language] for one in notice["questions"][:AT_ONCE]),
        unknown=words("list.comma").join((*notice["unknown"], *notice["unknown_items"])[:AT_ONCE]),
    )


def _version(number: str, one: ScopeVersion) -> ScopeVersionRow:
    return ScopeVersionRow(
        version=one.version,
        identifiers="; ".join(map(notice_list.label, one.identifiers)),
        lots=one.lots,
        customers=one.customers,
        computed_at=one.computed_at,
        signed_at=one.signed_at,
        digest=one.digest,
        href=f"{href(number)}/scope.json?version={one.version}",
    )


def _changed(words: Words, difference: Mapping[str, list[str]]) -> tuple[Changed, ...]:
    comma = words("list.comma")
    return tuple(
        Changed(label=words(f"recall.{name}"), count=len(names), first=comma.join(names[:FEW]))
        for name, names in difference.items()
        if names
    )


def _held(words: Words, report: Mapping[str, Any] | None, *, drill: bool) -> tuple[Fact, ...]:
    if not report:
        return ()
    return tuple(
        Fact(
            label=words(f"recall.held_{name}{'_drill' if drill and name == 'newly_held' else ''}"),
            text=", ".join(report["grown_lots"][:20])
            if name == "grown" and report[name] <= 20
            else f"{report[name]:,}",
            code=name == "grown",
        )
        for name in ("lots", "newly_held", "gone", "in_transit", "gone_since_scope", "grown", "to_pull")
        if name in report and (name != "grown" or report[name])
    )


def _signed(words: Words, one: Signed) -> SignatureLine:
    behalf = f" ({words('inbox.acting_for', who=one.on_behalf_of)})" if one.on_behalf_of else ""
    step = words.known(f"recall.stage_{one.stage}", one.stage)
    said = words.known(f"recall.outcome_{one.outcome}", one.outcome)
    return SignatureLine(
        who=one.name + behalf,
        at=one.at,
        meaning=f"{step} · {said}",
        digest=one.digest,
        reason=one.reason or "",
        tone=decided(one.outcome),
    )
