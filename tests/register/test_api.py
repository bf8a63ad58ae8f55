"""Master data: who may write it, numbers that are taken, identifiers that scanners reject (REQ 1, 19, 95)."""

from collections.abc import Callable
from typing import Any

import pytest

Login = Callable[..., Any]
ITEM = {"item_no": "HS-1214", "name": "髋关节柄 12/14", "kind": "finished", "implantable": True}


def test_an_item_with_its_identifier_is_found_again(as_: Login) -> None:
    owner = as_("zhao.liu")
    made = owner.post("/items", ITEM | {"identifiers": [{"code": "888480539391"}]})
    assert made.status_code == 201, made.text
    assert made.json()["identifiers"][0]["code"] == "00888480539391"
    assert made.json()["implantable"] is True
    reader = as_("wang.cao")
    assert reader.get("/items/HS-1214").json() == made.json()
    assert [row["item_no"] for row in reader.get("/items?q=髋&kind=finished").json()["items"]] == ["HS-1214"]
    assert reader.get("/items?q=100%25").json()["items"] == [], "a per cent sign is only a per cent sign"


def test_a_taken_number_an_alien_identifier_and_a_wrong_check_digit(as_: Login) -> None:
    owner = as_("zhao.liu")
    owner.post("/items", ITEM | {"identifiers": [{"code": "00888480539391"}]})
    assert owner.post("/items", ITEM).json()["code"] == "MST-001"
    other = ITEM | {"item_no": "OTHER"}
    assert owner.post("/items", other | {"identifiers": [{"code": "888480539391"}]}).json()["code"] == "MST-004"
    wrong = owner.post("/items", other | {"identifiers": [{"code": "00888480539392"}]}).json()
    assert (wrong["code"], wrong["params"]["right"]) == ("MST-003", "1")
    assert owner.post("/items", other | {"identifiers": [{"code": "ABC"}]}).json()["code"] == "MST-007"
    assert owner.get("/items/OTHER").json()["code"] == "MST-002", "nothing half-written"


@pytest.mark.parametrize(
    ("number", "code"), [("", "ID-001"), ("   ", "ID-001"), ("x" * 10_000, "ID-002"), ("L-😀", "ID-003")]
)
def test_numbers_that_nobody_could_look_for(as_: Login, number: str, code: str) -> None:
    owner = as_("zhao.liu")
    answer = owner.post("/items", ITEM | {"item_no": number})
    assert answer.status_code == 422
    assert answer.json()["code"] == code or answer.json()["problems"][0]["field"] == "item_no"
    if number.strip():
        assert owner.get(f"/items/{number}").json()["code"] == code


def test_a_reader_may_not_write(as_: Login) -> None:
    for path in ("/items", "/suppliers", "/customers", "/equipment", "/locations"):
        assert as_("wang.cao").get(path).status_code == 200
        assert as_("wang.cao").post(path, {}).json()["code"] == "AUTH-005"


def test_suppliers_and_what_they_call_our_items(as_: Login) -> None:
    owner = as_("zhao.liu")
    owner.post("/items", ITEM)
    assert owner.post("/suppliers", {"supplier_no": "S/1", "name": "甲"}).status_code == 201
    named = owner.post("/suppliers/S%2F1/items", {"item_no": "HS-1214", "supplier_item_no": "P-88"})
    assert named.status_code == 201, "a slash in a number is a character like others"
    assert owner.get("/suppliers/S%2F1").json()["name"] == "甲"
    owner.post("/suppliers", {"supplier_no": "S-2", "name": "乙"})
    assert owner.post("/suppliers/S-2/items", {"item_no": "HS-1214", "supplier_item_no": "P-88"}).status_code == 201
    blocked = owner.post("/suppliers/S-2/status", {"status": "blocked", "reason": "三次不合格"})
    assert blocked.json()["status"] == "blocked"
    assert [row["supplier_no"] for row in owner.get("/suppliers?status=blocked").json()["items"]] == ["S-2"]


def test_customers_come_in_pages(as_: Login) -> None:
    owner = as_("zhao.liu")
    for number in ("C-3", "C-1", "C-2"):
        owner.post("/customers", {"customer_no": number, "name": f"医院 {number}"})
    first = owner.get("/customers?limit=2").json()
    assert [row["customer_no"] for row in first["items"]] == ["C-1", "C-2"]
    second = owner.get("/customers?limit=2&cursor=" + first["next"]).json()
    assert [row["customer_no"] for row in second["items"]] == ["C-3"]
    assert second["next"] is None
    assert owner.get("/customers/C-1").json()["name"] == "医院 C-1"


