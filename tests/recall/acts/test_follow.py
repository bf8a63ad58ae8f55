"""Checks, returns and filed reports as transactions: what is kept, what is refused, what a drill leaves alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from models.definition import store as definitions
from models.kernel.store.act import act, reading
from models.plant.store.plant import DEFINITIONS
from models.recall.queries import follow_up as queries_recall_follow
from models.recall.rules import checks as rules
from models.recall.store import recalls
from tests.support import stock
from tests.support.house.proves import proves
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import APPROVAL, Recalling, add_customers, move, ship_to_everybody
from tests.support.record import refused, unchanged

numbers = count(1)


@dataclass
class Case:
    """A batch of 50 of which the hospital got 30, in two shipments; its recall."""

    plant: Plant
    lot: str
    recall: Recalling

    def stock(self, location: str = "RCV-01") -> Decimal:
        found = self.plant.scalar(
            "select k.quantity from stock k join lot l on l.id = k.lot_id join location p on p.id = k.location_id"
            " where l.lot_no = :lot and p.code = :code",
            lot=self.lot,
            code=location,
        )
        return Decimal(found or 0)

    def returned(self) -> Decimal:
        return Decimal(
            self.plant.scalar(
                "select sum(n.returned) from shipment_line n join lot l on l.id = n.lot_id where l.lot_no = :lot",
                lot=self.lot,
            )
        )

    async def to_customers(self, level: str | None = None) -> None:
        await self.recall.open(self.lot)
        await self.recall.do("review_scope", "sun.zhao", "freeze", signed=True)
        form = APPROVAL | ({"effectiveness": level} if level else {})
        await self.recall.do("approve_scope", "wu.jingli", "approve", signed=True, form=form)
        await self.recall.do("hold_all", "sun.zhao")
        await self.recall.do("notify", "sun.zhao")


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant where batches stand ready."""
    return stocked_desk


@pytest.fixture(params=["recall"])
async def case(request: pytest.FixtureRequest, desk: Plant) -> Case:
    n = next(numbers)
    lot = await stock.shipped(desk, 20, 10)
    prefix = "RD" if request.param == "drill" else "RC"
    return Case(desk, lot, Recalling(desk, f"{prefix}-2026-{n:03d}", request.param))


async def test_the_level_of_the_approval_draws_when_customers_are_told(case: Case) -> None:
    await case.to_customers("a")
    (sample,) = case.recall.checks().samples
    digest = case.plant.scalar(
        "select s.digest from recall_scope s join recall r on r.id = s.recall_id where r.recall_no = :no",
        no=case.recall.number,
    )
    assert (sample.level, int(sample.share), sample.population, sample.size) == ("A", 100, 1, 1)
    assert sample.seed == rules.seed(case.recall.number, digest)
    with refused(case.plant.engine, "RCK-005"):
        await case.recall.draw("c")


async def test_where_nobody_chose_the_cockpit_asks_again(case: Case) -> None:
    with refused(case.plant.engine, "RCL-001"):
        await case.recall.draw("c")
    await case.recall.open(case.lot)
    with refused(case.plant.engine, "RCK-004"):
        await case.recall.draw("c")
    await case.recall.to_customers()
    assert case.recall.checks().samples == ()
    for code, given in (("RCK-001", ("f",)), ("RCK-002", ("b",)), ("RCK-003", ("c", "50"))):
        with refused(case.plant.engine, code):
            await case.recall.draw(*given)
    done = await case.recall.draw("b", "12.5")
    assert done.data["drawn"] == 1
    with refused(case.plant.engine, "RCK-005"):
        await case.recall.draw("a")


async def test_the_approval_refuses_level_b_without_its_share(case: Case) -> None:
    await case.recall.open(case.lot)
    await case.recall.do("review_scope", "sun.zhao", "freeze", signed=True)
    form = APPROVAL | {"effectiveness": "b"}
    await case.recall.refuse("RCK-002", "approve_scope", "wu.jingli", "approve", signed=True, form=form)


async def test_sixty_customers_of_level_c_are_six_and_anybody_finds_the_same(case: Case) -> None:
    ship_to_everybody(case.plant, case.lot, 20, 1)
    await case.to_customers("c")
    found = case.recall.checks()
    told = sorted(
        case.plant.scalar(
            "select array_agg(c.customer_no) from recall_notice n join recall r on r.id = n.recall_id"
            " join customer c on c.id = n.customer_id where r.recall_no = :no",
            no=case.recall.number,
        )
    )
    (sample,) = found.samples
    assert (sample.population, sample.size) == (21, 3)
    assert sorted(row.customer_no for row in found.rows) == sorted(rules.draw(sample.seed, told, sample.share))


