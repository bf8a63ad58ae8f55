"""The company that `batchwright up` loads: killed half-way it goes on, and then every inbox has something real.

Without the reference data, so that the company stands on what ships with the project.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from runtime.demo.company import PASSWORD, PEOPLE
from runtime.demo.office import Office, RefusedError
from runtime.demo.stories import CASE, PALLET
from tests.support.stack import ROOT, Up, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="batchwright-loaded-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def office(home: Path) -> Iterator[Office]:
    with Up(home, ("-m", "cli", "up", "--port", "0"), {"REFERENCE_DATA": str(home / "nothing")}) as up:
        wait_for(lambda: _tasks(up), 240, "the first task")
        up.kill_supervisor()
        up.start()
        log = home / "logs" / "supervisor.log"
        wait_for(lambda: "is complete" in log.read_text(encoding="utf-8"), 240, "the end of loading")
        made = Office(up.api, PASSWORD)
        yield made
        made.close()


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


RECALL = f"RC-{datetime.now(ZoneInfo('Asia/Shanghai')).year}-001"


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
        ("R-2611-13", "decide"),
        ("S-2611-21", "packaging"),
        ("R-2611-15", "putaway"),
        (RECALL, "review_scope"),
    }


def test_a_drill_is_closed_and_a_recall_has_begun(office: Office) -> None:
    recalls = {one["mode"]: one for one in office["sun.zhao"].get("/recalls")["items"]}
    assert (recalls["drill"]["status"], recalls["drill"]["points"], recalls["drill"]["customers"]) == ("closed", 100, 2)
    assert (recalls["recall"]["stage"], recalls["recall"]["lots"], recalls["recall"]["complete"]) == (
        "review_scope", 1, True,
    )  # fmt: skip


def test_three_tasks_are_late_and_one_batch_is_held(tasks: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert {lot for (lot, _), task in tasks.items() if task["overdue"]} == {"H-2611-04", "R-2611-14", "S-2611-21"}
    assert {lot for (lot, _), task in tasks.items() if task["held"]} == {"H-2611-05"}


def test_one_release_has_exceptions_and_a_first_signature(
    office: Office, tasks: dict[tuple[str, str], dict[str, Any]]
) -> None:
    task = tasks["H-2611-04", "approve"]
    record = office["chen.pi"].get(f"/tasks/{task['id']}/record")
    assert {one["code"] for one in record["assessment"]["exceptions"]} == {
        "EV-ENVIRONMENT-9",
        "EV-METHOD-4",
        "EV-METHOD-13",
        "EV-LOT-5",  # an inspection failed before one passed; its nonconformance is decided
    }
    assert [one["name"] for one in task["signatures"]] == ["周审"]
    assert record["why_not"] is None


def test_the_suppliers_lot_leads_to_the_hospitals(office: Office) -> None:
    trace = office["sun.zhao"].get("/trace/P88-12", direction="forward")
    assert trace["complete"]
    assert sorted(row["outstanding"] for row in trace["customers"]) == ["20", "8"]


def test_a_pallet_is_found_by_its_label(office: Office) -> None:
    [hit] = office["sun.zhao"].get("/resolve", text=f"(00){PALLET}")["hits"]
    assert hit["kind"] == "logistic_unit"
    contents = office["sun.zhao"].get(f"/logistic-units/{PALLET}")["contents"]
    assert [one["unit_no"] for one in contents["units"]] == [CASE]
    trace = office["sun.zhao"].get(f"/trace/{PALLET}", direction="backward")
    assert "R-2611-07" in [node["lot_no"] for node in trace["nodes"]]


def test_a_drill_begins_on_the_command_line(office: Office, home: Path) -> None:
    trace = office["sun.zhao"].get("/trace/P88-12", direction="forward")
    ran = subprocess.run(
        [sys.executable, "-m", "cli", "recall-drill", "P88-12", "--json", "--home", str(home)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    drill = json.loads(ran.stdout)
    assert (drill["lots"], drill["customers"], drill["complete"]) == (trace["counts"]["nodes"], 2, True)
    seen = office["sun.zhao"].get(f"/recalls/{drill['no']}")
    assert (seen["row"]["mode"], seen["row"]["opened_by"], seen["row"]["stage"]) == (
        "drill", "Batchwright", "review_scope",
    )  # fmt: skip
    assert seen["versions"][0]["digest"] == drill["digest"]
    nowhere = subprocess.run(
        [sys.executable, "-m", "cli", "recall-drill", "没有这个批号", "--home", str(home)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert nowhere.returncode == 1
    assert "TRC-001" in nowhere.stderr