def test_a_customers_level_in_the_chain_is_said_with_a_reason_and_may_be_unknown(as_: Login) -> None:
    owner = as_("zhao.liu")
    assert owner.post("/customers", {"customer_no": "C-1", "name": "医院"}).json()["level"] is None
    assert (
        owner.post("/customers", {"customer_no": "C-2", "name": "经销商", "level": "wholesale"}).json()["level"]
        == "wholesale"
    )
    assert owner.post("/customers", {"customer_no": "C-3", "name": "x", "level": "pharmacy"}).status_code == 422
    assert owner.post("/customers/C-1/level", {"level": "user"}).status_code == 422, "nobody said why"
    said = owner.post("/customers/C-1/level", {"level": "user", "reason": "核对许可证"})
    assert (said.status_code, said.json()["level"]) == (200, "user")
    assert [one["customer_no"] for one in owner.get("/customers?level=wholesale").json()["items"]] == ["C-2"]
    back = owner.post("/customers/C-1/level", {"level": "unknown", "reason": "许可证已过期"})
    assert back.json()["level"] is None
    assert [one["customer_no"] for one in owner.get("/customers?level=unknown").json()["items"]] == ["C-1"]
    assert owner.post("/customers/C-9/level", {"level": "user", "reason": "x"}).json()["code"] == "MST-002"
    refused = as_("wang.cao").post("/customers/C-1/level", {"level": "user", "reason": "x"})
    assert refused.json()["code"] == "AUTH-005"


def test_a_customer_whose_country_nobody_knew_is_told_one_with_a_reason(as_: Login) -> None:
    owner = as_("zhao.liu")
    assert owner.post("/customers", {"customer_no": "C-71", "name": "医院"}).json()["country"] is None
    unknown = [one["customer_no"] for one in owner.get("/customers?country=unknown&q=C-71").json()["items"]]
    assert unknown == ["C-71"]
    for wrong in ({"country": "DE"}, {"country": "Germany", "reason": "x"}, {"country": "unknown", "reason": "x"}):
        assert owner.post("/customers/C-71/country", wrong).status_code == 422, wrong
    said = owner.post("/customers/C-71/country", {"country": "DE", "reason": "核对合同"})
    assert (said.status_code, said.json()["country"]) == (200, "DE")
    assert owner.get("/customers?country=unknown&q=C-71").json()["items"] == []
    assert [one["customer_no"] for one in owner.get("/customers?country=DE").json()["items"]] == ["C-71"]


def test_equipment_is_usable_until_its_calibration_is_due(as_: Login) -> None:
    owner = as_("zhao.liu")
    assert owner.get("/equipment/G-17").json()["equipment"]["usable"] is True
    assert owner.get("/equipment/G-18").json()["equipment"]["usable"] is False, "overdue"
    made = owner.post("/equipment", {"equipment_no": "G-19", "name": "卡尺", "kind": "caliper", "location": "QA-01"})
    assert made.json()["equipment"]["usable"] is False, "never calibrated"
    period = {"performed_at": "2026-01-01T00:00:00+08:00", "due_at": "2099-01-01T00:00:00+08:00"}
    done = owner.post("/equipment/G-19/calibrations", period | {"certificate": "CAL-1"})
    assert done.json()["equipment"]["usable"] is True
    failed = owner.post("/equipment/G-19/calibrations", period | {"result": "failed"})
    assert (failed.status_code, failed.json()["code"]) == (409, "EQP-008"), "what was found is signed"
    assert len(owner.get("/equipment/G-19").json()["calibrations"]) == 1
    backwards = period | {"due_at": "2025-01-01T00:00:00+08:00"}
    assert owner.post("/equipment/G-19/calibrations", backwards).json()["code"] == "MST-005"
    future = period | {"performed_at": "2098-01-01T00:00:00+08:00"}
    assert owner.post("/equipment/G-19/calibrations", future).json()["code"] == "MST-006"
    out = owner.post("/equipment/G-17/status", {"status": "out_of_service", "reason": "摔落"})
    assert out.json()["equipment"]["usable"] is False
    kinds = {row["kind"] for row in owner.get("/equipment?kind=caliper").json()["items"]}
    assert kinds == {"caliper"}


def test_places_lie_within_places(as_: Login) -> None:
    owner = as_("zhao.liu")
    made = owner.post("/locations", {"code": "FG-A1-01", "name": "一层", "parent": "FG-A1", "site": "SZ"})
    assert (made.json()["parent"], made.json()["site"]) == ("FG-A1", "SZ")
    assert owner.post("/locations", {"code": "X", "name": "x", "parent": "nowhere"}).json()["code"] == "MST-002"
    assert [row["code"] for row in owner.get("/locations?q=FG-A1").json()["items"]] == ["FG-A1", "FG-A1-01"]


def test_an_item_of_which_nobody_says_whether_it_is_an_implant_is_undecided(as_: Login) -> None:
    owner = as_("zhao.liu")
    given = {name: value for name, value in ITEM.items() if name != "implantable"}
    assert owner.post("/items", given).json()["implantable"] is None
    assert [row["item_no"] for row in owner.get("/items?undecided=true").json()["items"]] == ["HS-1214"]
    decided = owner.post("/items/HS-1214/implantable", {"implantable": False, "reason": "器械说明书"})
    assert decided.json()["implantable"] is False
