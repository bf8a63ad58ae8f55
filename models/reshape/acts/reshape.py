"""Lots are split, merged and repacked: stock, links, holds, serial numbers, state and life of the new lots in one act.

The new lot stands where its parents stand.  A released lot's child is released because its parents are; the database
looks at that once more (migrations/sql/reshape.sql).  Serves REQUIREMENTS 6, 7, 56.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models.genealogy.tables import GenealogyEdge
from models.hold.store import holds
from models.item.tables import Item
from models.kernel.time.moments import printed
from models.kernel.units.quantity import plain
from models.lot.rules import lot as lot_rules
from models.lot.rules.lot import LotStatus, Pick
from models.lot.store import lots
from models.lot.tables import Lot
from models.packing.store import moves
from models.process.fact import tell as facts
from models.process.messages.process import By, Receipt
from models.process.store import runs
from models.production.rules.packaging import Labels, Packed, hold_reason
from models.production.store import packaging
from models.reshape import rules
from models.reshape.messages import MergeLots, NewLot, RepackLot, SplitLot
from models.stock.store import proposed, serials, stock

BOUGHT = frozenset({"raw", "component"})


def split(session: Session, command: SplitLot, now: datetime) -> Receipt:
    """Parts of a lot become lots; the rest stays what it is."""
    parent = lots.lock(session, [command.lot_no])[command.lot_no]
    facts = facts_of(session, parent)
    lots.check_whole(session, parent, *(one.quantity for one in command.parts))
    left = rules.check_split(facts, [part_of(one) for one in command.parts], command.reason)
    leaving = sum((one.quantity for one in command.parts), Decimal(0))
    proposed.check_left(session, parent, leaving, (serial for one in command.parts for serial in one.serials))
    children = [
        split_off(session, parent, one, parent.status, command.by, now, reason=command.reason) for one in command.parts
    ]
    used_up(session, parent, command.by, now)
    data = {
        "lot_no": parent.lot_no,
        "into": {one.lot_no: plain(one.quantity) for one in children},
        "left": plain(left),
        "uom": parent.uom,
    }
    return _receipt(session, "split", children, command.by, now, data)


def merge(session: Session, command: MergeLots, now: datetime) -> Receipt:
    """All that is in stock of several lots becomes one lot."""
    check_new(session, command.into)
    locked = lots.lock(session, command.lot_nos)
    parents = [locked[number] for number in dict.fromkeys(command.lot_nos)]
    facts = [facts_of(session, parent) for parent in parents]
    total = rules.check_merge(facts, command.into, command.reason, now, lots.site_zone(session))
    for parent in parents:
        proposed.check_left(session, parent, lots.total(session, parent.id))
    first = parents[0]
    child = _create(session, parents, facts, command.into, total, first.uom, first.pack_size)
    for parent, known in zip(parents, facts, strict=True):
        places = stock.places(session, parent.id)
        _turn(session, "merge", parent, child, (places, places), known.serials)
    _settle(session, parents, child, first.status, now)
    for parent in parents:
        _tell(session, parent, child, "merged", command.by, command.reason)
        used_up(session, parent, command.by, now)
    data = {"lot_no": child.lot_no, "from": [one.lot_no for one in parents], "quantity": plain(total)}
    return _receipt(session, "merge", [child], command.by, now, data | {"uom": child.uom})


def repack(session: Session, command: RepackLot, now: datetime) -> Receipt:
    """The same goods in another pack, under a number of their own."""
    check_new(session, command.into)
    parent = lots.lock(session, [command.lot_no])[command.lot_no]
    facts = facts_of(session, parent)
    lots.check_whole(session, parent, command.quantity)
    labels = _labels(command)
    taken = rules.Part(command.into, command.quantity, command.serials)
    size = rules.check_repack(facts, taken, command.new_quantity, command.new_uom, labels, command.reason)
    proposed.check_left(session, parent, command.quantity, command.serials)
    rules.check_packable(facts, now, lots.site_zone(session))
    pick = _one_place(session, parent, facts, command)
    child = _create(session, [parent], [facts], command.into, command.new_quantity, command.new_uom, size)
    packed = Pick(pick.location_id, pick.location, command.new_quantity)
    _turn(session, "repack", parent, child, ([pick], [packed]), command.serials)
    _settle(session, [parent], child, parent.status, now)
    _tell(
        session, parent, child, "repacked", command.by, command.reason, _reconcile(session, child, labels, command, now)
    )
    used_up(session, parent, command.by, now)
    data = {
        "lot_no": child.lot_no,
        "from": parent.lot_no,
        "taken": plain(command.quantity),
        "uom": parent.uom,
        "quantity": plain(child.quantity),
        "new_uom": child.uom,
        "pack_size": plain(size),
    }
    return _receipt(session, "repack", [child], command.by, now, data)


def split_off(session: Session, parent: Lot, part: NewLot, status: str, by: By, now: datetime, *, reason: str) -> Lot:
    """One part of a lot becomes a lot of that state; who calls has asked the rules."""
    check_new(session, part.lot_no)
    facts = facts_of(session, parent)
    picks = lot_rules.allocate(facts.facts, part.quantity, stock.places(session, parent.id), part.location)
    child = _create(session, [parent], [facts], part.lot_no, part.quantity, parent.uom, parent.pack_size)
    _turn(session, "split", parent, child, (picks, picks), part.serials)
    _settle(session, [parent], child, status, now)
    holds.join(session, parent.id, child.id, part.quantity)
    _tell(session, parent, child, "split", by, reason)
    return child


def facts_of(session: Session, lot: Lot) -> rules.Lot:
    """A lot as the rules see it."""
    thing = session.get_one(Item, lot.item_id)
    return rules.Lot(
        facts=lots.facts(session, lot),
        item_no=thing.item_no,
        item_uom=thing.uom,
        kind=lot.kind,
        pack_size=lot.pack_size,
        there=lots.total(session, lot.id),
        made_on=printed(lot.manufactured_on, lot.made_precision),
        serials=serials.in_house(session, lot.id),
    )


def part_of(one: NewLot) -> rules.Part:
    """A part as the rules see it."""
    return rules.Part(one.lot_no, one.quantity, one.serials)


def check_new(session: Session, lot_no: str) -> None:
    """Refuse a number that a lot has already."""
    lots.check_new(session, lot_no)


def _labels(command: RepackLot) -> Labels | None:
    counts = (command.labels_printed, command.labels_applied, command.labels_scrapped)
    if all(count is None for count in counts):
        return None
    each = 1 if command.labels_each is None else command.labels_each
    printed, applied, scrapped = (count or 0 for count in counts)
    return Labels(printed, applied, scrapped, each=each)


def _reconcile(
    session: Session, child: Lot, labels: Labels | None, command: RepackLot, now: datetime
) -> dict[str, Any]:
    """Labels as they were counted; what doesn't add up holds the new lot until somebody has looked for them."""
    if labels is None:
        return {}
    nothing = Decimal(0)
    packed = Packed(command.new_quantity, nothing, nothing, nothing, "", labels)
    if packed.difference:
        by = command.by.person_id
        holds.place(session, [child.id], reason=hold_reason(packed), cause=packaging.CAUSE, person_id=by, now=now)
    return {"labels": {**vars(labels), "difference": plain(packed.difference)}}


