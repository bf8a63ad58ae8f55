"""What was recorded as consumed is corrected: links, stock, holds and the lots' timelines in one act (REQUIREMENTS 21).

What was wrongly taken goes back to where it was taken from; what was really taken is taken, whatever state it was in.
Both are adjustments that name the operation, so that consumption stays what the links say (migrations/sql/corrections.sql).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.correction import rules
from models.correction import store as links
from models.correction.messages import CorrectLink, UsedLot
from models.genealogy.tables import GenealogyEdge
from models.hold.store import holds
from models.kernel.store.walls import BUSY
from models.kernel.time import moments
from models.lot.rules import lot as lot_rules
from models.lot.rules.held import Act
from models.lot.rules.lot import LotStatus, Pick
from models.lot.store import lots, open_holds
from models.lot.tables import Lot
from models.person.store import people
from models.process.fact import tell as facts
from models.process.messages.process import Receipt
from models.recall.store import joined as recall_joined
from models.release.store import deviations
from models.stock import rules as serial_rules
from models.stock.store import serials, stock
from models.stock.tables import StockMovement

IN_TURN = text("select pg_advisory_xact_lock(hashtext('lot.link.correct'))")
"""Corrections go one after the other: two at once, over lots that don't meet, could close a loop together."""
LAST_STATE = text("""
select a.before ->> 'status' from audit_event a
 where a.table_name = 'lot' and a.row_id = :lot and a.operation = 'update'
   and a.before ->> 'status' is distinct from a.after ->> 'status' order by a.id desc limit 1
""")


def correct(session: Session, command: CorrectLink, now: datetime) -> Receipt:
    """Record what was really used in place of one wrong link, or refuse and change nothing."""
    used = [rules.Used(one.lot_no, one.quantity) for one in command.lots]
    rules.check_lots(used, command.reason)
    session.connection().execute(IN_TURN)
    found = lots.get(session, command.lot_no)
    heirs = links.heirs(session, found.id)
    locked = lots.lock(session, {command.lot_no, command.wrong, *heirs, *(one.lot_no for one in used)})
    if links.heirs(session, found.id) != heirs:  # split since we looked: its parts would have to be locked as well
        raise BUSY()
    child, wrong = locked[command.lot_no], locked[command.wrong]
    open_holds.check_held(session, child, Act.CORRECT)
    link = _link(session, child, wrong, command)
    known = links.child(session, child)
    by = command.by.person_id
    rules.check_duty(known, link, by, people.roles(session, by))
    for lot_no, quantity in ((one.lot_no, one.quantity) for one in used):
        lots.check_whole(session, locked[lot_no], quantity)
    rules.check_change(link, wrong.lot_no, used)
    rules.check_loop(child.lot_no, used, links.below(session, child.id))
    edge = session.get_one(GenealogyEdge, link.id)
    # before the links say so: the database asks it of each of them
    recall_joined.made_of(session, [locked[one.lot_no].id for one in used], child, by, now)
    holds.follow(session, [locked[one.lot_no].id for one in used], [child.id], now)
    made = _relink(session, edge, command.lots, locked)
    if edge.operation_run_id is not None:
        _restock(session, edge, wrong, command.lots, locked)
    reopened = _reopen(session, wrong)
    held = _hold(session, [locked[one] for one in heirs], wrong, edge, command, locked, now)
    data = {
        "lot_no": child.lot_no,
        "wrong": wrong.lot_no,
        "quantity": rules.plain(edge.quantity),
        "uom": edge.uom,
        "seq": link.seq,
        "link": edge.id,
        "links": made,
        "lots": [
            {"lot_no": one.lot_no, "quantity": rules.plain(one.quantity), "uom": locked[one.lot_no].uom} for one in used
        ],
        "into": ", ".join(f"{one.lot_no} {rules.plain(one.quantity)} {locked[one.lot_no].uom}" for one in used),
        "reason": command.reason.strip(),
    }
    _tell(session, child, wrong, [locked[one.lot_no] for one in used], data, command)
    for one in used:
        _used_up(session, locked[one.lot_no], command, now)
    deviations.open_found(session, child, command.by, now)
    return Receipt(act="correct_link", at=now, data=data | {"held": held, "reopened": reopened})


def _link(session: Session, child: Lot, wrong: Lot, command: CorrectLink) -> rules.Link:
    """The link that is meant; who comes second reads who was faster."""
    all_ = links.between(session, child, wrong)
    found = rules.choose(child.lot_no, wrong.lot_no, all_, command.seq, command.link)
    if found is not None:
        return found
    fact = links.corrected_by(session, child.id, wrong.lot_no, command.link)
    at = moments.minute(fact.at, lots.site_zone(session)) if fact else "–"
    raise rules.CORRECTED(parent=wrong.lot_no, child=child.lot_no, who=(fact and fact.who) or "–", at=at)


