"""The page of a batch, from the record: its whole life, one step of genealogy each way (REQUIREMENTS 1-3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from sqlmodel import Session
from starlette.datastructures import FormData

from models.change.queries import case as changes
from models.hold import acts as holding
from models.kernel.refusal import Refusal
from models.lot.queries import one as queries_lot
from models.lot.queries.newest_facts import newest_facts
from models.lot.queries.views import (
    HoldView,
    InspectionView,
    LotDetail,
    LotShipment,
    LotView,
    PartView,
    RelativeView,
    StockView,
    TimelineEntry,
)
from models.lot.rules import locked
from models.lot.rules.locked import Lock
from models.lot.rules.milestones import MilestoneView
from models.lot.rules.open_hold import HoldKind, OpenHold, kind_of
from models.lot.store import lots, open_locks
from models.lot.store import open_holds as lot_open_holds
from models.packing import queries as queries_packing
from models.packing.queries import OnUnitRow
from models.person.rules.auth import Principal
from models.person.rules.known_roles import role_name
from models.person.rules.roles import Permission
from models.process.queries.views import TaskView
from models.process.sign.sign import WRONG_PASSWORD
from models.process.store.signed_acts import Shown
from models.release.rules import evidence
from models.release.rules.batch_record import BatchRecord
from models.release.store import batch_record
from ui.frame.i18n import Words
from ui.frame.parts import (
    Amount,
    Deadline,
    Fact,
    Link,
    LotRef,
    Milestone,
    OpenItem,
    SignatureLine,
    SignaturePanel,
    StockRow,
    hold_act_href,
    lot_href,
)
from ui.frame.rows import amount, day, matrix, titles
from ui.frame.status import decided, mark
from ui.frame.visit import new_key
from ui.frame.words.numbers import plain, quantity
from ui.lot.mark import held_why, lifted_why, lot_mark, ref
from ui.lot.page.lot import HeldPart, HoldForm, HoldRow, LotInspection, LotPage, OpenTask, ShipmentRef
from ui.lot.view.timeline import timeline
from ui.packing.view import on_units
from ui.recall.view.band import band
from ui.reshape import view as views_reshape
from ui.reshape.page import ReshapeForm

SHOWN = 40
"""Relatives and shipments on screen; the trace has all of them."""
FACTS = 200
STAGES = {"incoming": "incoming-inspection", "final": "final-inspection"}
VERDICTS = {"open": "pending", "accepted": "pass", "failed": "fail"}
SHIPPED = {"planned": "draft", "shipped": "in_transit", "arrived": "delivered", "cancelled": "cancelled"}


@dataclass(frozen=True)
class Refused:
    """What was refused on the page, at which form (`place` or a hold's id), and what was typed there."""

    refusal: Refusal
    where: str
    typed: str
    form: FormData | None = None


@dataclass(frozen=True)
class Known:
    """What the record has on the batch."""

    detail: LotDetail
    record: BatchRecord
    facts: tuple[TimelineEntry, ...]
    zone: str
    units: tuple[OnUnitRow, ...] = ()
    lifts: Mapping[UUID, Shown] = field(default_factory=dict)
    open_holds: Sequence[OpenHold] = ()
    locks: Sequence[Lock] = ()
    under: Sequence[Any] = ()


def read(session: Session, principal: Principal, lot_no: str) -> Known:
    """A constant number of statements, whatever hangs on the batch."""
    detail = queries_lot.detail(session, principal, lot_no)
    lot = lots.get(session, lot_no)
    return Known(
        detail=detail,
        record=batch_record.build(session, lot),
        facts=newest_facts(session, lot_no, FACTS + 1),
        zone=principal.zone,
        units=queries_packing.of_lot(session, lot.id, SHOWN + 1),
        lifts=holding.open_on(session, lot, principal.person_id) if detail.lot.held else {},
        open_holds=lot_open_holds.open_of(session, lot.id) if detail.lot.held else (),
        locks=open_locks.open_of(session, lot.id),
        under=changes.made_under(session, lot.id),
    )


def _links(words: Words, principal: Principal, lot_no: str) -> tuple[Link, ...]:
    """What whoever stands before the batch may want to say of it."""
    versions = Link(label=words("change.lot_versions"), href=f"{lot_href(lot_no)}/versions")
    if not principal.may(Permission.NONCONFORMANCE_RAISE):
        return (versions,)
    raising = Link(label=words("nonconformance.raise"), href=f"/nonconformances/new?{urlencode({'lot': lot_no})}")
    return (versions, raising)


def page(words: Words, principal: Principal, known: Known, now: datetime, refused: Refused | None = None) -> LotPage:
    """The page as this person sees it."""
    detail, lot = known.detail, known.detail.lot
    self_ref = LotRef(lot_no=lot.lot_no, mark=lot_mark(lot.status, held=lot.held, expired=lot.expired), item=lot.item)
    here = lot_href(lot.lot_no)
    trace = f"/trace/{quote(lot.lot_no, safe='')}?direction="
    titles = {(task.process, task.stage): task.stage_title for task in detail.tasks}
    operations = {one.seq: one.title_zh if words.language == "zh" else one.title_en for one in known.record.operations}
    own_kind = lot.kind not in {"raw", "component"}
    return LotPage(
        lot=self_ref,
        links=_links(words, principal, lot.lot_no),
        item_code=lot.item_no,
        band=band(words, known.open_holds),
        paused=tuple(_paused(words, one) for one in known.locks),
        under=tuple(_under(words, one) for one in known.under),
        facts=_facts(words, detail),
        milestones=tuple(_milestone(words, one) for one in detail.milestones),
        stock=tuple(_stock(words, one, lot.uom) for one in detail.stock),
        stock_total=Amount(value=sum((one.quantity for one in detail.stock), Decimal(0)), unit=lot.uom),
        on_units=on_units(known.units[:SHOWN]),
        on_units_held=lot.held,
        on_units_more=len(known.units) > SHOWN,
        holds=tuple(_hold(words, here, one, known.lifts.get(one.id), refused) for one in detail.holds),
        open_items=_open_items(words, detail, known.record),
        tasks=tuple(_task(words, one) for one in detail.tasks if one.status == "open"),
        timeline=timeline(words, known.facts[:FACTS], lot.uom, titles, operations),
        parents=tuple(_relative(words, one, now, known.zone) for one in detail.parents[:SHOWN]),
        children=tuple(_relative(words, one, now, known.zone) for one in detail.children[:SHOWN]),
        inspections=tuple(_inspection(words, one, detail) for one in detail.inspections),
        signatures=_signatures(words, detail),
        shipments=tuple(_shipment(one, lot) for one in detail.shipments[:SHOWN]),
        trace_back_href=trace + "backward",
        trace_forward_href=trace + "forward",
        audit_href=f"{here}/audit" if principal.may(Permission.AUDIT_READ) else "",
        matrix=matrix(words, evidence.assess(known.record, now))
        if own_kind and (known.record.operations or lot.status != "in_process")
        else None,
        parts=tuple(_part(one, lot.uom) for one in detail.parts),
        hold_form=_hold_form(principal, here, refused),
        reshape=_reshape(words, principal, detail, refused),
        command_key=new_key(),
        more_parents=max(0, len(detail.parents) - SHOWN),
        more_children=max(0, len(detail.children) - SHOWN),
        more_shipments=max(0, len(detail.shipments) - SHOWN),
        more_facts=max(0, len(known.facts) - FACTS),
    )


def _stock(words: Words, one: StockView, uom: str) -> StockRow:
    return StockRow(
        location=f"{one.location} {one.location_name}",
        amount=Amount(value=one.quantity, unit=uom),
        note=words("hold.part_of_it", much=quantity(words, one.held, uom)) if one.held else "",
    )


def _part(one: PartView, uom: str) -> HeldPart:
    return HeldPart(
        place=f"{one.location} {one.location_name}",
        amount=Amount(value=one.quantity, unit=uom),
        reason=one.reason,
        who=one.placed_by,
        at=one.placed_at,
        act_href=hold_act_href(one.hold_act),
    )


def _facts(words: Words, detail: LotDetail) -> tuple[Fact, ...]:
    lot = detail.lot
    facts = [
        Fact(label=words("lot.quantity"), amount=Amount(value=lot.quantity, unit=lot.uom)),
        Fact(label=words("lot.kind"), text=words(f"lot.kind_{lot.kind}")),
        Fact(label=words("lot.expiry"), text=day(lot.expires_on, lot.expiry_precision)),
    ]
    if lot.expiry_reason:
        facts.append(Fact(label=words("receive.expiry_reason"), text=lot.expiry_reason))
    if lot.retest_on:
        facts.append(Fact(label=words("receive.retest_on"), text=str(lot.retest_on)))
    if lot.pack_size != 1:
        units = {"uom": words.known(f"unit.{lot.uom.lower()}", lot.uom), "n": plain(lot.pack_size)}
        base = words.known(f"unit.{lot.item_uom.lower()}", lot.item_uom)
        facts.append(Fact(label=words("reshape.pack"), text=words("reshape.pack_size", **units, base=base)))
    if lot.manufactured_on:
        facts.append(Fact(label=words("lot.manufactured"), text=str(lot.manufactured_on)))
    if lot.supplier:
        facts.append(Fact(label=words("lot.supplier"), text=f"{lot.supplier} {lot.supplier_no or ''}".strip()))
    if lot.supplier_lot_no:
        href = f"/search?text={quote(lot.supplier_lot_no)}"
        facts.append(Fact(label=words("lot.supplier_lot"), text=lot.supplier_lot_no, href=href, code=True))
    facts += [
        Fact(label=words("order.order"), text=number, href=f"/work-orders/{quote(number, safe='')}", code=True)
        for number in detail.work_orders
    ]
    if detail.serial_units:
        facts.append(Fact(label=words("shipment.serials"), text=f"{detail.serial_units:,}"))
    if lot.origin == "migrated":
        facts.append(Fact(label=words("lot.origin"), text=words("lot.migrated")))
    return tuple(facts)


def _paused(words: Words, lock: Lock) -> Link:
    """A change that the batch waits for: at which step, and whose decision."""
    language = words.language
    said = words("lot.paused", step=locked.name(lock.step, lock.seq).say(language), who=lock.who.say(language))
    return Link(label=f"{said} · {lock.change} {lock.title.say(language)}", href=f"/subjects/{lock.subject}")


def _under(words: Words, one: Any) -> Link:
    """A temporary change under which the batch was made, and whether the old way is effective again."""
    title = one.title if words.language == "zh" else one.title_en
    said = words("change.made_under", number=one.number, title=title)
    if one.ended_at is not None:
        said = words("change.made_under_over", said=said)
    elif one.ends_on is not None:
        said = words("change.made_under_until", said=said, end=words("change.ends_day", day=one.ends_on.isoformat()))
    return Link(label=said, href=f"/subjects/{one.subject}")


def _milestone(words: Words, one: MilestoneView) -> Milestone:
    return Milestone(label=words(f"milestone.{one.key}"), state=one.state, at=one.at, who=one.who)


def _hold(words: Words, here: str, hold: HoldView, shown: Shown | None, refused: Refused | None) -> HoldRow:
    kind = kind_of(hold.cause, confirmed=hold.confirmed_at is not None)
    release = kind is HoldKind.RELEASE
    where = "again" if release else str(hold.id)
    mine = refused if refused is not None and refused.where == where else None
    return HoldRow(
        number=hold.recall_no or "",
        reason=held_why(words, hold.cause, hold.reason),
        who=hold.placed_by,
        at=hold.placed_at,
        lifted_at=hold.lifted_at,
        lifted_by=hold.lifted_by or "",
        lift_reason=lifted_why(words, hold.cause, hold.lift_reason or "", by_process=hold.by_process),
        whose=words(f"lot.hold_of_{kind}"),
        recall_href=f"/recalls/{quote(hold.recall_no, safe='')}" if hold.recall_no else "",
        only_by="" if kind is HoldKind.QUALITY else words(f"lot.opened_by_{kind}"),
        again_href=f"{here}/decide-again" if release else "",
        lift_href=f"/holds/{hold.id}/lift" if shown else "",
        lift_label=words("lot.lift_recall" if kind is HoldKind.RECALL else "lot.lift_hold"),
        record_href=f"/holds/{hold.id}/record" if shown else "",
        signature=_lift_panel(words, shown, mine) if shown else None,
        refusal=mine.refusal if mine else None,
        typed=mine.typed if mine else "",
        act_href=hold_act_href(hold.hold_act) if hold.hold_act else "",
        act_label=words("hold.act_of", n=hold.act_lots or 1),
    )


def _lift_panel(words: Words, shown: Shown, refused: Refused | None) -> SignaturePanel:
    wrong = refused is not None and refused.refusal.code == WRONG_PASSWORD.code
    left = int(refused.refusal.params.get("left", "0")) if refused is not None and wrong else None
    return SignaturePanel(meaning=shown.act.title(words.language), digest=shown.digest, attempts_left=left)


def _hold_form(principal: Principal, here: str, refused: Refused | None) -> HoldForm | None:
    if not principal.may(Permission.LOT_HOLD):
        return None
    mine = refused if refused is not None and refused.where == "place" else None
    return HoldForm(
        action=f"{here}/holds",
        parts_href=f"{here}/hold?scope=parts",
        place_href=f"{here}/hold?scope=place",
        refusal=mine.refusal if mine else None,
        typed=mine.typed if mine else "",
    )


def _reshape(words: Words, principal: Principal, detail: LotDetail, refused: Refused | None) -> tuple[ReshapeForm, ...]:
    if refused is None or refused.form is None:
        return views_reshape.forms(words, principal, detail)
    return views_reshape.forms(words, principal, detail, refused.where, refused.form, refused.refusal)


def _open_items(words: Words, detail: LotDetail, record: BatchRecord) -> tuple[OpenItem, ...]:
    """Nonconformances here, and everything open upstream; the batch's own holds stand in the page's head."""
    named = titles(words, record.deviations)
    own = [
        OpenItem(
            kind=words("quality.nonconformance"),
            number=one.number,
            text=named.get(one.number, one.title),
            lot_no=detail.lot.lot_no,
            depth=0,
        )
        for one in detail.nonconformances
        if one.status == "open"
    ]
    above = [
        OpenItem(
            kind=words("status.lot_held" if one.kind == "hold" else "quality.nonconformance"),
            number=one.number,
            text=named.get(one.number, one.title),
            lot_no=one.lot_no,
            depth=one.depth,
            href=lot_href(one.lot_no),
        )
        for one in record.ancestor_issues
    ]
    above += [
        OpenItem(
            kind=one.zh if words.language == "zh" else one.en,
            number=one.number,
            text=one.title if words.language == "zh" else one.title_en,
            lot_no=one.lot_no,
            depth=one.depth,
            href=f"/subjects/{one.subject}",
        )
        for one in record.bound
    ]
    return (*own, *above)


def _task(words: Words, task: TaskView) -> OpenTask:
    role = role_name(task.role, words.language)
    return OpenTask(
        title=task.stage_title.say(words.language),
        href=f"/tasks/{task.id}",
        who=task.assignee or role,
        mark=mark("task", "claimed" if task.assignee else "open"),
        deadline=Deadline(due=task.due_at) if task.due_at else None,
    )


def _relative(words: Words, one: RelativeView, now: datetime, zone: str) -> LotRef:
    note = "" if one.edge == "consume" else words.known(f"lot.edge_{one.edge.replace('-', '_')}", one.edge)
    row = {"lot_no": one.lot_no, "item": one.item, "status": one.status, "held": one.held}
    return ref(row, now, zone, amount=amount(one.quantity, one.uom), note=note)


def _inspection(words: Words, one: InspectionView, detail: LotDetail) -> LotInspection:
    """Each revision of an inspection has a task of its own, in the order in which they were opened.

    One that these goods had under an earlier number is read there.
    """
    if one.inherited_from is not None:
        return LotInspection(
            title=f"{words(f'lot.stage_{one.stage}')} {one.inspection_no}",
            href=lot_href(one.inherited_from),
            mark=mark("verdict", VERDICTS[one.status]),
            who=one.decided_by or "",
            at=one.decided_at,
        )
    process = STAGES[one.stage]
    tasks = [task for task in detail.tasks if task.process == process and task.kind == "inspection"]
    task = tasks[one.revision - 1] if one.revision <= len(tasks) else None
    return LotInspection(
        title=f"{words(f'lot.stage_{one.stage}')} {one.inspection_no}",
        href=f"/tasks/{task.id}" if task else f"{lot_href(detail.lot.lot_no)}/audit",
        mark=mark("verdict", VERDICTS[one.status] if one.status != "open" or not one.passed else "partial"),
        who=one.decided_by or "",
        at=one.decided_at,
    )


def _signatures(words: Words, detail: LotDetail) -> tuple[SignatureLine, ...]:
    return tuple(
        SignatureLine(
            who=one.name if not one.on_behalf_of else words("lot.for_whom", who=one.name, whom=one.on_behalf_of),
            at=one.at,
            meaning=" · ".join(
                (
                    words.known(f"lot.meaning_{one.meaning}", one.meaning),
                    words.known(f"fact.outcome_{one.outcome}", one.outcome),
                )
            ),
            digest=one.digest,
            reason=one.reason or "",
            tone=decided(one.outcome),
        )
        for one in detail.signatures
    )


def _shipment(one: LotShipment, lot: LotView) -> ShipmentRef:
    return ShipmentRef(
        lot_no=one.shipment_no,
        href=f"/shipments/{quote(one.shipment_no, safe='')}",
        item=one.customer,
        mark=mark("shipment", SHIPPED[one.status]),
        amount=Amount(value=one.quantity, unit=lot.uom),
    )