def _one_place(session: Session, parent: Lot, facts: rules.Lot, command: RepackLot) -> Pick:
    """Goods are packed at one place: the one that is named, or the one where most of them lie."""
    places = sorted(stock.places(session, parent.id), key=lambda one: (-one.quantity, one.location_id))
    where = command.location or (places[0].location if places else None)
    (pick,) = lot_rules.allocate(facts.facts, command.quantity, tuple(places), where)
    return pick


def _create(
    session: Session,
    parents: Sequence[Lot],
    facts: Sequence[rules.Lot],
    lot_no: str,
    quantity: Decimal,
    uom: str,
    pack_size: Decimal,
) -> Lot:
    """The new lot at its beginning.  What all parents share it has too: supplier, supplier's lot number."""
    first = parents[0]
    dates = rules.dates(facts)
    again = [printed(one.retest_on, one.retest_precision) for one in parents]
    retest = min((one for one in again if one is not None), key=lambda one: one.last, default=None)
    suppliers = {(one.supplier_id, one.supplier_lot_no) for one in parents}
    supplier_id, supplier_lot_no = suppliers.pop() if len(suppliers) == 1 else (None, None)
    row = Lot(
        lot_no=lot_no,
        item_id=first.item_id,
        kind=first.kind,
        status=LotStatus.RECEIVED if first.kind in BOUGHT else LotStatus.FINISHED,
        quantity=quantity,
        uom=uom,
        pack_size=pack_size,
        supplier_id=supplier_id,
        supplier_lot_no=supplier_lot_no,
        manufactured_on=dates.made_on.on if dates.made_on else None,
        made_precision=dates.made_on.precision if dates.made_on else "day",
        expires_on=dates.expires_on,
        expiry_precision=dates.expiry_precision,
        expiry_reason="; ".join(dict.fromkeys(one.expiry_reason for one in parents if one.expiry_reason)) or None,
        retest_on=retest.on if retest else None,
        retest_precision=retest.precision if retest else "day",
        extra=first.extra if len(parents) == 1 else {},
    )
    session.add(row)
    session.flush()
    return row


