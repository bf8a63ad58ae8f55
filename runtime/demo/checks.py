"""What must be true of the headless demo's document; each sentence is one expectation that was not met."""

from collections.abc import Collection, Iterator
from typing import Any

from runtime.demo.aed import QUANTITY, Names

REFUSALS = 35
LEVELS = 3
SIGNED = 2
"""At least so many signatures stand under a CAPA when its actions are verified: of its plan, and of that."""
PAUSED = 2
"""So many batches wait for the change."""


def problems(document: dict[str, Any], names: Names) -> list[str]:
    """Everything that is not as it must be."""
    found: list[str] = []
    whole, known = "trace" in document, set[str]()
    if whole:
        found += [*_release(document), *_shipments(document, names), *_traces(document, names)]
        known = {f"lot/{names.device}", f"release/{names.device}/1"}
        if len(document["refusals"]) < REFUSALS:
            found.append(f"only {len(document['refusals'])} refusals")
    if "recall_drill" in document:
        found += _drill(document["recall_drill"], document.get("trace_of_supplier_lot"))
    if "events" in document:
        found += _events(document["events"])
    return [*found, *workflow_problems(document["workflows"], known, names if whole else None)]


def _release(document: dict[str, Any]) -> Iterator[str]:
    signatures = document["release"]["signatures"]
    if [one["name"] for one in signatures] != ["周审", "陈批"]:
        yield f"the release was signed by {[one['name'] for one in signatures]}"
    if len({one["person"] for one in signatures}) != 2 or len({one["meaning"] for one in signatures}) != 2:
        yield "the release lacks two different people with two meanings"
    if len({one["digest"] for one in signatures}) != 1:
        yield "the two signatures are not over one record"


def _shipments(document: dict[str, Any], names: Names) -> Iterator[str]:
    shipped = {one["shipment_no"]: sum(int(line["quantity"]) for line in one["lines"]) for one in document["shipments"]}
    wanted = {number: len(serials) for number, (_, serials) in names.sent.items()}
    if shipped != wanted:
        yield f"shipped {shipped}, not {wanted}"
    status = next((lot["status"] for lot in document["lots"] if lot["lot_no"] == names.device), None)
    if status != "released":
        yield f"{names.device} is {status}"


def _events(events: dict[str, Any]) -> Iterator[str]:
    """What happened by itself did so because of the right fact, and batches waited for the change and went on."""
    finding, case, change, facts = (events[one] for one in ("nonconformance", "capa", "change", "facts"))
    if (finding["cause"], case["cause"]) != ("inspection.failed", "nonconformance.closed"):
        yield f"the nonconformance came of {finding['cause']}, the CAPA of {case['cause']}"
    if not finding["owner"] or not finding["due"]:
        yield f"the nonconformance has the owner {finding['owner']} and the due date {finding['due']}"
    if case["effectiveness"]["result"] is not None or len(case["signatures"]) < SIGNED:
        yield f"the CAPA stands at {case}"
    if (
        change["locked"] != change["resumed"]
        or len(change["locked"]) < PAUSED
        or {*change["locked"]} & {*change["untouched"]}
    ):
        yield f"the change locked {change['locked']} and freed {change['resumed']}"
    doubt = events["out_of_tolerance"]
    if doubt["status"] != "closed" or not doubt["results"] or sum(doubt["decided"].values()) != doubt["results"]:
        yield f"the results of {doubt['instrument']} stand at {doubt}"
    alert = events["supplier_alert"]
    if (alert["cause"], alert["sampling"], alert["status"]) != ("supplier.drift", ["tightened", "normal"], "closed"):
        yield f"the alert stands at {alert}"
    if not facts["caused"] or facts["total"] != facts["caused"] + facts["not_caused"]:
        yield f"of the facts: {facts}"


def _drill(drill: dict[str, Any], trace: dict[str, Any] | None) -> Iterator[str]:
    """The drill is about what the trace of the supplier's lot says, and two people signed it."""
    if trace is not None and (drill["lots"], drill["customers"]) != (
        trace["counts"]["nodes"],
        trace["counts"]["customers"],
    ):
        yield f"the drill is about {drill['lots']} lots and {drill['customers']} customers"
    if (drill["status"], drill["complete"], drill["score"]) != ("closed", True, 100):
        yield f"the drill ended as {drill}"
    names = [one["name"] for one in drill["signatures"] if one["digest"] == drill["digest"]]
    if names != ["孙召", "吴经理"]:
        yield f"the scope of the drill was signed by {names}"


def _traces(document: dict[str, Any], names: Names) -> Iterator[str]:
    both, forward = document["trace"], document["trace_of_supplier_lot"]
    for name, trace in (("the batch", both), (names.supplier_lot, forward)):
        if not trace["complete"] or not trace["balanced"]:
            yield f"the trace of {name} has gaps: {trace['findings'][:3]}"
        got = sum(int(row["outstanding"]) for row in trace["customers"])
        if got != sum(len(serials) for _, serials in names.sent.values()):
            yield f"by the trace of {name}, customers have {got}"
    if {node["lot_no"] for node in forward["nodes"]} != {names.batteries, names.device}:
        yield f"{names.supplier_lot} leads to {[node['lot_no'] for node in forward['nodes']]}"
    if names.batteries not in {node["lot_no"] for node in both["nodes"]}:
        yield "the supplier's fresh lot is not among the ancestors"
    levels = {lot["level"] for lot in document["lots"] if lot["origin"] == "migrated"}
    if len(levels) < LEVELS:
        yield f"imported lots stand only at the levels {sorted(levels)}"
    used = {edge["parent"]: edge["quantity"] for edge in both["edges"] if edge["child"] == names.device}
    if set(used.values()) != {str(QUANTITY)}:
        yield f"the batch consumed {used}"


def workflow_problems(workflows: list[dict[str, str]], known: Collection[str], names: Names | None) -> list[str]:
    """Each known workflow is there; none failed; those of used-up batches, and what the record has called off, have ended.

    Who was sent for goods that are free again needn't go: the workflow is cancelled, or reads it in the record first.
    """
    called_off = [one["id"] for one in workflows if one["record"] == "cancelled"]
    ended = {*called_off, *((f"lot/{names.board}", f"lot/{names.module}") if names else ())}
    by_id = {
        one["id"]: "COMPLETED" if (one["status"], one["record"]) == ("CANCELED", "cancelled") else one["status"]
        for one in workflows
    }
    wrong = [f"Temporal has no workflow {one}" for one in sorted(set(known) - set(by_id))]
    for one, status in sorted(by_id.items()):
        if status not in {"RUNNING", "COMPLETED"}:
            wrong.append(f"workflow {one} is {status}")
        elif one in ended and status != "COMPLETED":
            wrong.append(f"workflow {one} still runs")
    return wrong