async def test_calls_are_kept_and_the_last_answer_counts(case: Case) -> None:
    await case.to_customers("a")
    (row,) = case.recall.checks().rows
    await case.recall.check(row, reached=False)
    assert case.recall.checks().progress.as_dict() == {
        "drawn": 1,
        "done": 0,
        "open": 1,
        "effective": 0,
        "effective_percent": None,
    }
    await case.recall.check(row, acted=False)
    await case.recall.check(row)
    found = case.recall.checks()
    assert (found.progress.done, found.progress.effective, len(found.rows[0].attempts)) == (1, 1, 3)
    for code, wrong in (
        ("RCK-007", {"acted": None}),
        ("RCK-007", {"notice_received": False}),
        ("RCK-008", {"contacted_at": datetime.now(UTC) + timedelta(hours=1)}),
        ("RCK-008", {"contacted_at": datetime(2020, 1, 1, tzinfo=UTC)}),
    ):
        with refused(case.plant.engine, code):
            await case.recall.check(row, **wrong)
    audited = case.plant.scalar(
        "select count(*) from audit_event where table_name = 'recall_check_attempt' and actor_name = '孙召'"
    )
    assert audited >= 3


async def test_closing_with_an_open_check_needs_a_reason(case: Case) -> None:
    await case.to_customers("a")
    (notice,) = case.recall.notices()
    await case.recall.acknowledge(notice, 30)
    await case.recall.book(case.lot, "30")
    await case.recall.do("follow_up", "sun.zhao", "done")
    await case.recall.refuse("RCL-007", "close", "wu.jingli", "close", signed=True)
    (row,) = case.recall.checks().rows
    await case.recall.check(row)
    await case.recall.decide()
    await case.recall.refuse("RCL-026", "close", "wu.jingli", "close", signed=True)
    for back in case.recall.returns():
        await case.recall.dispose(back, "rework", str(back.left), "返工")
    await case.recall.do("close", "wu.jingli", "close", signed=True)
    with refused(case.plant.engine, "RCL-013"):
        await case.recall.check(row)


@proves("R75")
async def test_goods_come_back_line_by_line_and_are_disposed_of(case: Case) -> None:
    await case.to_customers()
    done = await case.recall.book(case.lot, "25", reference="RMA-7", remark="原包装")
    assert (done.data["quantity"], done.data["moved"], len(done.data["returns"])) == ("25", True, 2)
    assert [case.stock(), case.returned()] == [25, 25]
    first, second = case.recall.returns()
    assert ([int(first.quantity), int(second.quantity)], first.shipment_no != second.shipment_no) == ([20, 5], True)
    await case.recall.dispose(first, "scrap", "12")
    await case.recall.dispose(first, "rework", "8", "重新灭菌")
    assert case.stock() == 13
    with refused(case.plant.engine, "RCR-009"):
        await case.recall.dispose(first, "scrap", "1")
    with refused(case.plant.engine, "RCR-010"):
        await case.recall.dispose(second, "scrap", "1", " ")
    with refused(case.plant.engine, "RCR-011"):
        await case.recall.dispose(second, "restock", "5")
    assert [int(row.left) for row in case.recall.returns()] == [0, 5]


async def test_what_nobody_holds_goes_back_to_stock(case: Case) -> None:
    await case.to_customers()
    await case.recall.book(case.lot, "5")
    (row,) = case.recall.returns()
    hold = case.plant.scalar(
        "select h.public_id from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot", lot=case.lot
    )
    for login in ("sun.zhao", "wu.jingli"):
        lift = case.plant.lifting(hold, login, reason="复检合格")
        await case.plant.door.lift_hold(case.plant.client, lift)
    await case.recall.dispose(row, "restock", "5", "复检合格")
    assert case.stock() == 5
    with refused(case.plant.engine, "RCR-004"):
        await case.recall.book(case.lot, "1")


