"""The company that `batchwright up` loads: killed half-way it goes on, and then every inbox has something real.

Without the reference data, so that the company stands on what ships with the project.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.demo.company import PASSWORD, PEOPLE
from runtime.demo.office import Office, RefusedError
from tests.support.stack import Up, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    home = Path(tempfile.mkdtemp(prefix="batchwright-loaded-"))
    with Up(home, ("-m", "cli", "up", "--port", "0"), {"REFERENCE_DATA": str(home / "nothing")}) as up:
        wait_for(lambda: _tasks(up), 120, "the first task")
        up.kill_supervisor()
        up.start()
        log = home / "logs" / "supervisor.log"
        wait_for(lambda: "is complete" in log.read_text(encoding="utf-8"), 240, "the end of loading")
        made = Office(up.api, PASSWORD)
        yield made
        made.close()
    shutil.rmtree(home, ignore_errors=True)


def _tasks(up: Up) -> bool:
    """Whether somebody can log in and finds a task."""
    office = Office(up.api, PASSWORD)
    try:
        return bool(office["zhou.shen"].get("/tasks", view="all")["items"])
    except (RefusedError, httpx.HTTPError):  # not founded yet, or the door is not open yet
        return False
    finally:
        office.close()


@pytest.fixture(scope="module")
def tasks(office: Office) -> dict[tuple[str, str], dict[str, Any]]:
    found = office["chen.pi"].get("/tasks", view="all", limit=200)["items"]
    return {(task["lot_no"], task["stage"]): task for task in found}


def test_everybody_of_the_cast_can_log_in(office: Office) -> None:
    assert {person.login: person.name for person in PEOPLE} == {
        person.login: office[person.login].name for person in PEOPLE
    }


def test_every_batch_stands_where_its_story_left_it(tasks: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert set(tasks) == {
        ("H-2611-04", "approve"),
        ("S-2611-19", "approve"),
        ("S-2611-20", "review"),
        ("H-2611-05", "review"),
        ("R-2611-12", "inspect"),
        ("R-2611-14", "inspect"),
        ("R-2611-13", "disposition"),
        ("S-2611-21", "packaging"),
        ("R-2611-15", "putaway"),
    }


def test_three_tasks_are_late_and_one_batch_is_held(tasks: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert {lot for (lot, _), task in tasks.items() if task["overdue"]} == {"H-2611-04", "R-2611-14", "S-2611-21"}
    assert {lot for (lot, _), task in tasks.items() if task["held"]} == {"H-2611-05"}


def test_one_release_has_exceptions_and_a_first_signature(
    office: Office, tasks: dict[tuple[str, str], dict[str, Any]]
) -> None:
    task = tasks["H-2611-04", "approve"]
    record = office["chen.pi"].get(f"/tasks/{task['id']}/record")
    assert {one["code"] for one in record["assessment"]["exceptions"]} == {"EV-ENVIRONMENT-9", "EV-METHOD-4"}
    assert [one["name"] for one in task["signatures"]] == ["周审"]
    assert record["why_not"] is None


def test_the_suppliers_lot_leads_to_the_hospitals(office: Office) -> None:
    trace = office["sun.zhao"].get("/trace/P88-12", direction="forward")
    assert trace["complete"]
    assert sorted(row["outstanding"] for row in trace["customers"]) == ["20", "8"]
