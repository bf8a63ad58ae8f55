"""What a completed step does to a recall, in the same transaction (DESIGN 6; 21 CFR 7.40-7.59, 806).

Definitions are data, effects are code: a process owner can move a step, not change what "held" or "notified" means.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from models.calendar.rules.deadline import Start
from models.hold import rules as hold_rules
from models.hold.store import holds
from models.lot.store import lots
from models.notice.store import receiver_lists as recall_namings
from models.notice.tables.notices import RecallNotice
from models.process.context import Ctx
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import signing
from models.process.tables.process import HumanTask, ProcessRun
from models.process.tables.signature import Signature
from models.pull import rules as pulling
from models.pull import store as pulls
from models.recall.rules import checks
from models.recall.rules import depth as recall_depth
from models.recall.rules import markets as recall_market
from models.recall.rules import recall as rules
from models.recall.store import checks as recall_checks
from models.recall.store import clocks as recall_clocks
from models.recall.store import duties as recall_duties
from models.recall.store import funnel as recall_funnel
from models.recall.store import hold_and_notify as outward
from models.recall.store import markets as recall_markets
from models.recall.store import preview as recall_preview
from models.recall.store import recalls, sending
from models.recall.tables.recall import Recall, RecallScope

REMIND = text("""
update recall_notice n set reminders = reminders + 1, reminded_at = :now
 where recall_id = :recall and (acknowledged_at is null or passed_on > (
         select coalesce(sum(b.shipped), 0) from recall_notice b where b.parent_id = n.id) + (
         select coalesce(sum(g.quantity), 0) from recall_naming g where g.notice_id = n.id and g.outcome is null)) returning id