def _relink(session: Session, edge: GenealogyEdge, used: Sequence[UsedLot], locked: Mapping[str, Lot]) -> list[int]:
    """The first new link takes the wrong one's place; the others stand beside it."""
    made = []
    for place, one in enumerate(used):
        lot = locked[one.lot_no]
        row = GenealogyEdge(
            parent_lot_id=lot.id,
            child_lot_id=edge.child_lot_id,
            kind=edge.kind,
            quantity=one.quantity,
            uom=lot.uom,
            operation_run_id=edge.operation_run_id,
            at=edge.at,
            supersedes_id=edge.id if place == 0 else None,
        )
        session.add(row)
        session.flush()
        made.append(row.id)
    return made


def _restock(
    session: Session, edge: GenealogyEdge, wrong: Lot, used: Sequence[UsedLot], locked: Mapping[str, Lot]
) -> None:
    """Back with what wasn't used, out with what was; of the same lot only the difference moves."""
    wanted = edge.quantity or Decimal(0)
    same = next((one for one in used if one.lot_no == wrong.lot_no and one.location is None), None)
    stays = min(wanted, same.quantity) if same else Decimal(0)
    taken = links.taken(session, edge.operation_run_id or 0, wrong.id)
    if any(one.serials for one in used):
        stays = Decimal(0)  # the numbers that were really used are taken anew
    for pick in rules.give_back(wanted - stays, taken):
        _adjust(session, edge, wrong, pick, back=True)
    if wanted > stays:
        serials.give_back(
            session, wrong, edge.operation_run_id or 0, wanted - stays, sum((one.quantity for one in taken), Decimal(0))
        )
    for one in used:
        lot = locked[one.lot_no]
        more = one.quantity - stays if one is same else one.quantity
        if more <= 0:
            continue
        serial_rules.check_leaving(serials.numbered(session, lot), more, one.serials)
        picks = lot_rules.allocate(lots.facts(session, lot), more, stock.places(session, lot.id), one.location)
        serials.leave(session, lot, [_adjust(session, edge, lot, pick, back=False) for pick in picks], one.serials)


def _adjust(session: Session, edge: GenealogyEdge, lot: Lot, pick: Pick, *, back: bool) -> StockMovement:
    """As of the time of the operation: the goods lay there, or were gone, since then."""
    made = StockMovement(
        lot_id=lot.id,
        kind="adjust",
        from_location_id=None if back else pick.location_id,
        to_location_id=pick.location_id if back else None,
        quantity=pick.quantity,
        at=edge.at,
        operation_run_id=edge.operation_run_id,
        reason="correction",
    )
    session.add(made)
    session.flush()
    return made


def _reopen(session: Session, lot: Lot) -> bool:
    """A lot that was closed because it seemed used up is released again with what of it is there after all."""
    if lot.status != LotStatus.CLOSED or lots.total(session, lot.id) == 0:
        return False
    if session.connection().execute(LAST_STATE, {"lot": lot.id}).scalar() != LotStatus.RELEASED:
        return False
    # not a way between states that people can go: the database takes it from here only (corrections.sql)
    lot.status = LotStatus.RELEASED
    session.add(lot)
    session.flush()
    return True


def _hold(
    session: Session,
    heirs: Sequence[Lot],
    wrong: Lot,
    edge: GenealogyEdge,
    command: CorrectLink,
    locked: Mapping[str, Lot],
    now: datetime,
) -> list[str]:
    """Whatever people rely on is held: the batch, and its goods under other numbers."""
    relied = [lot for lot in heirs if rules.must_hold(links.child(session, lot))]
    if relied:
        used = [(rules.Used(one.lot_no, one.quantity), locked[one.lot_no].uom) for one in command.lots]
        holds.place(
            session,
            [lot.id for lot in relied],
            reason=rules.hold_reason(wrong.lot_no, edge.quantity, edge.uom, used, command.reason),
            cause="correction",
            person_id=command.by.person_id,
            now=now,
        )
    return [lot.lot_no for lot in relied]


def _tell(
    session: Session, child: Lot, wrong: Lot, used: Sequence[Lot], data: dict[str, Any], command: CorrectLink
) -> None:
    """Each lot's timeline says what happened to it, and whoever follows one of them learns of it."""
    by = command.by.person_id
    lots.note(session, child.id, "lot.link_corrected", by, data)
    about = {"into": child.lot_no, "reason": data["reason"]}
    again = {one["lot_no"]: one for one in data["lots"]}
    if wrong.lot_no not in again:
        lots.note(session, wrong.id, "lot.not_consumed", by, about | {"quantity": data["quantity"], "uom": data["uom"]})
    for lot in used:
        amounts = {"quantity": again[lot.lot_no]["quantity"], "uom": lot.uom}
        lots.note(session, lot.id, "lot.consumed_corrected", by, about | amounts)
    for lot in {one.id: one for one in (child, wrong, *used)}.values():
        lots.publish(session, lot.id, "lot.link_corrected", {"lot": lot.lot_no, "of": child.lot_no})


def _used_up(session: Session, lot: Lot, command: CorrectLink, now: datetime) -> None:
    if (
        lots.total(session, lot.id) == 0
        and facts.tell(session, lot, "lot.depleted", command.by, now, news=False, held=True).moved
    ):
        lots.publish(session, lot.id, "lot.depleted", {"lot": lot.lot_no})


ACTS = {"correct_link": correct}
