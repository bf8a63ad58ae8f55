"""Co-exposure: everything that touched a thing in a window, and why; nothing more, nothing less (REQ 20)."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from models.exposure.rules.exposure import Exposure, Sort
from models.exposure.rules.window import Window, window
from models.exposure.store import exposure
from models.kernel.refusal import Refusal
from models.person.tables import Site
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.graph import Plant, day
from tests.support.graph_work import Work
from tests.support.house.proves import proves

SHANGHAI = "Asia/Shanghai"
EVER = Window(None, None)


@pytest.fixture
def work(graph_plant: Plant) -> Work:
    """One operation with everything, and the same machine on another lot two days later."""
    made = Work(graph_plant)
    steel, needle, other = graph_plant.raw("STEEL-1"), graph_plant.product("N-1"), graph_plant.product("N-2")
    run = made.run(
        needle, day(1), day(1.25), machines=["G-17", "M-1"], people=["wang.cao"], room="CR-2", consumes=[steel]
    )
    made.reading(run, "CR-3", day(1.1))
    made.run(other, day(3), day(3.5), machines=["G-17"], people=["zhao.liu"], room="CR-2")
    return made


def found(answer: Exposure) -> set[tuple[str, str, str]]:
    return {(one.sort, one.number, one.role) for one in answer.touches}


def ask(work: Work, of: str, since: datetime | None = None, until: datetime | None = None) -> Exposure:
    session = work.plant.session
    return exposure.answer(session, exposure.find(session, of), Window(since, until))


@proves("R20")
def test_everything_that_a_machine_met_is_there_with_its_role(work: Work) -> None:
    answer = ask(work, "equipment:G-17")
    assert found(answer) == {
        ("lot", "N-1", "made"),
        ("lot", "STEEL-1", "consumed"),
        ("lot", "N-2", "made"),
        ("equipment", "M-1", "used"),
        ("person", "wang.cao", "performed"),
        ("person", "zhao.liu", "performed"),
        ("location", "CR-2", "room"),
        ("location", "CR-3", "room"),
    }
    assert [lot.lot_no for lot in answer.lots] == ["N-1", "N-2", "STEEL-1"]
    assert answer.counts == {"touches": 9, "lot": 3, "equipment": 1, "person": 2, "location": 2, "load": 0}
    steel = next(one for one in answer.touches if one.number == "STEEL-1")
    assert (steel.zh, steel.en) == (
        "工序 20「清洗」（WO-1）：投入的物料",
        "Operation 20 “Cleaning” (WO-1): went in as material",
    )
    assert (steel.starts_at, steel.ends_at, steel.quantity, steel.uom) == (day(1), day(1.25), Decimal(5), "pcs")


def test_the_window_is_half_open(work: Work) -> None:
    assert ask(work, "equipment:G-17", day(1.25), day(3)).empty, "one ended as it began, one began as it ended"
    assert ask(work, "equipment:G-17", day(1.24), day(3)).counts["lot"] == 2
    assert ask(work, "equipment:G-17", None, day(1)).empty
    assert ask(work, "equipment:G-17", day(3.4)).counts["lot"] == 1


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ("person:wang.cao", {"N-1", "STEEL-1"}),
        ("location:CR-2", {"N-1", "STEEL-1", "N-2"}),
        ("location:CR-3", {"N-1", "STEEL-1"}),
        ("lot:STEEL-1", {"N-1"}),
        ("lot:N-1", {"STEEL-1"}),
    ],
)
def test_the_same_event_is_seen_from_each_side(work: Work, of: str, expected: set[str]) -> None:
    answer = ask(work, of)
    assert {lot.lot_no for lot in answer.lots} == expected
    if of.startswith("lot:"):
        assert ("equipment", "G-17", "used") in found(answer)


@proves("R20", "R62")
def test_batches_of_one_load_find_each_other(graph_plant: Plant) -> None:
    work = Work(graph_plant)
    one, two, three = (graph_plant.product(f"N-{number}") for number in (1, 2, 3))
    work.run(one, day(1), day(1.5), load_no="ST-26-114", machines=["AUTO-1"])
    work.run(two, day(1), day(1.5), load_no="ST-26-114", machines=["AUTO-1"])
    work.run(two, day(2), day(2.5), load_no="ST-26-115", machines=["AUTO-1"])
    graph_plant.edge(three, one, None, kind="processed-in-load", at=day(1))
    assert [lot.lot_no for lot in ask(work, "load:ST-26-114").lots] == ["N-1", "N-2"]
    assert [lot.lot_no for lot in ask(work, "load:ST-26-115").lots] == ["N-2"]
    assert ("load", "ST-26-115", "cycle") in found(ask(work, "lot:N-2"))
    assert ("lot", "N-3", "load") in found(ask(work, "lot:N-1")), "a history's link is seen from both ends"
    assert ("lot", "N-1", "load") in found(ask(work, "lot:N-3"))


def test_a_gauge_and_its_inspector_are_met_at_the_measured_values(graph_plant: Plant) -> None:
    work, lot = Work(graph_plant), graph_plant.product("N-1")
    for number in (1, 2):
        work.measure(lot, day(number), machine="G-17", person="lin.jian")
    answer = ask(work, "equipment:G-17", day(0), day(9))
    assert found(answer) == {("lot", "N-1", "inspected"), ("person", "lin.jian", "measured")}
    assert (answer.touches[0].starts_at, answer.touches[0].ends_at) == (day(1), day(2))
    assert ask(work, "equipment:G-17", day(1.5), day(2)).empty, "a value is an instant"
    assert ("lot", "N-1", "inspected") in found(ask(work, "person:lin.jian"))


def test_facts_name_people_but_not_those_who_only_typed_an_operation(graph_plant: Plant) -> None:
    work, lot = Work(graph_plant), graph_plant.product("N-1")
    work.fact(lot, "lot.packed", day(1), "wang.cao")
    work.fact(lot, "operation.recorded", day(1), "clerk")
    work.fact(lot, "lot.consumed", day(1), "clerk")
    assert found(ask(work, "lot:N-1")) == {("person", "wang.cao", "recorded"), ("location", "WH-1", "place")}
    assert ask(work, "person:clerk").empty


def test_a_room_knows_who_lay_there_and_till_when(graph_plant: Plant) -> None:
    work = Work(graph_plant)
    lot = graph_plant.lot("N-1", "finished", 10)
    work.shift(lot, 10, day(1), "COLD", None)
    work.shift(lot, 4, day(2), "WH-1", "COLD")
    work.shift(lot, 6, day(3), None, "COLD")
    work.shift(lot, 4, day(5), "COLD", "WH-1")
    stays = [(one.starts_at, one.ends_at, one.quantity) for one in ask(work, "location:COLD").touches]
    assert stays == [(day(1), day(3), Decimal(10)), (day(5), None, Decimal(4))], "twice, and it lies there still"
    assert ask(work, "location:COLD", day(3), day(5)).empty
    assert ask(work, "location:COLD", day(50)).counts["lot"] == 1
    ghost = graph_plant.lot("OLD", "finished", 10)
    work.shift(ghost, 3, day(4), None, "COLD")
    assert [one.number for one in ask(work, "location:COLD", day(3), day(5)).touches] == ["OLD"], "no known arrival"


def test_a_corrected_link_counts_as_it_is_now(work: Work) -> None:
    plant = work.plant
    wrong, right, made = plant.raw("WRONG"), plant.raw("RIGHT"), plant.product("N-9")
    run = work.run(made, day(6), day(7), machines=["M-9"])
    mistake = plant.edge(wrong, made, 5, operation_run_id=run.id)
    plant.edge(right, made, 5, operation_run_id=run.id, supersedes_id=mistake.id)
    assert {lot.lot_no for lot in ask(work, "equipment:M-9").lots} == {"N-9", "RIGHT"}
    assert not [one for one in ask(work, "lot:WRONG").touches if one.event == "operation"]


def test_the_number_of_statements_does_not_grow(work: Work, sent: list[str]) -> None:
    plant, session = work.plant, work.plant.session

    def count(of: str) -> int:
        sent.clear()
        exposure.exposure(session, of)
        return len(sent)

    before = {sort: count(of) for sort, of in SUBJECTS.items()}
    for number in range(60):
        lot = plant.product(f"X-{number}")
        work.run(lot, day(1), day(2), machines=["G-17"], people=["wang.cao"], room="CR-2")
        work.measure(lot, day(2), machine="G-17", person="wang.cao")
    assert {sort: count(of) for sort, of in SUBJECTS.items()} == before
    assert max(before.values()) <= 9


SUBJECTS = {
    Sort.LOT: "lot:N-1",
    Sort.EQUIPMENT: "equipment:G-17",
    Sort.PERSON: "person:wang.cao",
    Sort.LOCATION: "location:CR-2",
}


def test_nothing_is_an_answer_and_unknown_is_a_refusal(work: Work) -> None:
    session = work.plant.session
    nothing = exposure.exposure(session, "equipment:G-17", "2020-01-01", "2020-01-02")
    assert nothing.empty
    assert nothing.counts["touches"] == 0
    with pytest.raises(Refusal, match="EXP-001"):
        exposure.find(session, "equipment:N-1")
    with pytest.raises(Refusal, match="EXP-001"):
        exposure.find(session, "nobody knows")
    work.plant.location("G-17")
    with pytest.raises(Refusal, match="EXP-002") as said:
        exposure.find(session, "G-17")
    assert "equipment:G-17" in said.value.zh
    assert "location:G-17" in said.value.zh
    assert exposure.find(session, "姓名 wang.cao").reference == "person:wang.cao"
    assert exposure.find(session, "SUP-STEEL-1").reference == "lot:STEEL-1", "a supplier's label means a lot"


def test_a_typed_day_is_the_plants(work: Work) -> None:
    work.plant.add(Site(code="S", name="S", zone=SHANGHAI))
    read = window("2026-01-06", "2026-01-06", SHANGHAI)
    assert read.since == datetime(2026, 1, 6, tzinfo=ZoneInfo(SHANGHAI))
    assert read.until == datetime(2026, 1, 7, tzinfo=ZoneInfo(SHANGHAI)), "the whole day"
    # day(1) is 16:00 in Shanghai on the 6th, until 22:00
    session = work.plant.session
    assert exposure.exposure(session, "lot:STEEL-1", "2026-01-06", "2026-01-06").counts["equipment"] == 2
    assert exposure.exposure(session, "lot:STEEL-1", "2026-01-07", "2026-01-07").counts["equipment"] == 0
    assert exposure.exposure(session, "lot:STEEL-1", "2026-01-06T21:59", "2026-01-06T22:30").counts["equipment"] == 2
    assert exposure.exposure(session, "lot:STEEL-1", "2026-01-06T22:00", "").counts["equipment"] == 0


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        ("soon", "", "TRC-010"),
        ("", "2026-13-01", "TRC-010"),
        ("2026-01-07", "2026-01-06", "EXP-003"),
        ("2026-01-07T10:00", "2026-01-07T10:00", "EXP-003"),
        ("9999-12-31", "9999-12-31", "TRC-010"),
    ],
)
def test_a_window_that_is_none_is_refused(since: str, until: str, code: str) -> None:
    with pytest.raises(Refusal) as said:
        window(since, until, SHANGHAI)
    assert said.value.code == code


def test_the_answer_has_a_digest_of_what_it_says(work: Work) -> None:
    one, again = ask(work, "equipment:G-17"), ask(work, "equipment:G-17")
    assert one.document(day(9))["digest"] == again.document(day(10))["digest"] == one.digest
    work.run(work.plant.product("N-3"), day(2), day(2.5), machines=["G-17"])
    assert ask(work, "equipment:G-17").digest != one.digest


def test_an_exposure_can_be_traced_under_its_own_name(work: Work) -> None:
    session, plant = work.plant.session, work.plant
    answer = ask(work, "equipment:G-17", day(0), day(2))
    assert answer.identifier() == "exposure:equipment:G-17/2026-01-05T08:00:00Z/2026-01-07T08:00:00Z"
    traced = trace.trace_identifier(session, answer.identifier(), Direction.FORWARD)
    assert set(traced.lot_nos()) == {"N-1", "STEEL-1"}
    work.run(plant.product("LATE"), day(1), day(1.1), machines=["G-17"])
    assert "LATE" in trace.trace_identifier(session, answer.identifier(), Direction.FORWARD).lot_nos()
    ever = ask(work, "equipment:G-17").identifier()
    assert ever == "exposure:equipment:G-17/*/*"
    assert len(trace.trace_identifier(session, ever, Direction.FORWARD).nodes) == 4
    nothing = ask(work, "equipment:G-17", day(-9), day(-8))
    with pytest.raises(Refusal, match="TRC-005"):
        trace.trace_identifier(session, nothing.identifier(), Direction.FORWARD)
    for wrong in ("exposure:equipment:G-99/*/*", "exposure:G-17", "exposure:equipment:G-17"):
        with pytest.raises(Refusal, match="TRC-001"):
            trace.trace_identifier(session, wrong, Direction.FORWARD)
    with pytest.raises(Refusal, match="TRC-010"):
        trace.trace_identifier(session, "exposure:equipment:G-17/yesterday/*", Direction.FORWARD)
