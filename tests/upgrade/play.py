"""How the home of November was made: what people did through its API before `make_dump.py` wrote its record down.

Run it with the old software (commit 1f50d07) on a home of its own, in front of `batchwright up` with the demo company
and without reference data (`REFERENCE_DATA` names an empty folder): `python -m tests.upgrade.play http://127.0.0.1:PORT`
from the root of this tree.  What it leaves: releases with one signature, holds, a recall of class
I that holds nothing yet, one whose customers were told, a drill; batch numbers that fold alike or have strokes in them, a
place where different goods lie; people with passwords that an administrator set, and deputies.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.upgrade.people import Person, Plant, step

TEMPORARY, OWN = "welcome aboard 1", "my own words 2026"
POLYMER = "IV-S9002"
CAGES = "C-2611-02"


def numbers(plant: Plant) -> None:
    """Three spellings of one batch number, and strokes and signs that people do print."""
    plant["zhao.liu"].post("/locations", {"code": "MIX-01", "name": "混放区", "site": "SZ"})
    for lot_no in ("Q7-0042", "q7-0042", "Q7 0042", "AB/0643", "R#12+3"):
        body = {
            "lot_no": lot_no,
            "item_no": "PEEK-20",
            "quantity": "10",
            "location": "MIX-01",
            "supplier_no": POLYMER,
            "supplier_lot_no": f"L/{lot_no}",
            "expires_on": "2031-09",
        }
        plant["li.cang"].post("/lots", body)


def mixed(plant: Plant) -> None:
    """One of them is accepted and lies beside those that wait."""
    tasks = [
        one for one in plant["lin.jian"].get("/tasks", view="all", limit=200)["items"] if one["lot_no"] == "AB/0643"
    ]
    values: list[dict[str, Any]] = [{"characteristic": 1, "sample_no": n, "passed": True} for n in (1, 2, 3)]
    values += [{"characteristic": 2, "sample_no": n, "value": "12.00", "equipment_no": "G-17"} for n in (1, 2, 3)]
    plant["lin.jian"].post(f"/tasks/{tasks[0]['id']}/results", {"values": values})
    plant["lin.jian"].complete(tasks[0], "accepted", sign=True)
    away = [one for one in plant["li.cang"].get("/tasks", view="all", limit=200)["items"] if one["lot_no"] == "AB/0643"]
    plant["li.cang"].complete(away[0], form={"location": "MIX-01"})


def holds(plant: Plant) -> None:
    """Two more batches are held."""
    for lot_no in ("R-2611-12", "Q7 0042"):
        plant["wu.jingli"].post(f"/lots/{lot_no}/holds", {"reason": "来料包装破损, 待核实"})


def recalls(plant: Plant) -> None:
    """One of class I that holds nothing yet, one whose customers were told, and a drill before its hold."""
    for mode, identifier, title, last in (
        ("recall", CAGES, "一级召回: 灭菌失效", "approve_scope"),
        ("recall", "AED-2611-01", "二级召回: 电池鼓包", "notify"),
        ("drill", "P88-12", "演练: 供方批号", "approve_scope"),
    ):
        body = {"mode": mode, "identifiers": [identifier], "title": title, "reason": "医院投诉 2026-121"}
        number = plant["sun.zhao"].post("/recalls", body)["data"]["recall_no"]
        step(plant, number, "sun.zhao", "review_scope", "freeze", sign=True)
        form = {"recall_class": "one" if last == "approve_scope" else "two", "hazard": "可能引起严重感染"}
        step(plant, number, "wu.jingli", "approve_scope", "approve", sign=True, form=form)
        if last == "notify":
            step(plant, number, "sun.zhao", "hold_all")
            step(plant, number, "sun.zhao", "notify")


def people(plant: Plant) -> None:
    """One who has changed the password that he was given, one who hasn't, one whose password was reset."""
    admin = plant["admin"]
    made = {}
    for name, login in (("冯审", "feng.shen"), ("褚检", "chu.jian")):
        body = {"name": name, "login": login, "temporary": TEMPORARY}
        made[login] = admin.post("/people", body)["id"]
    for login, role in (("feng.shen", "qa_reviewer"), ("feng.shen", "qa_approver"), ("chu.jian", "inspector")):
        admin.post(f"/people/{made[login]}/roles", {"role": role, "reason": "入职"})
    Person(plant.address, "feng.shen", TEMPORARY).post("/auth/change-password", {"current": TEMPORARY, "new": OWN})
    admin.post("/accounts/zhou.shen/reset-password", {"temporary": TEMPORARY, "reason": "忘记密码"})
    now = datetime.now(UTC)
    away = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(days=3650)).isoformat(), "reason": "年假"}
    for deputy in ("wu.jingli", "li.cang"):  # the second has no role that signs: nobody asked then
        plant["chen.pi"].post("/me/delegations", {"to": deputy, **away})


if __name__ == "__main__":
    here = Plant(sys.argv[1])
    for part in (numbers, mixed, holds, recalls, people):
        part(here)
        print(part.__name__)  # noqa: T201 - a script's progress
