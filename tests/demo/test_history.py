"""The demo company's past: whenever it is loaded, it fits into the weeks before, and every quantity goes somewhere."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from models.calendar.store import shipped
from models.trace.rules.trace import Answer, Direction
from models.trace.store.trace import trace
from runtime.demo.before import history
from runtime.demo.company.ground import OWN_COMPANY, OWN_DEVICES
from tests.importing.test_storing import store
from tests.support.often import often
from tests.support.servers.database import TestDatabase

PLANT = "Asia/Shanghai"
ZONE = ZoneInfo(PLANT)
CALENDAR = shipped().calendar("china")
assert CALENDAR is not None
STARTS = st.datetimes(datetime(2025, 4, 1), datetime(2031, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - by `timezones`
NEW_YEAR, SPRING, LATE = (
    datetime(2027, 1, 1, 3, tzinfo=UTC), datetime(2026, 2, 24, 1, tzinfo=UTC), datetime(2026, 11, 28, 16, 30, tzinfo=UTC),
)  # fmt: skip
"""After New Year in a year without a calendar, on the day after Spring Festival, just after the plant's midnight."""


def past(begun: datetime) -> list[dict[str, Any]]:
    """What happened: the rows without the master data."""
    assert CALENDAR is not None
    rows = [json.loads(line) for line in history.content(begun, PLANT, CALENDAR).splitlines()]
    return [row for row in rows if row["pk"] >= 20_001]


def moments(rows: list[dict[str, Any]]) -> Iterator[tuple[str, datetime]]:
    """Every instant that the rows tell, with what it is."""
    for row in rows:
        for name, value in row["fields"].items():
            if name in {"date", "updated", "completion_date", "shipment_date", "delivery_date", "received_date"}:
                yield f"{row['model']} {row['pk']} {name}", datetime.fromisoformat(value)


def days(rows: list[dict[str, Any]]) -> set[date]:
    opened = {date.fromisoformat(row["fields"]["creation_date"]) for row in rows if "creation_date" in row["fields"]}
    return opened | {at.astimezone(ZONE).date() for _, at in moments(rows)}


@settings(max_examples=often(12, 2_000))
@given(STARTS)
@example(NEW_YEAR)
@example(SPRING)
@example(LATE)
def test_everything_happened_in_working_hours_on_working_days_before_the_start(begun: datetime) -> None:
    rows = past(begun)
    start = begun.astimezone(ZONE).date()
    for what, at in moments(rows):
        assert time(8) <= at.astimezone(ZONE).time() <= time(17, 30), what
    assert CALENDAR is not None
    for day in days(rows):
        assert day < start
        assert CALENDAR.is_working(day) if CALENDAR.known(day) else day.isoweekday() <= 5, day
    worked = {at.astimezone(ZONE).date() for what, at in moments(rows) if "stockitem" in what}
    assert timedelta(weeks=10) <= start - min(worked) <= timedelta(weeks=14)


@settings(max_examples=often(12, 2_000))
@given(STARTS)
@example(NEW_YEAR)
@example(SPRING)
def test_nothing_was_used_made_or_sent_before_it_was_there(begun: datetime) -> None:
    fields: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in past(begun):
        fields[row["model"]][row["pk"]] = row["fields"]
    stock, builds = fields["stock.stockitem"], fields["build.build"]
    there: dict[str, str] = {}
    inspected: dict[str, str] = {}
    for event in fields["stock.stockitemtracking"].values():
        batch = stock[event["item"]]["batch"]
        there[batch] = min(event["date"], there.get(batch, event["date"]))
    for build in builds.values():
        assert build["creation_date"] <= there[build["batch"]][:10]
        inspected[build["batch"]] = build["completion_date"]
        assert there[build["batch"]] < build["completion_date"]
    for result in fields["stock.stockitemtestresult"].values():
        batch = stock[result["stock_item"]]["batch"]
        inspected.setdefault(batch, result["date"])
    for item in stock.values():
        if item["consumed_by"] is not None:
            into = builds[item["consumed_by"]]
            assert inspected.get(item["batch"], there[item["batch"]]) < item["updated"] < into["completion_date"]
            assert there[into["batch"]] <= item["updated"]
    for allocation in fields["order.salesorderallocation"].values():
        shipment = fields["order.salesordershipment"][allocation["shipment"]]
        order, item = fields["order.salesorder"][shipment["order"]], stock[allocation["item"]]
        assert inspected[item["batch"]] < shipment["shipment_date"] < shipment["delivery_date"]
        assert order["creation_date"] <= shipment["shipment_date"][:10]
        if item["status"] == 85:
            [line] = [r for r in fields["order.returnorderlineitem"].values() if r["item"] == allocation["item"]]
            assert shipment["delivery_date"] < line["received_date"]
    for item in stock.values():
        assert item["expiry_date"] is None or date.fromisoformat(item["expiry_date"]) > begun.date()


@settings(max_examples=often(12, 2_000))
@given(STARTS)
@example(NEW_YEAR)
def test_every_piece_that_was_made_is_somewhere(begun: datetime) -> None:
    rows = past(begun)
    lies: Counter[str] = Counter()
    serials = [row["fields"]["serial"] for row in rows if row["model"] == "stock.stockitem" and row["fields"]["serial"]]
    for row in rows:
        if row["model"] == "stock.stockitem":
            lies[row["fields"]["batch"]] += int(row["fields"]["quantity"])
    came = {one.number: one.quantity for one in history.RAW}
    made = {row["fields"]["batch"]: row["fields"]["completed"] for row in rows if row["model"] == "build.build"}
    assert lies == came | made
    assert len(set(serials)) == len(serials) == 30
    assert all(int(row["fields"].get("quantity", 1)) > 0 for row in rows)


