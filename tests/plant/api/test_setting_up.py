"""Setting up a plant over the API: numbers given once, plans with versions, and what the first batch lacks (DESIGN 12)."""

from collections.abc import Callable
from typing import Any

import pytest

Login = Callable[..., Any]
ITEM = {"item_no": "HS-1214", "name": "髋关节柄 12/14", "kind": "finished"}
LOOK = {"name_zh": "外观", "name_en": "Appearance", "kind": "attribute", "sample_size": 3}
PLAN = {
    "code": "FQC-HS",
    "title": "髋关节柄",
    "stage": "final",
    "item_no": "HS-1214",
    "reason": "新产品",
    "characteristics": [LOOK],
}
THINGS = [
    ("/items", "item_no", ITEM),
    ("/suppliers", "supplier_no", {"name": "甲"}),
    ("/customers", "customer_no", {"name": "医院"}),
    ("/equipment", "equipment_no", {"name": "卡尺", "kind": "caliper"}),
    ("/locations", "code", {"name": "一层", "kind": "storage"}),
]


@pytest.mark.parametrize(("path", "number", "facts"), THINGS)
def test_a_number_is_given_once_however_it_is_typed(as_: Login, path: str, number: str, facts: dict[str, Any]) -> None:
    owner = as_("zhao.liu")
    assert owner.post(path, facts | {number: "New-001 a"}).status_code == 201
    again = owner.post(path, facts | {number: "NEW 001–A"}).json()
    assert (again["code"], again["params"]["other"]) == ("MST-008", "New-001 a")
    assert owner.post(path, facts | {number: "New-001 a"}).json()["code"] == "MST-001"
    assert owner.post(path, facts | {number: "New-00-1a"}).status_code == 201, "a separator elsewhere is another number"


def test_units_and_kinds_of_places_exist(as_: Login) -> None:
    owner = as_("zhao.liu")
    assert owner.post("/items", ITEM | {"uom": "fathom"}).json()["code"] == "MST-009"
    for uom in ("KG", "盒", "mm"):
        assert owner.post("/items", ITEM | {"item_no": f"IN-{uom}", "uom": uom}).status_code == 201
    wrong = owner.post("/locations", {"code": "X-1", "name": "x", "kind": "cellar"})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "kind")


def test_a_bill_says_each_material_once_and_never_goes_round(as_: Login) -> None:
    owner = as_("zhao.liu")
    for number, kind in (("HS-1214", "finished"), ("BLANK", "component"), ("PEEK-20", "raw")):
        owner.post("/items", {"item_no": number, "name": number, "kind": kind})

    def add(product: str, component: str, quantity: str = "1.5") -> Any:
        return owner.post("/bills", {"item_no": product, "component_no": component, "quantity": quantity}).json()

    assert add("HS-1214", "BLANK")["quantity"] == "1.500000"
    assert add("BLANK", "PEEK-20")["uom"] == "pcs"
    assert add("HS-1214", "BLANK")["code"] == "BOM-003"
    assert add("BLANK", "HS-1214")["code"] == "BOM-002"
    assert add("HS-1214", "HS-1214")["code"] == "BOM-002"
    assert add("PEEK-20", "BLANK")["code"] == "BOM-001"
    assert add("HS-1214", "PEEK-20", "0")["code"] == "API-422"
    first = owner.get("/bills?limit=1").json()
    rest = owner.get(f"/bills?cursor={first['next']}").json()
    assert [one["component_no"] for one in (*first["items"], *rest["items"])] == ["PEEK-20", "BLANK"]


