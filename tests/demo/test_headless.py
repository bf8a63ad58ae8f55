"""`batchwright demo --json`, once, as people and acceptance checks run it: the main job on real servers of its own."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runtime.demo.checks import workflow_problems

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "demo", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=850,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)  # one document and nothing else
    return found


def test_two_people_released_the_same_record(document: dict[str, Any]) -> None:
    first, second = document["release"]["signatures"]
    assert document["release"]["lot_no"] == document["trace"]["identifier"]
    assert (first["name"], second["name"]) == ("周审", "陈批")
    assert first["person"] != second["person"]
    assert (first["meaning"], second["meaning"]) == ("reviewed", "approved")
    assert first["time"] < second["time"]
    assert first["digest"] == second["digest"]
    assert len(first["digest"]) == 64


def test_the_batch_was_made_of_imported_lots_of_three_levels_and_a_fresh_one(document: dict[str, Any]) -> None:
    imported = {lot["level"] for lot in document["lots"] if lot["origin"] == "migrated"}
    assert imported >= {1, 2, 3}
    assert any(lot["origin"] == "native" and lot["supplier_lot_no"] for lot in document["lots"])


def test_a_drill_goes_from_the_suppliers_lot_to_its_score(document: dict[str, Any]) -> None:
    drill, trace = document["recall_drill"], document["trace_of_supplier_lot"]
    assert (drill["lots"], drill["customers"]) == (trace["counts"]["nodes"], trace["counts"]["customers"])
    assert [one["name"] for one in drill["signatures"] if one["digest"] == drill["digest"]] == ["孙召", "吴经理"]
    assert drill["complete"]
    assert drill["status"] == "closed"
    assert 0 < drill["seconds_to_scope"] < 60
    assert drill["score"] == 100


def test_the_trace_is_complete_and_reaches_every_customer(document: dict[str, Any]) -> None:
    shipped = {one["shipment_no"]: one["lines"][0]["quantity"] for one in document["shipments"]}
    for trace in (document["trace"], document["trace_of_supplier_lot"]):
        assert trace["complete"]
        assert trace["balanced"]
        assert {row["customer"]: row["outstanding"] for row in trace["customers"]} == {
            one["customer"]: shipped[one["shipment_no"]] for one in document["shipments"]
        }
    assert document["trace_of_supplier_lot"]["direction"] == "forward"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("the inspector signs the release of what he inspected", "PRC-005"),
        ("one person signs twice", "PRC-005"),
        ("one person signs twice through a second account", "PRC-005"),
        ("one person signs twice through a delegation", "PRC-005"),
        ("sign with a wrong password", "SIG-002"),
        ("a fifth wrong password", "SIG-003"),
        ("sign a record that changed after it was shown", "SIG-004"),
        ("ship a batch that is not released", "LOT-002"),
        ("ship a held batch", "LOT-003"),
        ("ship more than is there", "STK-001"),
        ("consume an expired batch", "LOT-004"),
        ("consume a batch that is not inspected", "LOT-002"),
        ("use equipment past its calibration", "EQP-002"),
        ("work without the qualification", "OPR-006"),
        ("complete a task that another has claimed", "TASK-004"),
        ("send malformed JSON", "API-400"),
        ("use an Idempotency-Key for another request", "API-431"),
        ("trace 10,000 characters", "ID-002"),
    ],
)
def test_is_refused_and_leaves_the_record_alone(document: dict[str, Any], act: str, code: str) -> None:
    no = document["refusals"][act]
    assert no["code"] == code
    assert no["clause"]
    assert no["zh"]
    assert no["en"]
    assert no["record_unchanged"]


def test_temporal_knows_every_workflow_and_none_failed(document: dict[str, Any]) -> None:
    status = {one["id"]: one["status"] for one in document["workflows"]}
    # nobody goes for goods of a hold that was lifted at once: cancelled, ended by what it read in the record first, or never begun
    called_off = {one["id"] for one in document["workflows"] if one["record"] == "cancelled"}
    assert called_off <= {f"pull-held/{document['release']['lot_no']}/1"}
    assert {one for one in status if status[one] == "CANCELED"} <= called_off
    assert {status[one] for one in called_off} <= {"CANCELED", "COMPLETED"}
    assert set(status.values()) <= {"RUNNING", "COMPLETED", "CANCELED"}
    lot = document["release"]["lot_no"]
    assert status[f"release/{lot}/1"] == "COMPLETED"
    assert status[f"lot/{lot}"] == "RUNNING"
    assert {one["type"] for one in document["workflows"]} >= {
        "BatchLifecycle",
        "Inspection",
        "Release",
        "Act",
    }


@pytest.mark.parametrize(
    ("status", "record", "wrong"),
    [
        ("RUNNING", "cancelled", ["workflow pull-held/A/1 still runs"]),
        ("CANCELED", "cancelled", []),
        ("COMPLETED", "cancelled", []),
        ("CANCELED", "", ["workflow pull-held/A/1 is CANCELED"]),
        ("RUNNING", "", []),
    ],
)
def test_what_the_record_has_called_off_must_end(status: str, record: str, wrong: list[str]) -> None:
    seen = [{"id": "pull-held/A/1", "type": "Act", "status": status, "record": record}]
    assert workflow_problems(seen, ["pull-held/A/1"], None) == wrong


def test_it_found_nothing_wrong_itself(document: dict[str, Any]) -> None:
    assert document["problems"] == []
    assert document["seconds"] > 0


def test_a_failed_inspection_and_a_costly_finding_and_a_change_have_their_effects_by_themselves(
    document: dict[str, Any],
) -> None:
    events = document["events"]
    finding, case, change, facts = (events[one] for one in ("nonconformance", "capa", "change", "facts"))
    assert (finding["owner"], finding["cause"], case["cause"]) == (
        "吴经理",
        "inspection.failed",
        "nonconformance.closed",
    )
    assert datetime.fromisoformat(finding["due"]) > datetime.now(UTC)
    assert (case["status"], case["effectiveness"]["limit"], case["effectiveness"]["result"]) == ("open", "0", None)
    assert sorted(one["meaning"] for one in case["signatures"]) == ["approved", "verified"]
    assert change["impact"]["lots"] == len(change["locked"]) == 3
    assert (change["resumed"], change["status"]) == (change["locked"], "closed")
    assert not {*change["untouched"]} & {*change["locked"]}
    assert document["refusals"]["accept a batch that a change has paused"]["code"] == "CHG-001"
    doubt = events["out_of_tolerance"]
    assert (doubt["cause"], doubt["status"], doubt["decided"]) == (
        "calibration.out_of_tolerance",
        "closed",
        {"no_effect": doubt["results"]},
    )
    assert (doubt["results"], doubt["lots"], doubt["customers"]) == (12, 4, 0)
    alert = events["supplier_alert"]
    assert (alert["cause"], alert["rule"], alert["sampling"]) == ("supplier.drift", "WE-1", ["tightened", "normal"])
    assert [one["rule"] for one in alert["evidence"]] == ["WE-1", "CUSUM"] * 2
    assert facts["caused"] > 1
    assert facts["caused"] + facts["not_caused"] == facts["total"]