async def test_what_cannot_come_back_is_refused(case: Case) -> None:
    await case.recall.open(case.lot)
    with refused(case.plant.engine, "RCR-001"):
        await case.recall.book(case.lot, "1")
    await case.recall.to_customers()
    add_customers(case.plant, 0)
    for code, given in (
        ("RCR-003", {"quantity": "31"}),
        ("STK-002", {"quantity": "0"}),
        ("STK-003", {"quantity": "1", "location": "没有"}),
        ("SHP-001", {"quantity": "1", "customer": "C-x"}),
        ("RCR-005", {"quantity": "1", "received_at": datetime.now(UTC) + timedelta(hours=1)}),
        ("RCR-005", {"quantity": "1", "received_at": datetime(2020, 1, 1, tzinfo=UTC)}),
        ("RCR-003", {"quantity": "1", "serial_no": "SN-1"}),
    ):
        with refused(case.plant.engine, code):
            await case.recall.book(case.lot, **given)
    with refused(case.plant.engine, "LOT-001"):
        await case.recall.book("没有", "1")
    await case.plant.material(f"{case.lot}-X", 10)
    with refused(case.plant.engine, "RCR-002"):
        await case.recall.book(f"{case.lot}-X", "1")


async def test_goods_come_back_after_the_closing(case: Case) -> None:
    await case.to_customers()
    await case.recall.do("follow_up", "sun.zhao", "done")
    await case.recall.decide()
    await case.recall.do("close", "wu.jingli", "close", signed=True, reason="其余约定退回")
    await case.recall.book(case.lot, "30")
    assert case.returned() == 30


@pytest.mark.parametrize("case", ["drill"], indirect=True)
async def test_in_a_drill_goods_come_back_on_paper_only(case: Case) -> None:
    await case.to_customers("a")
    before = case.plant.scalar("select count(*) from stock_movement")
    await case.recall.book(case.lot, "25")
    with refused(case.plant.engine, "RCR-003"):
        await case.recall.book(case.lot, "6")
    await case.recall.book(case.lot, "5")
    first, *_ = case.recall.returns()
    await case.recall.dispose(first, "scrap", "3")
    assert [case.stock(), case.returned()] == [0, 0]
    assert case.plant.scalar("select count(*) from stock_movement") == before


@proves("T 59")
async def test_filed_reports_meet_their_clocks_and_set_the_next_going(case: Case) -> None:
    def clocks() -> Any:
        return case.plant.scalar(
            "select jsonb_object_agg(d.rule_key || ' ' || d.id, d.met_at is not null) from recall_deadline d"
            " join recall r on r.id = d.recall_id where r.recall_no = :no and d.rule_key not like '%notify%'",
            no=case.recall.number,
        )

    def named(found: dict[str, bool]) -> list[tuple[str, bool]]:
        return [(name.split()[0], met) for name, met in sorted(found.items(), key=lambda one: int(one[0].split()[1]))]

    move(case.plant, "C-1", "US")
    await case.recall.open(case.lot)
    with refused(case.plant.engine, "RCP-001"):
        await case.recall.file("plan")
    await case.recall.to_customers()
    for code, wrong in (
        ("RCP-003", {"filed_at": datetime.now(UTC) + timedelta(hours=1)}),
        ("RCP-003", {"filed_at": datetime(2020, 1, 1, tzinfo=UTC)}),
        ("RCP-004", {"authority": " "}),
        ("RCP-004", {"reference": ""}),
    ):
        with refused(case.plant.engine, code):
            await case.recall.file("plan", **wrong)
    with refused(case.plant.engine, "RCP-002"):
        await case.recall.file("summary")
    assert (await case.recall.file("authority", "US")).data["met"] == ["us.806.report"]
    assert (await case.recall.file("plan")).data["met"] == ["cn.recall.plan"]
    assert (await case.recall.file("progress")).data["met"] == ["cn.recall.progress.2"]
    assert named(clocks()) == [
        ("cn.recall.plan", True),
        ("us.806.report", True),
        ("cn.recall.progress.2", True),
        ("cn.recall.progress.2", False),
    ]
    await case.recall.do("follow_up", "sun.zhao", "done")
    await case.recall.decide()
    await case.recall.do("close", "wu.jingli", "close", signed=True, reason="约定")
    done = await case.recall.file("summary")
    assert sorted(done.data["met"]) == ["cn.recall.progress.2", "cn.recall.summary"]
    assert all(clocks().values())


@pytest.fixture
def wall(case: Case) -> Iterator[Any]:
    """Writes past all rules."""

    def write(sql: str, **given: Any) -> None:
        with act(case.plant.engine, SETUP) as session:
            session.connection().execute(text(sql), given)

    return write  # type: ignore[return-value]