@pytest.mark.parametrize("begun", [NEW_YEAR, SPRING, LATE])
def test_the_same_moment_gives_the_same_bytes(begun: datetime) -> None:
    assert CALENDAR is not None
    first = history.content(begun, PLANT, CALENDAR)
    assert (
        first
        == history.content(begun, PLANT, CALENDAR)
        == history.content(begun + timedelta(seconds=1), PLANT, CALENDAR)
    )
    assert len({row["pk"] for row in past(begun) if row["model"] == "build.build"}) == 17


@pytest.fixture(scope="module")
def plant(database: TestDatabase) -> Iterator[Session]:
    """The demo company's three files, imported one after the other."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            store(session, OWN_COMPANY.read_bytes(), "company.jsonl")
            store(session, OWN_DEVICES.read_bytes(), "devices.jsonl")
            yield session
        outer.rollback()


@pytest.fixture(scope="module")
def loaded(plant: Session) -> list[dict[str, Any]]:
    """The account of loading the history, twice."""
    assert CALENDAR is not None
    content = history.content(datetime.now(UTC), PLANT, CALENDAR)
    return [store(plant, content, "history.jsonl").as_dict() for _ in range(2)]


def _sum(report: dict[str, Any], what: str) -> int:
    return sum(kind[what] for kind in report["kinds"].values())


def test_loading_rejects_no_row_and_loading_again_changes_nothing(loaded: list[dict[str, Any]]) -> None:
    first, again = loaded
    assert [one for one in first["findings"] if one["outcome"] == "rejected"] == []
    assert {one["code"] for one in first["findings"]} == {"IMP-039", "IMP-045"}
    assert _sum(first, "imported") > 300
    assert (_sum(again, "imported"), _sum(again, "rejected")) == (0, 0)


@pytest.fixture(scope="module")
def answers(plant: Session, loaded: list[dict[str, Any]]) -> dict[str, tuple[str, Answer]]:
    """Both ways in one: the trace of each lot of the history, backward and forward."""
    assert loaded
    rows = plant.connection().execute(
        text(
            "select l.id, l.lot_no, l.status from lot l join import_row w on w.id = l.import_row_id"
            " join import_run r on r.id = w.run_id where r.file_name = 'history.jsonl' order by 2"
        )
    )
    return {
        f"{lot_no} {way}": (status, trace(plant, [key], way))
        for key, lot_no, status in rows.all()
        for way in (Direction.BACKWARD, Direction.FORWARD)
    }


def test_every_batch_of_the_past_is_traced_whole_and_balances(answers: dict[str, tuple[str, Answer]]) -> None:
    assert len(answers) == 2 * (len(history.RAW) + len(history.PARTS_MADE) + len(history.FINISHED) + 4)
    lacking = {lot: [one.code for one in answer.findings] for lot, (_, answer) in answers.items() if answer.findings}
    assert lacking == {}
    assert all(answer.complete and answer.balanced for _, answer in answers.values())


def test_an_old_suppliers_lot_went_into_weeks_of_batches_and_to_several_customers(
    answers: dict[str, tuple[str, Answer]],
) -> None:
    answer = answers["HL-T5461 forward"][1]
    assert len({node.lot_no.partition("-")[2][:5] for node in answer.nodes if node.kind == "finished"}) == 3
    assert len({row.customer_no for row in answer.customers}) == 3
    modules = answers["IC-90332 forward"][1]
    assert modules.counts["nodes"] >= 8


def test_what_the_system_before_had_rejected_is_rejected_and_what_came_back_waits(
    plant: Session, loaded: list[dict[str, Any]]
) -> None:
    assert loaded
    found = plant.connection().execute(
        text(
            "select left(l.lot_no, 2) || right(l.lot_no, 2) as one, l.status, i.status from lot l"
            " left join inspection i on i.lot_id = l.id where l.origin = 'migrated'"
            " and (l.status = 'rejected' or l.lot_no like '%-Q') order by 1"
        )
    )
    states = [tuple(row) for row in found]
    assert [one[0][:2] for one in states if one[1] == "rejected"] == ["HS", "HV", "SU"]
    assert {one[2] for one in states if one[1] == "rejected"} == {"failed"}
    assert [one[0] for one in states if one[1] == "finished"] == ["AD-Q", "SU-Q"]
    returned = plant.connection().execute(text("select sum(returned)::int from shipment_line")).scalar_one()
    assert Decimal(returned) == 49


def test_nobody_here_is_said_to_have_done_any_of_it(plant: Session, loaded: list[dict[str, Any]]) -> None:
    assert loaded
    count = {
        table: plant.connection().execute(text(f"select count(*) from {table}")).scalar_one()  # noqa: S608 - named here
        for table in ("signature", "human_task", "process_run", "nonconformance", "outbox")
    }
    assert set(count.values()) == {0}
    who = plant.connection().execute(text("select count(*) from lot_fact where person_id is not null")).scalar_one()
    assert who == 0