""")


def closing_record(session: Session, recall: Recall) -> str:
    """The canonical record that closing is signed over."""
    return signing.canonical(recalls.closing_record(session, recall))


def scope_record(session: Session, recall: Recall) -> str:
    """The canonical record of the newest scope."""
    return recalls.text_of(session, recalls.newest_scope(session, recall.id))


def check_withdrawal(ctx: Ctx) -> None:
    """Who withdraws now is one more behind the scope than have signed yet; nobody was told yet."""
    session, recall = ctx.session, ctx.subject
    signers = _behind(session, recalls.newest_scope(session, recall.id).digest, recall.id) + 1
    hold_rules.check_withdrawal(recall.recall_no, signers, holding=holds.holding(session, recall.id))
    rules.check_untold(recall.recall_no, outward.told(session, recall))


def check_approval(ctx: Ctx) -> None:
    """The class by market, hazard and handling are said; those told already are not told otherwise."""
    session, recall, form = ctx.session, ctx.subject, ctx.form
    if not str(form.get("hazard") or "").strip():
        raise rules.NO_CLASS()
    decided = recall_market.decide(recall_clocks.markets(session, recall), form)
    handling = recall_market.handling(form)
    recall_depth.check_class([one.level for one in decided], handling.depth)
    if session.exec(select(RecallNotice.id).where(RecallNotice.recall_id == recall.id).limit(1)).first():
        recall_market.check_told(recall.recall_no, recall_markets.handling(recall), handling)
    _strategy(form)


def check_signed(ctx: Ctx) -> None:
    """Nobody is told of a scope that two people have not signed."""
    scope = recalls.newest_scope(ctx.session, ctx.subject.id)
    if scope.signed_at is None:
        raise rules.NOT_SIGNED(version=scope.version)


def check_wider(ctx: Ctx) -> None:
    """More identifiers are named, and each is known."""
    if not _names(ctx.form):
        raise rules.NOTHING_MORE()
    recalls.named(ctx.session, _names(ctx.form), recalls.known(ctx.session, ctx.subject))


def check_followed(ctx: Ctx) -> None:
    """Everybody whom the depth names was told, of all that belongs to the scope by now."""
    session, recall = ctx.session, ctx.subject
    scope = recalls.newest_scope(session, recall.id)
    rules.check_grown(recalls.outgrown(session, recall, scope))
    levels = [one.level for one in recall_markets.of(session, recall)]
    recall_depth.check_told(levels, recall.depth, recall_preview.waiting(session, recall, scope))
    _strategy(ctx.form)


def check_closing(ctx: Ctx) -> None:
    """Every unit is accounted for, or the reason says why the recall is closed all the same."""
    session, recall, reason = ctx.session, ctx.subject, ctx.form.get("reason")
    scope = recalls.newest_scope(session, recall.id)
    rules.check_grown(recalls.outgrown(session, recall, scope))
    where = recalls.standing(session, recall, scope)
    rules.check_close(where.out, where.silent, reason, where.unchecked, where.undecided, where.returned)
    pulling.check_close(pulls.still_out(session, recall.id), reason)


def compute_scope(ctx: Ctx) -> dict[str, Any]:
    """The scope is computed again, as a version of its own."""
    session, recall = ctx.session, ctx.subject
    known = recalls.newest_scope(session, recall.id)
    scope = outward.scoped(session, recall, known.identifiers, ctx.by.person_id, ctx.now)
    return {"recall_no": recall.recall_no, "version": scope.version, "lots": scope.lots}


def widen_scope(ctx: Ctx) -> dict[str, Any]:
    """A wider scope, with the difference.

    Named again, the same scope is approved again: with another class or depth, for whom the notices left out.
    """
    session, recall = ctx.session, ctx.subject
    scope = recalls.newest_scope(session, recall.id)
    wanted = list(dict.fromkeys([*scope.identifiers, *_names(ctx.form)]))
    wider = outward.scoped(session, recall, wanted, ctx.by.person_id, ctx.now)
    before, after = recalls.record_of(session, scope), recalls.record_of(session, wider)
    difference = rules.difference(before, after).as_dict()
    return {"recall_no": recall.recall_no, "version": wider.version, "difference": difference}


def approve_scope(ctx: Ctx) -> dict[str, Any]:
    """The newest scope is signed by two: held for good, classified, its clocks started."""
    scope = recalls.newest_scope(ctx.session, ctx.subject.id)
    decided = _decide(ctx.session, ctx.subject, scope, ctx.form, ctx.by, ctx.now)
    return {"recall_no": ctx.subject.recall_no, **decided}


def hold_scope(ctx: Ctx) -> dict[str, Any]:
    """Everything of the scope that is in house is held."""
    scope = recalls.newest_scope(ctx.session, ctx.subject.id)
    recall_preview.check(ctx.session, ctx.subject, scope, recall_preview.HOLD, ctx.seen)
    return {"recall_no": ctx.subject.recall_no, **_hold(ctx.session, ctx.subject, scope, ctx.by, ctx.now)}


def notify(ctx: Ctx) -> dict[str, Any]:
    """Every customer of the scope is told, and those to be asked whether it worked are drawn."""
    session, recall = ctx.session, ctx.subject
    scope = recalls.newest_scope(session, recall.id)
    recall_preview.check(session, recall, scope, recall_preview.NOTIFY, ctx.seen)
    told = _notify(session, recall, scope, ctx.now)
    drawn = recall_checks.draw(session, recall, ctx.by.person_id, ctx.now)
    return {"recall_no": recall.recall_no, **told, "checks": drawn}


def end_follow_up(ctx: Ctx) -> dict[str, Any]:
    """The follow-up is done; the form of a recall that began when the level was asked here still chooses it."""
    session, recall = ctx.session, ctx.subject
    if recall.check_level is not None:
        return {"recall_no": recall.recall_no}
    _choose(session, recall, ctx.form)
    return {
        "recall_no": recall.recall_no,
        "checks": recall_checks.draw(session, recall, ctx.by.person_id, ctx.now),
    }


def remind(ctx: Ctx) -> dict[str, Any]:
    """Who has not answered, or named all receivers, is reminded."""
    session, recall = ctx.session, ctx.subject
    ids = list(session.connection().execute(REMIND, {"recall": recall.id, "now": ctx.now}).scalars())
    outward.tell(session, recall, ids, ctx.now, kind="reminder")
    return {"reminded": len(ids)}


def ended(session: Session, recall: Recall, result: str, by: By, now: datetime) -> None:
    """The process ended: the recall is closed, or withdrawn and what it held is let go."""
    recall.status, recall.closed_at = result, now
    pulls.cancel(session, recall, result, now)
    recall_namings.cancel(session, recall, result, now)
    if result == "withdrawn":
        recall_duties.cancel(session, recall, result, now)
        signers = _behind(session, recalls.newest_scope(session, recall.id).digest, recall.id)
        hold_rules.check_withdrawal(recall.recall_no, signers, holding=holds.holding(session, recall.id))
        # the wall asks whether the recall is withdrawn
        session.add(recall)
        session.flush()
        _go_on(session, outward.let_go(session, recall, "withdrawn", by.person_id, now), by, now)
    else:
        recall_clocks.meet(session, recall, (Start.RECALL_COMPLETED,), now)
        recall_clocks.start(session, recall, Start.RECALL_COMPLETED, now, recall_clocks.markets(session, recall))
    recall.score = rules.score(_facts(session, recall, now))
    session.add(recall)
    session.flush()
    outward.publish(session, recall, f"recall.{result}")
    facts.tell(session, recall, f"recall.{result}", by, now, {"mode": recall.mode})


def _go_on(session: Session, lot_ids: Collection[int], by: By, now: datetime) -> None:
    """Whatever waited for these lots to be free goes on."""
    for lot in holds.with_runs(session, lot_ids):
        if facts.tell(session, lot, "lot.hold_lifted", by, now, news=False).moved:
            lots.publish(session, lot.id, "lot.hold_lifted", {"lot": lot.lot_no})


def _names(form: Mapping[str, Any]) -> list[str]:
    return [part.strip() for part in str(form.get("identifiers") or "").replace("；", ";").split(";") if part.strip()]


def _decide(
    session: Session, recall: Recall, scope: RecallScope, form: Mapping[str, Any], by: By, now: datetime
) -> dict[str, Any]:
    outward.contain(session, recall, scope, by.person_id, now)
    scope.signed_at = now
    session.add(scope)
    # the wall asks whether the scope is signed before it lets go of what the scope leaves out
    session.flush()
    released, free = outward.approve(session, recall, scope, by.person_id, now)
    _go_on(session, free, by, now)
    reached, handling = recall_clocks.markets(session, recall), recall_market.handling(form)
    recall.recall_class, recall.hazard = recall_market.level_of(reached, form), str(form["hazard"]).strip()
    recall.action, recall.measure, recall.depth = handling.action, handling.measure, handling.depth
    recall.decided_at = recall.decided_at or now
    recall_markets.keep(session, recall, recall_market.decide(reached, form), by.person_id, now)
    _choose(session, recall, form)
    recall_clocks.reach(session, recall, now)
    said = {"mode": recall.mode, "class": recall.recall_class or "", "version": scope.version}
    facts.tell(session, recall, "recall.approved", by, now, said)
    return {"class": recall.recall_class, "version": scope.version, "digest": scope.digest, "released": released}


def _strategy(form: Mapping[str, Any]) -> checks.Strategy | None:
    """How many customers are to be asked, as a form says it; None where it doesn't."""
    level, share = form.get("effectiveness"), form.get("effectiveness_share")
    if not level:
        return None
    return checks.strategy(str(level), Decimal(str(share)) if share not in {None, ""} else None)


