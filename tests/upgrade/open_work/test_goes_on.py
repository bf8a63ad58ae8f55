"""A home of commit 35e206a with open work is brought forward and goes on: its record, and the workflows that Temporal holds.

Nothing of it is made here: the record and Temporal's file are those of the old software (`play.py` says how they came about).
Everything is done over HTTP, by the people of before with the passwords of before.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.faults import ledger, workflows_after
from tests.support import histories
from tests.support.servers.stack import ROOT, wait_for
from tests.upgrade.open_work.conftest import Forward
from tests.upgrade.people import Plant, step

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(300)]

REASON = "升级后核对过批记录, 已评估"
APPROVAL = {"recall_class": "two", "hazard": "可能引起可逆的健康危害"}
OPEN = {
    "batch-lifecycle": 2,
    "confirm-receivers": 1,
    "final-inspection": 2,
    "incoming-inspection": 4,
    "nonconformance": 3,
    "pull-goods": 1,
    "recall": 7,
    "release": 4,
}
"""Open tasks by process, as the old software listed them."""


def test_what_was_under_way_replays_with_the_code_of_today(old_home: Path) -> None:
    """Asked before it is started, as somebody who brings a plant forward is told to."""
    command = [sys.executable, "-m", "cli", "check-replay", "--json", "--home", str(old_home)]
    asked = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    found = json.loads(asked.stdout)
    assert (asked.returncode, found["ok"], found["broken"]) == (0, True, []), asked.stderr
    assert found["open"] >= sum(OPEN.values())
    assert found["closed"] >= 20


def test_every_open_task_is_in_the_inbox_with_what_was_begun(forward: Forward) -> None:
    tasks = forward.people["lin.jian"].get("/tasks", view="all", limit=200)["items"]
    counted = {process: sum(one["process"] == process for one in tasks) for process in OPEN}
    assert counted == OPEN
    assert len(tasks) == sum(OPEN.values())
    begun = next(one for one in tasks if one["lot_no"] == "UP-R1")
    shown = forward.people["lin.jian"].get(f"/tasks/{begun['id']}")
    assert begun["assignee"] == "林检"
    assert shown["draft"] == {"remark": "外观已检, 尺寸待测"}


def test_a_half_inspected_batch_is_measured_accepted_and_put_away(forward: Forward) -> None:
    people = forward.people
    task = people["lin.jian"].task("UP-R1", "inspect")
    values = [{"characteristic": 2, "sample_no": n, "value": "20.00", "equipment_no": "G-17"} for n in (1, 2, 3)]
    people["lin.jian"].post(f"/tasks/{task['id']}/results", {"values": values})
    people["lin.jian"].complete(task, "accepted", sign=True)
    for lot_no in ("UP-R1", "R-2611-15"):
        people["li.cang"].complete(people["li.cang"].task(lot_no, "putaway"), form={"location": "RM-A1"})
        assert status(people, lot_no) == "released"


@pytest.mark.parametrize("lot_no", ["R-2611-13", "MB-2611-02"])
def test_a_failed_batch_is_rejected_and_its_nonconformance_decided(forward: Forward, lot_no: str) -> None:
    people = forward.people
    task = people["wu.jingli"].task(lot_no, "disposition")
    people["wu.jingli"].complete(task, "reject", sign=True, reason=REASON)
    decide = people["chen.pi"].task(lot_no, "decide")
    people["chen.pi"].complete(decide, "reject", sign=True, reason=REASON, form={"cause": "供方磨削余量不足"})
    assert status(people, lot_no) == "rejected"


def test_a_batch_is_packed_and_released_by_two(forward: Forward) -> None:
    people = forward.people
    form = {"packed_quantity": "800", "samples_kept": "0"}
    labels = {"labels_printed": 802, "labels_applied": 800, "labels_scrapped": 2}
    people["wang.cao"].complete(people["wang.cao"].task("S-2611-21", "packaging"), form={**form, **labels})
    released(people, "S-2611-21", reviewed=False)
    people["li.cang"].complete(people["li.cang"].task("S-2611-21", "putaway"), form={"location": "FG-A1"})
    shipment = {
        "shipment_no": "SHP-UP-1",
        "customer_no": "IV-C9101",
        "lines": [{"lot_no": "S-2611-21", "quantity": "800"}],
    }
    people["li.cang"].post("/shipments", shipment)
    assert status(people, "S-2611-21") == "closed"


def test_a_release_that_one_has_signed_needs_the_other_alone(forward: Forward) -> None:
    for lot_no in ("S-2611-19", "H-2611-04"):
        released(forward.people, lot_no, reviewed=True)
    released(forward.people, "S-2611-20", reviewed=False)
    signers = text(
        "select count(distinct s.person_id) from signature s join lot l on l.id = s.lot_id"
        " where l.lot_no = :lot and s.subject = 'release'"
    )
    with forward.engine.connect() as connection:
        for lot_no in ("S-2611-19", "H-2611-04", "S-2611-20"):
            assert connection.execute(signers, {"lot": lot_no}).scalar_one() == 2


def test_a_held_batch_is_freed_accepted_and_put_away(forward: Forward) -> None:
    people = forward.people
    (hold,) = [one for one in people["wu.jingli"].get("/lots/R-2611-12")["holds"] if one["lifted_at"] is None]
    shown = people["wu.jingli"].get(f"/holds/{hold['id']}/record")
    signature = {
        "password": people["wu.jingli"].password,
        "meaning": shown["meaning"],
        "digest": shown["digest"],
    }
    people["wu.jingli"].post(f"/holds/{hold['id']}/lift", {"reason": "包装完好", "signature": signature})
    task = people["lin.jian"].task("R-2611-12", "inspect")
    missing: list[dict[str, Any]] = [
        {"characteristic": 1, "sample_no": 3, "passed": True},
        {"characteristic": 2, "sample_no": 3, "value": "20.00", "equipment_no": "G-17"},
    ]
    people["lin.jian"].post(f"/tasks/{task['id']}/results", {"values": missing})
    people["lin.jian"].complete(task, "accepted", sign=True)
    people["li.cang"].complete(people["li.cang"].task("R-2611-12", "putaway"), form={"location": "RM-A1"})
    assert status(people, "R-2611-12") == "released"


def test_an_order_that_was_begun_goes_on(forward: Forward) -> None:
    people, now = forward.people, datetime.now(UTC)
    done: dict[str, Any] = {
        "seq": 10,
        "started_at": (now - timedelta(seconds=2)).isoformat(),
        "finished_at": (now - timedelta(seconds=1)).isoformat(),
        "people": ["wang.cao"],
        "equipment": ["M-07"],
        "location": "LINE-2",
    }
    people["wang.cao"].post("/work-orders/WO-SC-2611-31/operations", done)
    assert people["wang.cao"].get("/work-orders/WO-SC-2611-31")["order"]["done"] == 1


def test_recalls_go_on_from_each_of_their_steps(forward: Forward) -> None:
    people = forward.people
    step(people, "RC-2026-001", "sun.zhao", "review_scope", "freeze", sign=True)
    for number in ("RC-2026-001", "RC-2026-002"):
        step(people, number, "wu.jingli", "approve_scope", "approve", sign=True, form=APPROVAL)
    for number in ("RC-2026-001", "RC-2026-002", "RC-2026-003", "RD-2026-002"):
        step(people, number, "sun.zhao", "hold_all")
    for number in ("RC-2026-001", "RC-2026-002", "RC-2026-003", "RC-2026-004", "RC-2026-006", "RD-2026-002"):
        step(people, number, "sun.zhao", "notify")
    open_now = {
        number: [
            one["stage"] for one in people["sun.zhao"].get(f"/recalls/{number}")["tasks"] if one["status"] == "open"
        ]
        for number in ("RC-2026-001", "RC-2026-002", "RC-2026-003", "RC-2026-004", "RC-2026-006", "RD-2026-002")
    }
    assert all("follow_up" in stages for stages in open_now.values()), open_now


def test_goods_that_somebody_was_sent_for_are_brought_back(forward: Forward) -> None:
    people = forward.people
    (errand,) = people["sun.zhao"].get("/recalls/RC-2026-006/pulls")
    people["li.cang"].complete({"id": errand["task"]}, form={"found": "20", "location": "QA-01"})
    (after,) = people["sun.zhao"].get("/recalls/RC-2026-006/pulls")
    assert (after["status"], after["found"]) == ("done", "20.000000")


def test_a_recall_whose_customers_were_told_is_brought_to_its_end(forward: Forward) -> None:
    people, number = forward.people, "RC-2026-005"
    coordinator = people["sun.zhao"]
    (listed,) = [
        one
        for one in coordinator.get("/tasks", view="all", limit=200)["items"]
        if (one["recall_no"], one["stage"]) == (number, "confirm")
    ]
    coordinator.complete(listed, "confirm")
    for notice in coordinator.get(f"/recalls/{number}/notices"):
        if notice["status"] == "open":
            quantity = notice["shipped"]
            answer = {"name": "王医生", "received": quantity, "on_hand": "0", "used": quantity, "will_return": "0"}
            coordinator.post(f"/recalls/{number}/notices/{notice['id']}/answer", answer)
    told = coordinator.get(f"/recalls/{number}/notices")
    assert [one["status"] for one in told if one["status"] == "open"] == []
    assert "市第一医院" in {one["customer"] for one in told}


def test_nothing_is_stuck_and_nothing_is_said_twice(forward: Forward) -> None:
    with forward.engine.connect() as connection:
        undelivered = text("select count(*) from outbox where delivered_at is null")
        wait_for(lambda: connection.execute(undelivered).scalar_one() == 0, 60, "everything told")
        for why, sql in ledger.WRONG.items():
            assert connection.execute(text(sql)).all() == [], why
        faults = connection.execute(text("select count(*) from act_fault where settled_at is null"))
        assert faults.scalar_one() == 0


async def test_no_workflow_of_before_failed_at_its_work(forward: Forward) -> None:
    client = await workflows_after.connect(forward.up.document()["temporal_address"])
    written = await histories.fetch_all(client, set())
    assert len(written) > 50
    assert [why for one in written for why in histories.failed_tasks(one)] == []
    await histories.replay(written)


def status(people: Plant, lot_no: str) -> str:
    """What a batch is in now."""
    lot = people["lin.jian"].get(f"/lots/{lot_no}")
    return str(lot.get("lot", lot)["status"])


def released(people: Plant, lot_no: str, *, reviewed: bool) -> None:
    """The signatures that are missing."""
    if not reviewed:
        people["zhou.shen"].complete(people["zhou.shen"].task(lot_no, "review"), "release", sign=True, reason=REASON)
    people["chen.pi"].complete(people["chen.pi"].task(lot_no, "approve"), "release", sign=True, reason=REASON)
    assert status(people, lot_no) == "released"
