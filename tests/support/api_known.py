"""What a plant holds, by the names that the API's parameters have, so that invented requests meet something real."""

from typing import Any

import httpx

LISTS: dict[str, tuple[str, str]] = {
    "items": ("items", "item_no"),
    "suppliers": ("suppliers", "supplier_no"),
    "customers": ("customers", "customer_no"),
    "equipment": ("equipment", "equipment_no"),
    "places": ("locations", "code"),
    "lots": ("lots", "lot_no"),
    "orders": ("work-orders", "work_order_no"),
    "shipments": ("shipments", "shipment_no"),
    "units": ("logistic-units", "unit_no"),
    "recalls": ("recalls", "recall_no"),
    "tasks": ("tasks", "id"),
    "definitions": ("definitions", "key"),
    "people": ("people", "id"),
}
"""The list and the field of it that names one."""

NAMES: dict[str, tuple[str, ...]] = {
    "items": ("item_no", "component_no", "item", "body.item_no", "body.component_no"),
    "suppliers": ("supplier_no", "supplier", "body.supplier_no"),
    "customers": ("customer_no", "customer", "body.customer_no"),
    "equipment": ("equipment_no", "body.equipment_no", "body.values[*].equipment_no"),
    "places": ("path.code", "body.location", "body.to", "body.parent", "body.lines[*].location", "body.consumes[*].location"),
    "lots": (
        "lot_no", "lot", "identifier", "text", "body.lot_no", "body.lots[*].lot_no", "body.lines[*].lot_no",
        "body.consumes[*].lot_no", "body.contents[*].lot_no", "body.identifiers[*]",
    ),
    "orders": ("path.number", "body.work_order_no"),
    "shipments": ("shipment_no",),
    "units": ("unit_no", "body.contents[*].unit_no"),
    "recalls": ("recall_no",),
    "tasks": ("task_id",),
    "holds": ("hold_id",),
    "notices": ("notice_id",),
    "returns": ("returned",),
    "checks": ("check_id",),
    "definitions": ("path.key",),
    "people": ("path.person", "body.person"),
    "roles": ("role",),
    "reports": ("path.kind",),
    "things": ("of",),
    "subjects": ("subject",),
}  # fmt: skip
"""Which parameters, and which fields of a body, take it."""


def known(client: httpx.Client, most: int = 40) -> dict[str, list[str]]:
    """Numbers and ids of what the person behind `client` can list; a list that is refused or empty is left out."""
    found = {name: _column(client, path, field, most) for name, (path, field) in LISTS.items()}
    for recall in found["recalls"][:10]:
        found.setdefault("notices", []).extend(_column(client, f"recalls/{recall}/notices", "id", most))
        found.setdefault("returns", []).extend(_column(client, f"recalls/{recall}/returns", "id", most))
        found.setdefault("checks", []).extend(_column(client, f"recalls/{recall}/checks", "id", most))
    for lot in found["lots"]:
        holds = client.get(f"/api/v1/lots/{lot}").json().get("holds", [])
        found.setdefault("holds", []).extend(str(one["id"]) for one in holds if "id" in one)
    found["roles"] = _column(client, "roles", "key", most)
    found["things"] = [f"equipment:{one}" for one in found["equipment"]] + [f"lot:{one}" for one in found["lots"]]
    found["subjects"] = found["lots"] + found["items"] + found["recalls"] + ["person", "lot"]
    return {name: values for name, values in found.items() if values}


def _column(client: httpx.Client, path: str, field: str, most: int) -> list[str]:
    answer = client.get(f"/api/v1/{path}")
    if answer.status_code != 200:
        return []
    body: Any = answer.json()
    rows = body.get("items", []) if isinstance(body, dict) else body
    return list(dict.fromkeys(str(row[field]) for row in rows if isinstance(row, dict) and row.get(field)))[:most]


def bindings(found: dict[str, list[str]], probability: float) -> str:
    """A `schemathesis.toml` in which the parameters take what is known, mostly."""
    lines = []
    for name, values in found.items():
        quoted = ", ".join(_quoted(value) for value in values)
        lines += [f"[dictionaries.{name}]", f"values = [{quoted}]", ""]
    lines.append("[parameters]")
    for name in found:
        for parameter in NAMES.get(name, ()):
            lines.append(f'"{parameter}" = {{ dictionary = "{name}", probability = {probability} }}')
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