def _turn(
    session: Session,
    kind: str,
    parent: Lot,
    child: Lot,
    picks: tuple[Sequence[Pick], Sequence[Pick]],
    units: Collection[str],
) -> None:
    out, into = picks
    edge = GenealogyEdge(
        parent_lot_id=parent.id,
        child_lot_id=child.id,
        kind=kind,
        quantity=sum((pick.quantity for pick in out), Decimal(0)),
        uom=parent.uom,
        child_quantity=sum((pick.quantity for pick in into), Decimal(0)),
        child_uom=child.uom,
    )
    session.add(edge)
    session.flush()
    stock.turn(session, parent, child, edge.id, out, into)
    moves.move_serials(session, parent.id, child.id, units)


def _settle(session: Session, parents: Sequence[Lot], child: Lot, status: str, now: datetime) -> None:
    """Holds first: a child that is released because its parent is must not be free for an instant."""
    holds.inherit(session, [one.id for one in parents], child.id, now)
    if child.status != status:
        child.status = status
        session.add(child)
        session.flush()


def _tell(
    session: Session, parent: Lot, child: Lot, what: str, by: By, reason: str, more: dict[str, Any] | None = None
) -> None:
    """Both lots' timelines say what happened, and whoever follows the parent learns of it."""
    data = {"quantity": plain(child.quantity), "uom": child.uom, "reason": reason.strip(), **(more or {})}
    lots.note(session, parent.id, f"lot.{what}", by.person_id, {"into": child.lot_no, **data})
    lots.note(session, child.id, f"lot.{what}_from", by.person_id, {"from": parent.lot_no, **data})
    lots.publish(session, parent.id, f"lot.{what}", {"lot": parent.lot_no, "into": child.lot_no})


def used_up(session: Session, parent: Lot, by: By, now: datetime) -> None:
    """Say so when nothing of a lot is left."""
    if (
        lots.total(session, parent.id) == 0
        and facts.tell(session, parent, "lot.depleted", by, now, news=False, held=True).moved
    ):
        lots.publish(session, parent.id, "lot.depleted", {"lot": parent.lot_no})


def _receipt(
    session: Session, act: str, children: Sequence[Lot], by: By, now: datetime, data: dict[str, Any]
) -> Receipt:
    """The life of each new lot begins where its state says; a rejected one has none."""
    begun = [
        runs.begin(session, "batch-lifecycle", child, by, now)
        for child in children
        if child.status != LotStatus.REJECTED
    ]
    held = session.exec(select(col(Lot.lot_no)).where(col(Lot.id).in_(_held(session, children)))).all()
    views = tuple(runs.view(session, run, text=True) for run in begun)
    return Receipt(act=act, at=now, data=data | {"held": sorted(held)}, begun=views)


def _held(session: Session, children: Sequence[Lot]) -> list[int]:
    return sorted(holds.still_held(session, [one.id for one in children]))


ACTS = {"split_lot": split, "merge_lots": merge, "repack_lot": repack}
