"""Review by exception: what was not checked is never shown as passed, what blocks is never talked away."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.lot.rules.lot import last_day
from models.release.rules import deviations as evidence_deviations
from models.release.rules import evidence
from models.release.rules.batch_record import (
    AncestorIssue,
    Balance,
    BatchRecord,
    BillLine,
    Deviation,
    HoldPart,
    Inspection,
    Labels,
    Machine,
    MaterialUse,
    Operation,
    Parameter,
    Parent,
    Person,
    Reading,
    Result,
)
from models.release.rules.evidence import Factor, Mark
from tests.support.house.proves import proves

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
PLANT = "Asia/Shanghai"


def operation(seq: int = 10, run_no: int = 1, **more: Any) -> Operation:
    given_: dict[str, Any] = {
        "seq": seq,
        "run_no": run_no,
        "code": str(seq),
        "title_zh": "机加工",
        "title_en": "Machining",
        "started_at": NOW - timedelta(hours=2),
        "finished_at": NOW - timedelta(hours=1),
        "people": (Person(name="王操", needed="machining", qualification="SOP-machining v3"),),
        "machines": (Machine(equipment_no="M-07", name="五轴", due_at=NOW, needs_calibration=True, kind="mill"),),
        "equipment_kind": "mill",
        "parameters": (),
        "readings": (Reading(quantity="humidity", value=Decimal(45), unit="%", lower=Decimal(30), upper=Decimal(60), measured_at=NOW),),
        "document": "SOP-HIP",
        "document_version": "4",
        "environment_needed": True,
        "consumed": ("R-1",),
    }  # fmt: skip
    return Operation(**{**given_, **more})


def parent(**more: Any) -> Parent:
    given_: dict[str, Any] = {
        "lot_no": "R-1", "item": "PEEK", "quantity": Decimal(50), "uom": "pcs", "status": "released", "held": False,
        "expires_on": None, "origin": "native", "item_no": "PEEK-20",
    }  # fmt: skip
    return Parent(**{**given_, **more})


def inspection(revision: int = 1, status: str = "accepted", **more: Any) -> Inspection:
    result = Result(
        name_zh="直径", name_en="Diameter", lower=None, upper=None, unit="mm", samples=3, failed=0, values=("12",)
    )
    given_: dict[str, Any] = {
        "inspection_no": f"FQC-{revision}", "stage": "final", "revision": revision, "status": status,
        "inspector": "林检", "decided_at": NOW, "results": (result,),
    }  # fmt: skip
    return Inspection(**{**given_, **more})


def record(**more: Any) -> BatchRecord:
    zero = Decimal(0)
    given_: dict[str, Any] = {
        "lot_no": "H-1", "item_no": "HIP-12", "item": "髋关节柄", "kind": "finished", "quantity": Decimal(50),
        "uom": "pcs", "status": "packed", "expires_on": date(2031, 10, 1), "expiry_precision": "month",
        "manufactured_on": None, "supplier": None, "supplier_lot_no": None, "work_order": "WO-1",
        "definition": "batch-lifecycle v1", "planned": ("10",), "operations": (operation(),), "parents": (parent(),),
        "ancestors": 1, "ancestor_issues": (), "inspections": (inspection(),), "holds": (), "nonconformances": (),
        "labels": Labels(printed=52, applied=50, scrapped=2, difference=zero),
        "balance": Balance(
            made=Decimal(50), stock=Decimal(50), consumed=zero, shipped=zero, scrapped=zero, samples=zero, ordered=Decimal(50)
        ),
        "bill": (BillLine(item_no="PEEK-20", quantity=Decimal(1)),),
    }  # fmt: skip
    return BatchRecord(**{**given_, **more})


def codes(one: BatchRecord) -> list[str]:
    return [item.code for item in evidence.assess(one, NOW).exceptions]


def test_labels_that_dont_add_up_are_an_exception_that_a_release_explains() -> None:
    for counts in (
        Labels(printed=53, applied=50, scrapped=2),
        Labels(printed=52, applied=50, scrapped=2, difference=Decimal(1)),
    ):
        found = evidence.assess(record(labels=counts), NOW)
        assert [(one.code, one.blocking) for one in found.exceptions] == [("EV-METHOD-5", False)]
    clean = Labels(printed=60, applied=50, scrapped=2, samples=3, left=5, difference=Decimal(0))
    assert codes(record(labels=clean)) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ordered": Decimal(50), "operation_scrap": Decimal(0)}, None),
        ({"ordered": Decimal(52), "operation_scrap": Decimal(2)}, None),
        ({"ordered": Decimal(52), "decided_scrap": Decimal(1)}, "EV-BALANCE-2"),
        ({"ordered": Decimal(50), "operation_scrap": Decimal(1)}, "EV-BALANCE-2"),
        ({"ordered": Decimal(51), "tolerance": Decimal(2)}, None),
        ({"ordered": Decimal(52), "tolerance": Decimal(2)}, "EV-BALANCE-2"),
        ({"ordered": Decimal(50), "missing": Decimal(1)}, "EV-BALANCE-3"),
    ],
)
def test_what_the_order_put_in_is_accounted_for(more: dict[str, Decimal], code: str | None) -> None:
    zero = Decimal(0)
    given_ = {
        "made": Decimal(50),
        "stock": Decimal(50),
        "consumed": zero,
        "shipped": zero,
        "scrapped": zero,
        "samples": zero,
    }
    assert codes(record(balance=Balance(**{**given_, **more}))) == ([code] if code else [])


def test_what_was_consumed_is_what_the_bill_of_material_says_within_the_tolerance() -> None:
    def used(consumed: int, tolerance: int = 0) -> MaterialUse:
        return MaterialUse(
            item="PEEK", expected=Decimal(100), consumed=Decimal(consumed), uom="pcs", tolerance=Decimal(tolerance)
        )

    assert [codes(record(materials=(used(n),))) for n in (100, 101, 99)] == [[], ["EV-BALANCE-4"], ["EV-BALANCE-4"]]
    assert [codes(record(materials=(used(n, 2),))) for n in (102, 103)] == [[], ["EV-BALANCE-4"]]


def test_a_clean_record_is_clean() -> None:
    assessment = evidence.assess(record(), NOW)
    assert assessment.exceptions == ()
    assert {cell.mark for cell in assessment.cells} == {Mark.PASSED}
    assert [stage for stage, _, _ in assessment.stages] == ["incoming", "op10", "inspection", "label"]
    evidence.check_release(assessment, None)


HOLD = HoldPart(reason="投诉", placed_by="吴经理", placed_at=NOW, lifted_at=None, lift_reason=None)
ISSUE = AncestorIssue(lot_no="R-0", depth=2, kind="nonconformance", number="NC-1", title="x")
BLOCKING: list[tuple[str, dict[str, Any]]] = [
    ("EV-LOT-1", {"holds": (HOLD,)}),
    ("EV-LOT-2", {"nonconformances": ("NC-7",)}),
    ("EV-MATERIAL-1", {"parents": (parent(held=True),)}),
    ("EV-MATERIAL-2", {"parents": (parent(status="rejected"),)}),
    ("EV-MATERIAL-3", {"ancestor_issues": (ISSUE,)}),
    ("EV-METHOD-1", {"inspections": ()}),
    ("EV-METHOD-1", {"inspections": (inspection(stage="incoming"),)}),
    ("EV-METHOD-2", {"planned": ("10", "20")}),
    ("EV-METHOD-3", {"inspections": (inspection(status="failed"),)}),
    ("EV-METHOD-3", {"inspections": (inspection(), inspection(2, "open"))}),
    ("EV-METHOD-6", {"inspections": (inspection(results=()),)}),
    ("EV-LOT-4", {"expires_on": date(2026, 11, 20), "expiry_precision": "day"}),
    ("EV-LOT-4", {"expires_on": date(2026, 10, 1)}),
    ("EV-MATERIAL-4", {"parents": (parent(expires_on=date(2026, 11, 20), consumed_at=NOW),)}),
]


@pytest.mark.parametrize(("code", "change"), BLOCKING)
def test_what_keeps_a_batch_from_release_no_reason_talks_away(code: str, change: dict[str, Any]) -> None:
    assessment = evidence.assess(record(**change), NOW)
    assert code in [one.code for one in assessment.blocking]
    found = next(one for one in assessment.blocking if one.code == code)
    for reason in (None, "", "我们都同意"):
        with pytest.raises(Refusal, match="REL-001") as info:
            evidence.check_release(assessment, reason)
        assert found.zh in info.value.zh
        assert found.en in info.value.en


HOT = Parameter(name="温度", value=Decimal(91), text=None, unit="°C", lower=Decimal(80), upper=Decimal(90))
BILL = (BillLine(item_no="PEEK-20", quantity=Decimal(1)),)
UNNAMED = Result(
    name_zh="直径",
    name_en="Diameter",
    lower=None,
    upper=None,
    unit="mm",
    samples=3,
    failed=0,
    values=("12",),
    unnamed=1,
)
LAST_YEAR = Reading(
    quantity="humidity",
    value=Decimal(45),
    unit="%",
    lower=Decimal(30),
    upper=Decimal(60),
    measured_at=NOW - timedelta(days=365),
)
DEVIATING: list[tuple[str, dict[str, Any]]] = [
    ("EV-MAN-1", {"operations": (operation(people=(Person(name="钱新", needed="machining", qualification=None),)),)}),
    (
        "EV-MACHINE-1",
        {
            "operations": (
                operation(
                    machines=(
                        Machine(equipment_no="M-1", name="x", due_at=NOW - timedelta(hours=1), needs_calibration=True),
                    )
                ),
            )
        },
    ),
    ("EV-METHOD-9", {"operations": (operation(parameters=(HOT,)),)}),
    (
        "EV-ENVIRONMENT-9",
        {
            "operations": (
                operation(
                    readings=(
                        Reading(
                            quantity="humidity",
                            value=Decimal(75),
                            unit="%",
                            lower=None,
                            upper=Decimal(60),
                            measured_at=NOW,
                        ),
                    )
                ),
            )
        },
    ),
    ("EV-MATERIAL-8", {"parents": (parent(item_no="GLUE"),), "bill": BILL}),
    ("EV-ENVIRONMENT-4", {"operations": (operation(asked_room="CR-2", room="LINE-2"),)}),
    ("EV-ENVIRONMENT-2", {"operations": (operation(readings=(), environment_needed=False),), "implantable": True}),
    ("EV-MAN-3", {"inspections": (inspection(results=(UNNAMED,)),), "implantable": True}),
]


def decided(code: str, about: str, outcome: str, **more: Any) -> Deviation:
    given_: dict[str, Any] = {
        "number": "DV-H-1-1", "kind": "deviation", "code": code, "about": about, "zh": "x", "en": "x", "outcome": outcome,
        "cause": "温控漂移", "reason": "已评估", "decided_by": "陈批", "decided_at": NOW,
    }  # fmt: skip
    return Deviation(**{**given_, **more})


@pytest.mark.parametrize(("code", "change"), DEVIATING)
def test_a_deviation_blocks_until_somebody_has_decided_on_it(code: str, change: dict[str, Any]) -> None:
    """No reason cures it, an open deviation neither; a signed decision does, and stays in sight."""
    judged = evidence.assess(record(**change), NOW)
    [item] = [one for one in judged.exceptions if one.code == code]
    assert item.blocking
    with pytest.raises(Refusal, match="REL-001"):
        evidence.check_release(judged, "我们都同意")
    [found] = [one for one in evidence_deviations.undecided(judged.exceptions, record(**change)) if one.code == code]
    for outcome, blocking in (("", True), ("reject", True), ("rework", True), ("accept", False), ("unfounded", False)):
        one = record(**change, deviations=(decided(code, found.about, outcome),))
        [again] = [seen for seen in evidence.assess(one, NOW).exceptions if seen.code == code]
        assert again.blocking is blocking, outcome
        assert "DV-H-1-1" in again.zh
        assert code not in [
            seen.code for seen in evidence_deviations.undecided(evidence.assess(one, NOW).exceptions, one)
        ]


def test_what_must_be_reworked_blocks_until_work_was_done_again() -> None:
    rework = decided("", "", "rework", decided_at=NOW - timedelta(hours=2))
    assert codes(record(deviations=(rework,))) == ["EV-LOT-5"]
    assert evidence.assess(record(deviations=(rework,)), NOW).blocking == ()
    late = rework.model_copy(update={"decided_at": NOW})
    assert [one.code for one in evidence.assess(record(deviations=(late,)), NOW).blocking] == ["EV-LOT-5"]


EXCEPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("EV-METHOD-4", {"inspections": (inspection(1), inspection(2))}),
    ("EV-LOT-3", {"balance": record().balance.model_copy(update={"made": Decimal(51)})}),
]


@pytest.mark.parametrize(("code", "change"), EXCEPTIONS)
def test_an_exception_needs_a_reason(code: str, change: dict[str, Any]) -> None:
    assessment = evidence.assess(record(**change), NOW)
    assert [(one.code, one.blocking) for one in assessment.exceptions] == [(code, False)]
    for reason in (None, "", " \n"):
        with pytest.raises(Refusal, match="REL-002"):
            evidence.check_release(assessment, reason)
    evidence.check_release(assessment, "偏差已评估")


MISSING: list[tuple[str, Factor, str, dict[str, Any]]] = [
    ("EV-MAN-2", Factor.MAN, "op10", {"operations": (operation(people=()),)}),
    ("EV-MAN-4", Factor.MAN, "inspection", {"inspections": (inspection(inspector=None),)}),
    ("EV-METHOD-7", Factor.METHOD, "op10", {"operations": (operation(document=None),)}),
    ("EV-METHOD-21", Factor.METHOD, "op10", {"operations": (operation(document_version=None),)}),
    ("EV-METHOD-8", Factor.METHOD, "label", {"labels": None}),
    ("EV-METHOD-10", Factor.METHOD, "op10", {"operations": (operation(asked_parameters=("温度",)),)}),
    ("EV-METHOD-12", Factor.METHOD, "inspection", {"operations": (), "planned": ()}),
    ("EV-ENVIRONMENT-1", Factor.ENVIRONMENT, "op10", {"operations": (operation(readings=()),)}),
    ("EV-ENVIRONMENT-1", Factor.ENVIRONMENT, "op10", {"operations": (operation(asked_readings=("temperature",)),)}),
    ("EV-ENVIRONMENT-3", Factor.ENVIRONMENT, "op10", {"operations": (operation(readings=(LAST_YEAR,)),)}),
    ("EV-MACHINE-3", Factor.MACHINE, "op10", {"operations": (operation(machines=()),)}),
    ("EV-MACHINE-3", Factor.MACHINE, "op10", {"operations": (operation(equipment_kind="washer"),)}),
    (
        "EV-MACHINE-2",
        Factor.MACHINE,
        "op10",
        {
            "operations": (
                operation(
                    machines=(Machine(equipment_no="M-1", name="x", due_at=None, needs_calibration=True, kind="mill"),)
                ),
            )
        },
    ),
    ("EV-MATERIAL-5", Factor.MATERIAL, "incoming", {"parents": ()}),
    ("EV-MATERIAL-6", Factor.MATERIAL, "incoming", {"parents": (parent(expires_on=date(2026, 11, 20)),)}),
    ("EV-MATERIAL-7", Factor.MATERIAL, "incoming", {"bill": ()}),
    ("EV-MATERIAL-14", Factor.MATERIAL, "incoming", {"parents": (parent(quantity=None),)}),
    ("EV-MATERIAL-9", Factor.MATERIAL, "incoming", {"bill": (*BILL, BillLine(item_no="SCREW", quantity=Decimal(4)))}),
]


@proves("case 9")
@pytest.mark.parametrize(("code", "factor", "stage", "change"), MISSING)
def test_what_is_asked_for_and_not_recorded_is_an_exception_of_its_own_class(
    code: str, factor: Factor, stage: str, change: dict[str, Any]
) -> None:
    """Never “–”, never clean: listed before everything else, and the batch needs a reason to go on."""
    judged = evidence.assess(record(**change), NOW)
    assert judged.cell(factor, stage).mark is Mark.NOT_RECORDED
    assert judged.exceptions[0].missing
    assert code in [one.code for one in judged.exceptions if one.missing]
    assert not judged.clean
    with pytest.raises(Refusal, match=r"REL-00[12]"):
        evidence.check_release(judged, None)


def test_a_batch_of_which_nothing_is_recorded_is_not_clean() -> None:
    bare = operation(
        people=(), machines=(), readings=(), document=None, consumed=(), environment_needed=False, equipment_kind=None
    )
    found = codes(record(operations=(bare,), parents=(), bill=()))
    assert {"EV-MAN-2", "EV-METHOD-7", "EV-MATERIAL-5", "EV-MATERIAL-7"} <= set(found)


def test_what_nobody_asks_for_says_which_rule_leaves_it_out() -> None:
    plain = operation(machines=(), readings=(), environment_needed=False, equipment_kind=None)
    judged = evidence.assess(record(operations=(plain,)), NOW)
    assert judged.clean
    for factor in (Factor.MACHINE, Factor.ENVIRONMENT):
        cell = judged.cell(factor, "op10")
        assert cell.mark is Mark.NOT_APPLICABLE
        assert cell.zh
        assert cell.en


def test_an_earlier_failed_inspection_stays_in_sight_with_what_failed() -> None:
    bad = Result(
        name_zh="直径", name_en="Diameter", lower=None, upper=Decimal("12.05"), unit="mm", samples=1, failed=1, values=("12.50",)
    )  # fmt: skip
    judged = evidence.assess(record(inspections=(inspection(1, "failed", results=(bad,)), inspection(2))), NOW)
    assert [one.zh for one in judged.exceptions if one.code == "EV-METHOD-13"] == ["先前检验 FQC-1 不合格：直径 12.50"]


def test_one_good_person_does_not_hide_a_bad_one() -> None:
    people = (
        Person(name="王操", needed="machining", qualification="SOP v3"),
        Person(name="钱新", needed="machining", qualification=None),
        Person(name="李工", needed="machining", qualification="SOP v3"),
    )
    cell = evidence.assess(record(operations=(operation(people=people),)), NOW).cell(Factor.MAN, "op10")
    assert cell.mark is Mark.EXCEPTION


def test_the_newest_run_of_an_operation_counts() -> None:
    bad = operation(run_no=1, parameters=(HOT,))
    good = operation(run_no=2)
    assert codes(record(operations=(bad, good))) == codes(record(operations=(good, bad))) == []
    assert codes(record(operations=(good, bad.model_copy(update={"run_no": 3})))) == ["EV-METHOD-9"]


def test_a_lifted_hold_blocks_no_more() -> None:
    assert codes(record(holds=(HOLD.model_copy(update={"lifted_at": NOW, "lift_reason": "已查明"}),))) == []


def test_a_held_parent_is_named_once() -> None:
    issue = AncestorIssue(lot_no="R-1", depth=1, kind="hold", number="2026-11-21", title="投诉")
    assert codes(record(parents=(parent(held=True),), ancestor_issues=(issue,))) == ["EV-MATERIAL-1"]


CHANGES = [change for _, change in [*BLOCKING, *EXCEPTIONS, *DEVIATING]] + [change for *_, change in MISSING]


@given(some.lists(some.sampled_from(CHANGES), max_size=5))
def test_no_combination_of_faults_is_better_than_its_parts(changes: list[dict[str, Any]]) -> None:
    """Whatever comes together: what is missing comes first, then what blocks; every exception marks its cell."""
    together: dict[str, Any] = {}
    for change in changes:
        together.update(change)
    assessment = evidence.assess(record(**together), NOW)
    assert list(assessment.exceptions) == sorted(
        assessment.exceptions, key=lambda one: (not one.missing, not one.blocking)
    )
    for item in assessment.exceptions:
        assert assessment.cell(item.factor, item.stage).mark in {Mark.EXCEPTION, Mark.NOT_RECORDED}
        assert item.zh
        assert item.en
    blocking = [
        code
        for code, change in [*BLOCKING, *DEVIATING]
        if all(together.get(key) == value for key, value in change.items())
    ]
    assert bool(assessment.blocking) is bool(blocking)
    if blocking:
        with pytest.raises(Refusal, match="REL-001"):
            evidence.check_release(assessment, "reason")


DAYS = some.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS, some.sampled_from(("day", "month")))
def test_what_was_past_its_last_day_when_it_went_in_blocks_for_ever(end: date, day: date, precision: str) -> None:
    """By the plant's days, and by the last time that any of it went in, whatever today is."""
    late = datetime.combine(day, time(23, 59), ZoneInfo(PLANT))
    one = parent(expires_on=end, expiry_precision=precision, consumed_at=late)
    assessment = evidence.assess(record(parents=(one,), zone=PLANT), NOW)
    found = [one for one in assessment.exceptions if one.code == "EV-MATERIAL-4"]
    last = last_day(end, precision)
    assert bool(found) is (day > last)
    assert [(item.blocking, item.value, item.limit) for item in found] in ([], [(True, str(day), str(last))])


