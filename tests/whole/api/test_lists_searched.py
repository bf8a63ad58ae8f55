"""A list is searched by what is meant: numbers, names and labels are found however they are typed (REQ 19, 95)."""

from collections.abc import Callable
from typing import Any

import pytest

Login = Callable[..., Any]
LISTS = {
    "items": ("HS-1214", "Hip Stem", {"kind": "finished"}, "zhao.liu", "item_no"),
    "suppliers": ("SUP-1214", "Titan Works", {}, "zhao.liu", "supplier_no"),
    "customers": ("CUS-1214", "Clinic One", {}, "zhao.liu", "customer_no"),
    "equipment": ("EQ-1214", "Air Gauge", {"kind": "gauge"}, "zhao.liu", "equipment_no"),
    "locations": ("LOC-1214", "Cold Room", {"kind": "storage"}, "zhao.liu", "code"),
}
TYPED = (
    lambda number: number.lower(),
    lambda number: number.replace("-", "\u2013"),
    lambda number: number.replace("-", " "),
    lambda number: number.replace("-", "_"),
    lambda number: "".join(chr(ord(one) + 0xFEE0) for one in number),
    lambda number: f" {number}\u200b",
    lambda number: number[1:].replace("-", "\u2212"),
)


def made(as_: Login, path: str) -> tuple[str, str, Any]:
    number, name, more, who, key = LISTS[path]
    owner = as_(who)
    answer = owner.post(f"/{path}", {key: number, "name": "别名", "name_en": name, **more})
    assert answer.status_code == 201, answer.text

    def found(typed: str) -> list[str]:
        listed = owner.client.get(f"/api/v1/{path}", params={"q": typed})
        assert listed.status_code == 200, listed.text
        return [row[key] for row in listed.json()["items"]]

    return number, name, found


@pytest.mark.parametrize("path", LISTS)
def test_a_number_is_found_however_it_is_typed_and_no_other(as_: Login, path: str) -> None:
    number, name, found = made(as_, path)
    for spell in TYPED:
        assert found(spell(number)) == [number], spell(number)
    assert found(number.replace("-", "")) == [], "a separator is never deleted"
    for typed in (
        name.upper(),
        name.replace(" ", "\u3000"),
        "".join(chr(ord(c) + 0xFEE0) if c > " " else c for c in name),
        "别 名".replace(" ", "\u200b"),
    ):
        assert found(typed) == [number], typed
    for typed in ("%", "_21", "1214_%", "!"):
        assert found(typed) == [], typed


def test_an_item_is_found_by_the_label_of_its_box(as_: Login) -> None:
    owner = as_("zhao.liu")
    gtin = "00888480539391"
    owner.post("/items", {"item_no": "HS-9", "name": "柄", "kind": "finished", "identifiers": [{"code": gtin}]})
    for typed in (f"(01){gtin}(10)AB-1", f"]d201{gtin}10AB-1", gtin):
        listed = owner.client.get("/api/v1/items", params={"q": typed}).json()["items"]
        assert [row["item_no"] for row in listed] == ["HS-9"], typed


def test_people_and_plans_too(as_: Login) -> None:
    admin = as_("admin")
    for typed in ("CHEN.PI", "ｃｈｅｎ.ｐｉ", "chen.pi\u200b"):
        rows = admin.client.get("/api/v1/people", params={"q": typed}).json()["items"]
        assert len(rows) == 1, typed
    manager = as_("wu.jingli")
    plans = [row["code"] for row in manager.get("/inspection-plans").json()["items"]]
    for plan in plans:
        typed = plan.lower().replace("-", "\u2013")
        rows = manager.client.get("/api/v1/inspection-plans", params={"q": typed}).json()["items"]
        assert plan in [row["code"] for row in rows], typed