def _choose(session: Session, recall: Recall, form: Mapping[str, Any]) -> None:
    chosen = _strategy(form)
    if chosen is not None:
        recall.check_level, recall.check_share = chosen.level, chosen.share
    session.add(recall)
    session.flush()


def _hold(session: Session, recall: Recall, scope: RecallScope, by: By, now: datetime) -> dict[str, Any]:
    held = outward.hold(session, recall, scope, by.person_id, now)
    elsewhere, grown = recalls.gone(session, scope), recalls.grown(session, scope, now)
    report = {
        "version": scope.version,
        "lots": scope.lots,
        "newly_held": len(held),
        "gone": len(elsewhere),
        "gone_since_scope": recalls.shipped_since(session, scope),
        "grown": len(grown),
        "grown_lots": grown,
        "in_transit": sum(bool(row["in_transit"]) for row in elsewhere),
        "to_pull": pulls.begin(session, recall, scope, by, now),
    }
    recall.held_at = recall.held_at or now
    recall.hold_report = report | {"at": now.isoformat()}
    session.add(recall)
    session.flush()
    return report


def _notify(session: Session, recall: Recall, scope: RecallScope, now: datetime) -> dict[str, Any]:
    """One notice per customer and version of the scope; who has been told of the same lots is not told again."""
    fresh = [
        RecallNotice(
            recall_id=recall.id,
            customer_id=one.key,
            scope_version=scope.version,
            link_expires_at=now + rules.LINK,
            lines=one.as_lines(),
            shipped=sum((quantity for _, quantity, _ in one.lines), Decimal(0)),
            status="open",
        )
        for one in recall_preview.recipients(session, recall, scope, lock=True)
    ]
    session.add_all(fresh)
    session.flush()
    recall_clocks.reach(session, recall, now, decided=False)
    outward.tell(session, recall, [one.id for one in fresh], now, kind="first")
    sending.meet(session, recall, now)
    return {"notices": len(fresh)}


def _facts(session: Session, recall: Recall, now: datetime) -> rules.DrillFacts:
    scopes = recalls.scopes(session, recall.id)
    people = recall_funnel.of(session, recall, scopes[-1]).customers
    first = next((one.signed_at for one in scopes if one.signed_at), None)
    tasks = session.exec(
        select(HumanTask.due_at, HumanTask.done_at).where(
            HumanTask.recall_id == recall.id, HumanTask.process == "recall"
        )
    ).all()
    return rules.DrillFacts(
        scope=(first - recall.opened_at).total_seconds() if first else None,
        hold=(recall.held_at - recall.opened_at).total_seconds() if recall.held_at else None,
        complete=scopes[-1].complete,
        balanced=scopes[-1].balanced,
        customers=people.total - people.left_out,
        answered=people.answered,
        overdue=rules.overdue(tasks, now),
    )


def _behind(session: Session, digest: str, recall_id: int) -> int:
    """How many people have signed on this scope of a recall, whatever they said of it."""
    query = (
        select(func.count(func.distinct(Signature.person_id)))
        .join(ProcessRun, col(ProcessRun.id) == col(Signature.run_id))
        .where(ProcessRun.recall_id == recall_id, Signature.digest == digest, Signature.subject == "recall")
    )
    return session.exec(query).one()
