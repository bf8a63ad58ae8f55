"""A change that couldn't wait: recorded after it was done, with what ran so locked until it is approved or decided on (ISO 13485 7.3.9; REQ 45, 46)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import Row, text

from models.change import rules
from models.change.messages import DoneAlready
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from runtime.postgres import SUPERUSER
from tests.change.asking import asking, carried_out, cut, decide, item, locks, opened
from tests.support.fixtures.walls import Psql, refusal
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import merging, new, reshape, splitting
from tests.support.processes.matter import complete, open_task, stages

ASSESSED = {"risk": "medium", "risk_reason": "清洁度复测合格", "justified": "在制品不能停留"}
TASK = {"title": "补写 SOP-17", "changes": "SOP-17", "owner": "zhao.liu", "due": "2099-12-31"}
KEPT = text("select happened_at, opened_at, decide_by, status, effective_at from change where change_no = :n")


def done(ago: timedelta = timedelta(hours=2), by: str = "wang.cao", **more: Any) -> DoneAlready:
    given = {"what": "改用备用清洗剂", "why": "旧清洗剂泄漏", **more}
    return DoneAlready(happened_at=datetime.now(UTC) - ago, done_by=by, **given)


def row(shop: Plant, number: str) -> Row[Any]:
    with reading(shop.engine) as session:
        return session.connection().execute(KEPT, {"n": number}).one()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    await desk.material("M-CHE", 1000)
    return desk


def test_it_is_decided_on_within_days_of_when_it_was_done_however_late_it_is_recorded() -> None:
    for back in (0, 1, 400):
        at = date(2026, 12, 1) - timedelta(days=back)
        assert rules.decide_by(at) - at == rules.WITHIN


async def test_what_ran_so_is_locked_until_somebody_else_approves_it(shop: Plant) -> None:
    goods = item(shop, "CHE-1")
    await shop.receive("U-0", item_no=goods)  # before it was done, and nothing has happened to it since
    since = shop.scalar("select now()")
    await shop.order("U-1", 10)
    await cut(shop, "U-1", "M-CHE")
    await shop.receive("U-2", item_no=goods)
    already = done(by="wu.jingli").model_copy(update={"happened_at": since})
    number = await opened(shop, kind="item", target=goods, lot_nos=("U-1",), already=already)
    assert number.startswith("CHE-")
    assert locks(shop, number) == {"U-1": "operation 20", "U-2": "incoming"}
    kept = row(shop, number)
    assert kept.happened_at == since < kept.opened_at
    await shop.receive("U-3", item_no=goods)  # it goes on while it isn't decided
    assert locks(shop, number)["U-3"] == "incoming"
    await shop.measure("U-2")
    with pytest.raises(Refusal, match="CHG-001") as refused:
        await shop.complete("U-2", "inspect", "lin.jian", "accepted")
    assert number in refused.value.zh
    assert stages(shop, number) == ["assess_done"]
    await complete(shop, number, "assess_done", "zhou.shen", form={**ASSESSED, "tasks": [TASK]})
    with pytest.raises(Refusal, match="CHG-027"):
        await complete(shop, number, "approve_done", "wu.jingli", "approve")


async def test_approved_it_is_in_effect_from_then_on_and_its_batches_go_on(shop: Plant) -> None:
    goods = item(shop, "CHE-2")
    for lot in ("V-1", "V-2"):
        await shop.receive(lot, item_no=goods)
    number = await opened(shop, kind="item", target=goods, already=done())
    await complete(shop, number, "assess_done", "zhou.shen", form={**ASSESSED, "tasks": [TASK]})
    await complete(shop, number, "approve_done", "wu.jingli", "first", reason="V-1 先返工")
    await decide(shop, number, "batches_before", V_1="rework")
    done_ = await complete(shop, number, "approve_done", "wu.jingli", "approve")
    assert (done_.data["freed"], done_.data["tasks"]) == (1, 1)
    assert locks(shop, number) == {"V-1": "incoming rework", "V-2": "incoming freed"}
    kept = row(shop, number)
    assert kept.status == "approved"
    assert kept.happened_at < kept.opened_at < kept.effective_at  # nothing of it is back-dated
    await shop.receive("V-3", item_no=goods)
    assert "V-3" not in locks(shop, number)
    await shop.measure("V-2")
    await shop.complete("V-2", "inspect", "lin.jian", "accepted")
    with pytest.raises(Refusal, match="CHG-017"):
        await complete(shop, number, "verify", "chen.pi", "verified", form={"evidence": "复测"})
    await carried_out(shop, number)
    await complete(shop, number, "verify", "chen.pi", "verified", form={"evidence": "复测"})
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "改为常规"})
    assert row(shop, number).status == "closed"


async def test_refused_each_batch_is_decided_on_and_its_parts_and_merged_lots_stay_locked(shop: Plant) -> None:
    for lot in ("W-1", "W-2", "W-9"):
        await shop.material(lot, 100)
    number = await opened(shop, lot_nos=("W-1", "W-2"), already=done())
    await complete(shop, number, "assess_done", "zhou.shen", form=ASSESSED)
    await complete(shop, number, "approve_done", "wu.jingli", "turn_down", reason="未验证")
    assert row(shop, number).status == "refused"
    await reshape(shop, splitting(shop, "W-1", new("W-1A", 30)))
    with pytest.raises(Refusal, match="CHG-001"):
        await reshape(shop, merging(shop, "W-ALL", "W-1A", "W-9"))
    assert locks(shop, number) == {"W-1": "leave", "W-1A": "leave", "W-2": "leave"}
    await decide(shop, number, "batches_refused", W_1="scrap")
    assert stages(shop, number) == ["batches_refused"]
    await decide(shop, number, "batches_refused", rest="new_way")
    assert stages(shop, number) == []
    await reshape(shop, merging(shop, "W-ALL", "W-1A", "W-9"))


async def test_it_says_what_was_done_by_somebody_known_before_now(shop: Plant) -> None:
    wrong = {
        "CHG-028": done(timedelta(hours=-1)),
        "CHG-029": done(why=" "),
        "AUTH-016": done(by="nobody.here"),
    }
    for code, already in wrong.items():
        with pytest.raises(Refusal) as refused:
            do(shop.engine, "open_change", asking(shop, already=already))
        assert refused.value.code.startswith(code), refused.value.code
    own = await opened(shop, "wu.jingli", already=done())
    await complete(shop, own, "assess_done", "zhou.shen", form=ASSESSED)
    for outcome in ("approve", "turn_down"):
        with pytest.raises(Refusal, match="CHG-006"):
            await complete(shop, own, "approve_done", "wu.jingli", outcome, reason="x")


CASE: LiteralString = (
    "insert into change (change_no, title, reason, kind, target, opened_by_id, opened_at, happened_at, happened_by_id, happened, urgent, decide_by)"
    " select 'CHE-X', 'x', 'x', 'item', 'X', min(id), now(), now() - interval '1 hour', max(id), 'x', 'x', current_date from person"
)
ITS_RUN: LiteralString = (
    "update process_run set subject_id = (select subject_id from change where change_no = 'CHE-X')"
    " where id = (select run_id from signature where run_id is not null order by id limit 1)"
)
SIGNED: LiteralString = "update signature set signed_at = now(), person_id = {} where id = (select min(id) from signature where run_id is not null)"
APPROVED: LiteralString = (
    "update change set status = 'approved', approved_at = now(), approved_by_id = {who}, effective_at = now(), effective_by_id = {who}"
    " where change_no = 'CHE-X'"
)
LOCK: LiteralString = "insert into change_lock (change_id, lot_id, step) select c.id, (select min(id) from lot), 'incoming' from change c where change_no = 'CHE-X'"


def case(connection: psycopg.Connection[Any], *past: LiteralString) -> None:
    """An emergency change as far as these statements bring it, past the walls."""
    connection.execute("set local session_replication_role = replica")
    for one in (CASE, *past):
        connection.execute(one)
    connection.execute("set local session_replication_role = origin")


def test_the_database_takes_none_that_is_back_dated_or_approved_by_who_did_it(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection, refusal("BW450"):
        connection.execute(CASE.replace("min(id), now(), now()", "min(id), now() - interval '10 minutes', now()"))
    for change in ("happened_at = now() - interval '1 day'", "urgent = 'y'", "decide_by = decide_by + 1"):
        with psql.transaction(SUPERUSER) as connection, refusal("BW380"):
            case(connection)
            connection.execute(f"update change set {change} where change_no = 'CHE-X'")  # noqa: S608 - our own words
    did: LiteralString = "(select max(id) from person)"
    other: LiteralString = "(select max(id) - 1 from person)"
    with psql.transaction(SUPERUSER) as connection, refusal("BW451"):
        case(connection, ITS_RUN, SIGNED.format(did))
        connection.execute(APPROVED.format(who=did))
    with psql.transaction(SUPERUSER) as connection:
        case(connection, ITS_RUN, SIGNED.format(other), LOCK)
        connection.execute(APPROVED.format(who=other))
        connection.execute(
            "update change_lock set freed_at = now() where change_id = (select id from change where change_no = 'CHE-X')"
        )
    with psql.transaction(SUPERUSER) as connection, refusal("BW384"):  # not before it is approved
        case(connection, LOCK)
        connection.execute(
            "update change_lock set freed_at = now() where change_id = (select id from change where change_no = 'CHE-X')"
        )


async def test_its_limit_counts_from_when_it_was_done(shop: Plant) -> None:
    number = await opened(shop, already=done(timedelta(days=20)))
    await complete(shop, number, "assess_done", "zhou.shen", form=ASSESSED)
    task = open_task(shop, number, "approve_done")
    with reading(shop.engine) as session:
        now = session.connection().exec_driver_sql("select now()").scalar_one()
    assert task.due_at is not None
    assert now - timedelta(days=18) < task.due_at < now - timedelta(days=15)