async def test_the_database_itself_refuses(case: Case, wall: Any) -> None:
    await case.to_customers("a")
    await case.recall.book(case.lot, "5")
    key = case.plant.scalar("select max(id) from recall_return")
    insert = (
        "insert into recall_disposition (return_id, kind, quantity, reason, decided_by_id)"
        " select :key, :kind, :quantity, 'x', min(id) from person"
    )
    for kind, quantity, what in (("scrap", 6, "more is disposed of"), ("restock", 1, "held lot")):
        with unchanged(case.plant.engine), pytest.raises(Exception, match=what):
            wall(insert, key=key, kind=kind, quantity=quantity)
    for table in ("recall_sample", "recall_check", "recall_return"):
        with unchanged(case.plant.engine), pytest.raises((DBAPIError, Exception)):
            wall(f"update {table} set id = id")  # noqa: S608 - our own tables


@pytest.mark.parametrize("case", ["recall", "drill"], indirect=True)
async def test_the_reconciliation_holds_the_answers_against_the_books(case: Case) -> None:
    await case.to_customers()
    (notice,) = case.recall.notices()
    await case.recall.acknowledge(notice, 28, on_hand=20, used=8, will_return=20)
    await case.recall.book(case.lot, "15")
    first, *_ = case.recall.returns()
    await case.recall.dispose(first, "scrap", "15")
    found = case.recall.reconciliation()
    (line,) = found.lines
    assert (line.lot_no, line.answered) == (case.lot, True)
    assert line.figures.as_dict() == {
        "shipped": "30",
        "returned_before": "0",
        "returned": "15",
        "used": "8",
        "outstanding": "7",
        "scrapped": "15",
        "reworked": "0",
        "restocked": "0",
        "undecided": "0",
        "passed_on": "0",
    }
    assert [(one.code, int(one.quantity)) for one in found.differences] == [("short", 2), ("to_come", 5)]


async def test_the_next_reminder_is_the_next_escalation_of_the_follow_up(case: Case) -> None:
    def due(days: int) -> timedelta | None:
        with reading(case.plant.engine) as session:
            recall = recalls.get(session, case.recall.number)
            opened = case.recall.task("follow_up").opened_at
            found = queries_recall_follow.next_reminder(session, recall, opened + timedelta(days=days))
            return None if found is None else found - opened

    await case.to_customers()
    assert [due(days) for days in (0, 2, 3, 8, 20, 40)] == [
        timedelta(days=3),
        timedelta(days=3),
        timedelta(days=7),
        timedelta(days=14),
        timedelta(days=30),
        None,
    ]
    await case.recall.do("follow_up", "sun.zhao", "done")
    with reading(case.plant.engine) as session:
        recall = recalls.get(session, case.recall.number)
        assert queries_recall_follow.next_reminder(session, recall, recall.opened_at) is None


async def test_what_is_read_takes_the_same_number_of_statements_whatever_there_is(case: Case) -> None:
    def statements() -> int:
        seen: list[str] = []

        def count_one(*given: Any) -> None:
            seen.append(given[2])

        event.listen(case.plant.engine, "before_cursor_execute", count_one)
        try:
            with reading(case.plant.engine) as session:
                queries_recall_follow.follow(session, case.recall.number)
        finally:
            event.remove(case.plant.engine, "before_cursor_execute", count_one)
        return len(seen)

    await case.to_customers("a")
    few = statements()
    for notice in case.recall.notices():
        await case.recall.acknowledge(notice, 30)
    for row in case.recall.checks().rows:
        await case.recall.check(row)
    await case.recall.book(case.lot, "30")
    assert statements() == few <= 20


async def test_a_recall_under_the_definition_of_old_draws_where_its_form_asks(case: Case) -> None:
    """Running instances stay on their version: version 1 asked for the level at the end of the follow-up."""
    new = (DEFINITIONS / "recall.yaml").read_text(encoding="utf-8")
    before, after = new.split("  - key: follow_up\n")
    field = (
        "      - key: effectiveness\n        title: {zh: 级别, en: Level}\n        type: choice\n        choices:\n"
        "          - {key: b, title: {zh: B, en: B}}\n          - {key: c, title: {zh: C, en: C}}\n"
    )
    old = "  - key: follow_up\n".join((before, after.replace("    form:\n", "    form:\n" + field, 1)))
    with act(case.plant.engine, SETUP) as session:
        definitions.ship(session, re.sub(r"version: \d+", "version: 99", old, count=1))
    await case.to_customers()
    await case.recall.refuse("RCK-002", "follow_up", "sun.zhao", "done", form={"effectiveness": "b"})
    done = await case.recall.do("follow_up", "sun.zhao", "done", form={"effectiveness": "c"})
    assert done.data["checks"] == 1
    assert case.recall.checks().samples[0].level == "C"