@given(DAYS, DAYS, some.sampled_from(("day", "month")))
def test_a_batch_is_released_until_the_end_of_its_last_day(end: date, today: date, precision: str) -> None:
    late = datetime.combine(today, time(23, 59), ZoneInfo(PLANT))
    # what it was made of ran out long ago, after it went in
    old = parent(expires_on=date(2020, 1, 1), consumed_at=datetime(2019, 12, 31, tzinfo=UTC))
    one = record(expires_on=end, expiry_precision=precision, parents=(old,), zone=PLANT)
    found = evidence.assess(one, late).exceptions
    last = last_day(end, precision)
    right = [("EV-LOT-4", True, str(today), str(last))] if today > last else []
    assert [(item.code, item.blocking, item.value, item.limit) for item in found] == right


def test_a_record_that_was_signed_before_expiry_was_in_it_is_still_read() -> None:
    text = record(parents=(parent(expires_on=date(2027, 1, 1)),)).model_dump(mode="json")
    del text["zone"], text["parents"][0]["expiry_precision"], text["parents"][0]["consumed_at"]
    old = evidence.assess(BatchRecord.model_validate(text), NOW)
    assert old.cell(Factor.MATERIAL, "incoming").mark is Mark.NOT_RECORDED


@proves("L 25")
def test_what_nobody_could_check_is_not_clean_and_is_released_only_with_a_reason() -> None:
    """An order from before orders froze their bill has nothing to check its consumption against."""
    judged = evidence.assess(record(bill=None), NOW)
    assert not judged.exceptions
    assert judged.cell(Factor.MATERIAL, "incoming").mark is Mark.NOT_CHECKED
    assert judged.cell(Factor.MATERIAL, "incoming").zh
    assert not judged.clean
    assert judged.open_points == evidence.OpenPoints(0, 1)
    for reason in (None, "", "  "):
        with pytest.raises(Refusal, match="REL-002"):
            evidence.check_release(judged, reason)
    evidence.check_release(judged, "按工艺单核对了投料")


@given(some.booleans(), some.booleans(), some.booleans(), some.booleans())
def test_clean_is_said_only_where_every_cell_is_passed_or_not_asked_for(
    people: bool, machines: bool, document: bool, bill: bool
) -> None:
    lacking: dict[str, Any] = {}
    if not people:
        lacking["people"] = ()
    if not machines:
        lacking["machines"] = ()
    if not document:
        lacking["document"] = None
    lines = {} if bill else {"bill": None}
    judged = evidence.assess(record(operations=(operation(**lacking),), **lines), NOW)
    good = all(cell.mark in {Mark.PASSED, Mark.NOT_APPLICABLE} for cell in judged.cells)
    assert judged.clean == good == (people and machines and document and bill)
    assert (judged.open_points.total == 0) == judged.clean
    if not judged.clean:
        with pytest.raises(Refusal, match=r"REL-00[12]"):
            evidence.check_release(judged, None)
