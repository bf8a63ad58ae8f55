"""Part of a lot is rejected (REQUIREMENTS 6; ISO 13485 8.3.2): proposed by one, decided and signed by a QA approver.

What is rejected becomes a rejected lot of its own, because it must be set apart and labelled.  What is kept stays in the
lot: its number, labels, evidence and customers' papers stay true, and no signature here accepts anything: the inspection
and the release that the lot still has before it, or has behind it, do.  Both have the evidence: the rejected lot through
its link (`models.genealogy.store.earlier_numbers`), the lot itself because it is the same.
"""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.definition.tables import DefinitionVersion
from models.kernel.units.quantity import plain
from models.lot.rules import lot as lot_rules
from models.lot.rules.lot import LotStatus
from models.lot.store import lots
from models.lot.tables import Lot
from models.process.fact import tell as facts
from models.process.messages.process import By, Receipt
from models.process.run import Run
from models.process.store import runs, signing
from models.process.tables.process import HumanTask, ProcessRun
from models.reshape import rules
from models.reshape.acts import reshape as reshaping
from models.reshape.messages import NewLot, ProposeDisposition
from models.stock.store import stock

KEY = "disposition"
REJECT = "reject_part"


def propose(session: Session, command: ProposeDisposition, now: datetime) -> Receipt:
    """Write the proposal down and ask for the decision; until then that much stays in the batch (`models.stock.store.proposed`)."""
    lot = lots.lock(session, [command.lot_no])[command.lot_no]
    part = command.rejected
    _check(session, lot, part, command.reason)
    waiting = session.exec(
        select(ProcessRun.id)
        .join(DefinitionVersion, col(DefinitionVersion.id) == col(ProcessRun.definition_id))
        .where(ProcessRun.lot_id == lot.id, ProcessRun.status == "running", DefinitionVersion.key == KEY)
    ).first()
    if waiting is not None:
        raise rules.WAITING(lot=lot.lot_no)
    proposal = {
        "rejected": plain(part.quantity),
        "rejected_lot_no": part.lot_no,
        "location": part.location or "",
        "serials": json.dumps(part.serials, ensure_ascii=False),
        "reason": command.reason.strip(),
        "proposed_by": command.by.name,
    }
    facts = {f"{KEY}.{key}": value for key, value in proposal.items()}
    run = runs.begin(session, KEY, lot, command.by, now, facts=facts)
    told = {"quantity": proposal["rejected"], "uom": lot.uom, "reason": proposal["reason"]}
    lots.note(session, lot.id, "lot.disposition_proposed", command.by.person_id, {"into": part.lot_no, **told})
    task = session.exec(select(HumanTask.public_id).where(HumanTask.run_id == run.row.id)).first()
    data = {"lot_no": lot.lot_no, **proposal, "serials": list(part.serials), "task": str(task) if task else None}
    return Receipt(act="propose_disposition", at=now, data=data, begun=(runs.view(session, run, text=True),))


def record(session: Session, run: Run) -> str:
    """What the decision is over: how much there is, how much of it is rejected, under which number, and why."""
    lot, part = run.subject, proposed(run)
    there = lots.total(session, lot.id)
    return signing.canonical(
        {
            "record": KEY,
            "run": run.row.workflow_id,
            "lot_no": lot.lot_no,
            "status": lot.status,
            "there": plain(there),
            "kept": plain(there - part.quantity),
            "rejected": plain(part.quantity),
            "uom": lot.uom,
            "rejected_lot_no": part.lot_no,
            "location": part.location or "",
            "serials": list(part.serials),
            "reason": str(run.state.facts.get(f"{KEY}.reason", "")),
            "proposed_by": str(run.state.facts.get(f"{KEY}.proposed_by", "")),
        }
    )


def proposed(run: Run) -> NewLot:
    """The part that the run is about."""
    facts = {key.removeprefix(f"{KEY}."): str(value) for key, value in run.state.facts.items()}
    return NewLot.model_validate(
        {
            "lot_no": facts["rejected_lot_no"],
            "quantity": facts["rejected"],
            "location": facts["location"] or None,
            "serials": json.loads(facts["serials"]),
        }
    )


def check(session: Session, run: Run) -> None:
    """Refuse to reject what can't be any more: goods are held or scrapped since, or the number is taken."""
    _check(session, run.subject, proposed(run), str(run.state.facts.get(f"{KEY}.reason", "")), decided=True)


def split_off(session: Session, run: Run, reason: str | None, by: By, now: datetime) -> dict[str, Any]:
    """The decision is signed: set the rejected part apart, in the same transaction."""
    lot, part = run.subject, proposed(run)
    why = reason or str(run.state.facts.get(f"{KEY}.reason", ""))
    child = reshaping.split_off(session, lot, part, LotStatus.REJECTED, by, now, reason=why)
    lots.note(session, child.id, "lot.rejected", by.person_id, {"run": run.row.workflow_id})
    facts.tell(session, child, "lot.rejected", by, now, run=run.row.id)
    reshaping.used_up(session, lot, by, now)
    return {"rejected_lot_no": child.lot_no, "rejected": plain(child.quantity)}


def _check(session: Session, lot: Lot, part: NewLot, reason: str, *, decided: bool = False) -> None:
    lots.check_whole(session, lot, part.quantity)
    facts = reshaping.facts_of(session, lot)
    rules.check_disposition(facts, reshaping.part_of(part), reason, decided=decided)
    lot_rules.allocate(facts.facts, part.quantity, stock.places(session, lot.id), part.location)
    reshaping.check_new(session, part.lot_no)


ACTS = {"propose_disposition": propose}
