"""How the home with open work was made: what people had begun when it was stopped and brought forward.

Run it with the software of commit 35e206a on a home of its own, in front of `batchwright up` with the demo company and without
reference data (`REFERENCE_DATA` names an empty folder): `python -m tests.upgrade.open_work.play http://127.0.0.1:PORT` from the root
of this tree; then stop that home and write it down (`tests.upgrade.dump`).  The demo leaves an open task of most kinds; this adds
what it doesn't leave: an inspection with half its values, somebody at it and a draft; a hold; a recall at each of its steps, one of them with goods to fetch, customers to answer and deadlines of the law.
"""

import sys

from tests.upgrade.people import Plant, step

CAGES, SCREWS, AEDS, MODULES = "C-2611-02", "SC-26W46", "AED-2611-01", "MA-2611-01"
REASON = "医院投诉 2026-121"
APPROVAL = {"recall_class": "two", "hazard": "可能引起可逆的健康危害"}


def half_inspected(plant: Plant) -> None:
    """Half of the values are in, the inspector has taken the task and kept a draft of its form."""
    lot = {
        "lot_no": "UP-R1",
        "item_no": "PEEK-20",
        "quantity": "120",
        "location": "RCV-01",
        "supplier_no": "IV-S9002",
        "supplier_lot_no": "P88-UP",
        "expires_on": "2031-09",
    }
    plant["li.cang"].post("/lots", lot)
    inspector = plant["lin.jian"]
    task = inspector.task("UP-R1", "inspect")
    inspector.post(f"/tasks/{task['id']}/claim", {})
    values = [{"characteristic": 1, "sample_no": n, "passed": True} for n in (1, 2, 3)]
    inspector.post(f"/tasks/{task['id']}/results", {"values": values})
    inspector.post(f"/tasks/{task['id']}/draft", {"form": {"remark": "外观已检, 尺寸待测"}})


def held(plant: Plant) -> None:
    """A batch that waits for its inspection is held."""
    plant["wu.jingli"].post("/lots/R-2611-12/holds", {"reason": "来料包装破损, 待核实"})


def recalls(plant: Plant) -> None:
    """One at each step: reviewed, approved, held, told, and a drill that is held; the one of the demo waits for its review."""
    for mode, identifier, last in (
        ("recall", CAGES, "review_scope"),
        ("recall", SCREWS, "approve_scope"),
        ("drill", "P88-12", "approve_scope"),
        ("recall", SCREWS, "hold_all"),
        ("recall", AEDS, "notify"),
        ("recall", MODULES, "hold_all"),
    ):
        body = {"mode": mode, "identifiers": [identifier], "title": f"{identifier}: {last}", "reason": REASON}
        number = plant["sun.zhao"].post("/recalls", body)["data"]["recall_no"]
        step(plant, number, "sun.zhao", "review_scope", "freeze", sign=True)
        if last == "review_scope":
            continue
        step(plant, number, "wu.jingli", "approve_scope", "approve", sign=True, form=APPROVAL)
        if last == "approve_scope":
            continue
        step(plant, number, "sun.zhao", "hold_all")
        if last == "notify":
            step(plant, number, "sun.zhao", "notify")
            passed_on(plant, number)


def passed_on(plant: Plant, number: str) -> None:
    """The second customer answers and names to whom two pieces went: somebody of ours has to look at that."""
    second = plant["sun.zhao"].get(f"/recalls/{number}/notices")[1]
    answer = {
        "name": "采购部 周洁",
        "received": "5",
        "on_hand": "2",
        "used": "1",
        "will_return": "2",
        "passed_on": "2",
        "receivers": [{"name": "市第一医院", "quantity": "2", "email": "device@city-one.example"}],
    }
    plant["sun.zhao"].post(f"/recalls/{number}/notices/{second['id']}/answer", answer)


if __name__ == "__main__":
    here = Plant(sys.argv[1])
    for part in (half_inspected, held, recalls):
        part(here)
        print(part.__name__)  # noqa: T201 - a script's progress