def test_a_plan_is_made_and_its_next_version_takes_its_place(as_: Login) -> None:
    as_("zhao.liu").post("/items", ITEM)
    manager = as_("wu.jingli")
    made = manager.post("/inspection-plans", PLAN)
    assert (made.status_code, made.json()["version"], made.json()["status"]) == (201, 1, "effective"), made.text
    width = {"name_zh": "直径", "name_en": "Diameter", "kind": "variable", "unit": "mm", "lower": "11.980"}
    second = manager.post("/inspection-plans", PLAN | {"characteristics": [LOOK, width]})
    assert (second.json()["version"], len(second.json()["characteristics"])) == (2, 2)
    known = manager.get("/inspection-plans?q=FQC-HS").json()["items"]
    assert [(one["version"], one["status"]) for one in known] == [(2, "effective"), (1, "superseded")]
    trail = as_("zheng.shenji").get("/audit?subject=inspection_plan").json()["items"]
    assert [one["reason"] for one in trail[:3]] == ["新产品"] * 3


def test_a_plan_that_cannot_be_is_refused_and_leaves_nothing(as_: Login) -> None:
    as_("zhao.liu").post("/items", ITEM)
    manager = as_("wu.jingli")

    def code(**other: Any) -> str:
        return str(manager.post("/inspection-plans", PLAN | other).json()["code"])

    assert code(item_kind="finished") == "INP-001"
    assert code(item_no=None) == "INP-001"
    assert code(characteristics=[]) == "INP-002"
    assert code(stage="incoming") == "INP-008"
    assert code(item_no="NOBODY") == "MST-002"
    assert code(reason="") == "API-422"
    assert manager.post("/inspection-plans", PLAN).status_code == 201
    assert code(code="FQC-HS-B") == "INP-009"
    assert code(item_no=None, item_kind="finished") == "INP-010"
    assert [one["code"] for one in manager.get("/inspection-plans?q=HS").json()["items"]] == ["FQC-HS"]
    # its code typed in another way is the same plan: its next version, under its own code
    again = manager.post("/inspection-plans", PLAN | {"code": "fqc hs"}).json()
    assert (again["code"], again["version"]) == ("FQC-HS", 2)
    assert as_("zhao.liu").post("/inspection-plans", PLAN).json()["code"] == "AUTH-005", (
        "quality decides what is measured"
    )


def test_plans_come_in_pages(as_: Login) -> None:
    manager = as_("wu.jingli")
    every = [one["code"] for one in manager.get("/inspection-plans?limit=200").json()["items"]]
    assert len(every) > 2
    first = manager.get("/inspection-plans?limit=2").json()
    rest = manager.get(f"/inspection-plans?limit=200&cursor={first['next']}").json()
    assert [one["code"] for one in (*first["items"], *rest["items"])] == every
    assert manager.get("/inspection-plans?cursor=bm8").json()["code"] == "API-440"


def test_the_first_batch_lacks_what_nobody_has_set_up(as_: Login) -> None:
    owner, manager = as_("zhao.liu"), as_("wu.jingli")
    before = {one["key"]: one for one in manager.get("/first-batch").json()["needs"]}
    assert (before["customer"]["met"], before["item_made"]["met"]) == (False, False)
    assert before["signers"]["met"]
    assert before["place_quarantine"]["met"]
    owner.post("/items", ITEM)
    owner.post("/items", {"item_no": "PEEK-20", "name": "棒", "kind": "raw"})
    owner.post("/customers", {"customer_no": "C-1", "name": "医院"})
    owner.post("/suppliers", {"supplier_no": "S-1", "name": "甲", "status": "blocked"})
    owner.post("/bills", {"item_no": "HS-1214", "component_no": "PEEK-20", "quantity": "1"})
    gauge = {"name_zh": "直径", "name_en": "Diameter", "kind": "variable", "unit": "mm", "lower": "1", "equipment_kind": "balance"}  # fmt: skip
    made = manager.post("/inspection-plans", PLAN | {"characteristics": [gauge], "qualification": "weighing"})
    assert made.status_code == 201, made.text
    after = {one["key"]: one for one in manager.get("/first-batch").json()["needs"]}
    assert {key for key in after if not after[key]["met"]} == {"supplier", "gauge", "skill"}
    assert (after["gauge"]["details"], after["skill"]["details"]) == (["balance"], ["weighing"])
    assert not manager.get("/first-batch").json()["ready"]
