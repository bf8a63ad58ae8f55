"""The pure rules of a breakdown: out of use from its moment to the signature, work under way gets a deviation, times out of use are counted once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as some

from models.breakdown import rules
from models.breakdown.floor import check_breakdown
from models.breakdown.rules import Out, Repaired, out_of_use
from models.definition.document import Definition
from models.equipment.rules import Down, Machine
from models.kernel.refusal import Refusal
from models.production.rules import past_work as past

ZONE = "Asia/Shanghai"
START = datetime(2026, 11, 1, tzinfo=UTC)
HOURS = some.integers(0, 300)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def machine(*downs: Down) -> Machine:
    return Machine("M-1", "machining_centre", True, False, None, None, downs=downs)


@given(HOURS, some.none() | some.integers(0, 50), HOURS, some.integers(0, 60))
@example(5, None, 3, 2)  # it broke down at the very end
@example(5, 2, 5, 1)  # and at the very beginning
@example(5, 2, 7, 1)  # back in use at the very beginning
def test_work_is_refused_found_or_free_as_it_lies_to_the_breakdown(
    since: int, lasts: int | None, began: int, took: int
) -> None:
    down = Down("BD-1", at(since), None if lasts is None else at(since + lasts))
    started, finished = at(began), at(began + took)
    inside = since <= began and (lasts is None or began < since + lasts)
    code = None
    try:
        past.check_machine_during(machine(down), (), (), started, finished, ZONE)
    except Refusal as no:
        code = no.code
    assert code == ("EQP-030" if inside else None)
    found = past.broke_down(machine(down), started, finished, ZONE)
    assert [one.about for one in found] == (["BD-1"] if began < since <= began + took else [])
    assert all((one.code, one.kind) == ("EQP-031", "deviation") for one in found)
    assert not (inside and found), "refused or found, never both"


@given(some.lists(some.tuples(HOURS, some.none() | HOURS), max_size=8), HOURS, HOURS)
def test_time_out_of_use_is_that_of_an_hour_by_hour_count(
    times: list[tuple[int, int | None]], first: int, length: int
) -> None:
    window = range(first, first + length)
    outs = [Out(at(since), None if until is None else at(max(since, until))) for since, until in times]
    hours = {
        hour
        for hour in window
        if any(since <= hour and (until is None or hour < max(since, until)) for since, until in times)
    }
    assert out_of_use(outs, at(first), at(first + length)) == timedelta(hours=len(hours))


DONE = Repaired("BD-1", "M-1", 7, at(5), "none")
CALIBRATION, QUALIFICATION = replace(DONE, again="calibration"), replace(DONE, again="qualification")


@pytest.mark.parametrize(
    ("done", "given", "code"),
    [
        (replace(DONE, at=None, by=None, again=None), (1, None, None, ""), "EQP-034"),
        (DONE, (7, None, None, ""), "EQP-037"),
        (DONE, (1, 7, None, ""), "EQP-037"),
        (DONE, (1, None, None, ""), None),
        (CALIBRATION, (1, None, None, "x"), "EQP-035"),
        (CALIBRATION, (1, None, (at(4), "passed"), ""), "EQP-035"),
        (CALIBRATION, (1, None, (at(6), "failed"), ""), "EQP-035"),
        (CALIBRATION, (1, None, (at(5), "passed"), ""), None),
        (QUALIFICATION, (1, None, None, "  "), "EQP-036"),
        (QUALIFICATION, (1, None, None, "OQ-12"), None),
    ],
)
def test_what_takes_it_back_into_use(done: Repaired, given: tuple[Any, ...], code: str | None) -> None:
    def ask() -> None:
        rules.check_back(done, *given)

    _says(ask, code)


def _says(ask: Callable[[], None], code: str | None) -> None:
    if code is None:
        ask()
        return
    with pytest.raises(Refusal) as no:
        ask()
    assert no.value.code == code


def test_reports_and_repairs_of_times_that_can_not_be() -> None:
    _says(lambda: rules.check_report("M-1", " ", at(1), None, ZONE), "EQP-032")
    _says(lambda: rules.check_report("M-1", "x", at(1), at(2), ZONE), "EQP-033")
    _says(lambda: rules.check_report("M-1", "x", at(2), at(2), ZONE), None)
    _says(lambda: rules.check_repair(at(1), at(2), ZONE), "EQP-039")


def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        (Path(__file__).parents[2] / "definitions" / "breakdown.yaml").read_text(encoding="utf-8")
    )
    return found


def test_no_draft_takes_equipment_back_by_one_person_or_without_quality() -> None:
    def codes(**more: Any) -> set[str]:
        text = _shipped()
        text["stages"][1] |= more
        return {one.code for one in check_breakdown(Definition.model_validate(text))}

    assert codes() == set()
    assert codes(not_same_as=[]) == {"FLR-061"}
    assert codes(kind="task") == {"FLR-060"}
