"""What must be true of the headless demo's document; each sentence is one expectation that was not met."""

from collections.abc import Collection, Iterator
from typing import Any

from runtime.demo.aed import BATTERIES, BOARD, DEVICE, MODULE, QUANTITY, SHIPMENTS, SUPPLIER_LOT

REFUSALS = 35
LEVELS = 3
ENDED = {f"lot/{BOARD}", f"lot/{MODULE}"}
"""Used up by the batch, so that their lives are over."""


def problems(document: dict[str, Any]) -> list[str]:
    """Everything that is not as it must be."""
    return [
        *_release(document),
        *_shipments(document),
        *_traces(document),
        *_drill(document["recall_drill"], document["trace_of_supplier_lot"]),
        *workflow_problems(document["workflows"], {f"lot/{DEVICE}", f"release/{DEVICE}/1"}),
        *([] if len(document["refusals"]) >= REFUSALS else [f"only {len(document['refusals'])} refusals"]),
    ]


def _release(document: dict[str, Any]) -> Iterator[str]:
    signatures = document["release"]["signatures"]
    if [one["name"] for one in signatures] != ["周审", "陈批"]:
        yield f"the release was signed by {[one['name'] for one in signatures]}"
    if len({one["person"] for one in signatures}) != 2 or len({one["meaning"] for one in signatures}) != 2:
        yield "the release lacks two different people with two meanings"
    if len({one["digest"] for one in signatures}) != 1:
        yield "the two signatures are not over one record"


def _shipments(document: dict[str, Any]) -> Iterator[str]:
    shipped = {one["shipment_no"]: sum(int(line["quantity"]) for line in one["lines"]) for one in document["shipments"]}
    wanted = {number: len(serials) for number, (_, serials) in SHIPMENTS.items()}
    if shipped != wanted:
        yield f"shipped {shipped}, not {wanted}"
    status = next((lot["status"] for lot in document["lots"] if lot["lot_no"] == DEVICE), None)
    if status != "released":
        yield f"{DEVICE} is {status}"


def _drill(drill: dict[str, Any], trace: dict[str, Any]) -> Iterator[str]:
    """The drill is about what the trace of the supplier's lot says, and two people signed it."""
    if (drill["lots"], drill["customers"]) != (trace["counts"]["nodes"], trace["counts"]["customers"]):
        yield f"the drill is about {drill['lots']} lots and {drill['customers']} customers"
    if (drill["status"], drill["complete"], drill["score"]) != ("closed", True, 100):
        yield f"the drill ended as {drill}"
    names = [one["name"] for one in drill["signatures"] if one["digest"] == drill["digest"]]
    if names != ["孙召", "吴经理"]:
        yield f"the scope of the drill was signed by {names}"


def _traces(document: dict[str, Any]) -> Iterator[str]:
    both, forward = document["trace"], document["trace_of_supplier_lot"]
    for name, trace in (("the batch", both), (SUPPLIER_LOT, forward)):
        if not trace["complete"] or not trace["balanced"]:
            yield f"the trace of {name} has gaps: {trace['findings'][:3]}"
        got = sum(int(row["outstanding"]) for row in trace["customers"])
        if got != sum(len(serials) for _, serials in SHIPMENTS.values()):
            yield f"by the trace of {name}, customers have {got}"
    if {node["lot_no"] for node in forward["nodes"]} != {BATTERIES, DEVICE}:
        yield f"{SUPPLIER_LOT} leads to {[node['lot_no'] for node in forward['nodes']]}"
    if BATTERIES not in {node["lot_no"] for node in both["nodes"]}:
        yield "the supplier's fresh lot is not among the ancestors"
    levels = {lot["level"] for lot in document["lots"] if lot["origin"] == "migrated"}
    if len(levels) < LEVELS:
        yield f"imported lots stand only at the levels {sorted(levels)}"
    used = {edge["parent"]: edge["quantity"] for edge in both["edges"] if edge["child"] == DEVICE}
    if set(used.values()) != {str(QUANTITY)}:
        yield f"the batch consumed {used}"


def workflow_problems(workflows: list[dict[str, str]], known: Collection[str]) -> list[str]:
    """Each known workflow is there; none failed; those of used-up batches have ended."""
    by_id = {one["id"]: one["status"] for one in workflows}
    wrong = [f"Temporal has no workflow {one}" for one in sorted(set(known) - set(by_id))]
    for one, status in sorted(by_id.items()):
        if status not in {"RUNNING", "COMPLETED"}:
            wrong.append(f"workflow {one} is {status}")
        elif one in ENDED and status != "COMPLETED":
            wrong.append(f"workflow {one} still runs")
    return wrong
