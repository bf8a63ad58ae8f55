"""InvenTree's master data: parts, bills of material, companies with their part numbers, locations, tests."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from models.importing.rules.codes import BILL_IN_CIRCLE, NUMBER_MADE, PLAN_NOT_APPROVED
from models.importing.rules.inventree.dump import PREFIX, Dump, Fields
from models.importing.rules.reading import SourceRow, english, needed, quantity_of, words_of
from models.kernel.circles import in_circles


def read(dump: Dump) -> None:
    """Items, bill-of-material lines, suppliers, customers, supplier item numbers, locations, plans."""
    reader = MasterReader(dump)
    dump.each("part_category", lambda row, _pk, _fields: dump.intake.merge(row))  # its path stands in each item
    dump.each("part", reader.part)
    dump.each("bom_item", reader.bom_item)
    dump.each("bom_item_substitute", reader.substitute)
    dump.each("company", reader.company)
    dump.each("manufacturer_part", reader.manufacturer_part)
    dump.each("supplier_part", reader.supplier_part)
    dump.each("stock_location", reader.location)
    dump.each("part_test_template", reader.test_template)


class MasterReader:
    """Keeps the numbers that were given away."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.intake = dump.intake
        parts = dump.objects["part"].values()
        self.wanted = Counter(_part_number(part) for part in parts)
        self.substitutes: dict[Any, list[str]] = defaultdict(list)
        for substitute in dump.objects["bom_item_substitute"].values():
            line = dump.objects["bom_item"].get(substitute.get("bom_item"), {})
            self.substitutes[line.get("part")].append(f"{line.get('sub_part')}={substitute.get('part')}")
        lines = [(line.get("part"), line.get("sub_part")) for line in dump.objects["bom_item"].values()]
        self.circular = in_circles(line for line in lines if all(isinstance(part, int | str) for part in line))
        self.plans: set[Any] = set()
        self.tests: Counter[Any] = Counter()

    def part(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A part is an item; its number is the IPN, else the name when no other part has it."""
        name = needed(fields, "name")
        wanted = _part_number(fields)
        number = wanted
        if not wanted or self.wanted[wanted] > 1:
            number = f"{wanted or PREFIX}#{pk}"
            self.intake.flag(row, NUMBER_MADE(wanted=wanted or "", number=number))
        category = self.dump.maybe("part_category", fields.get("category"))
        self.intake.record(
            "item",
            f"item:{pk}",
            row,
            {
                "item_no": number,
                "name": name,
                "name_en": english(fields, "name"),
                "kind": _item_kind(fields),
                "uom": words_of(fields, "units") or "pcs",
                "description": words_of(fields, "description"),
                "category": words_of(category, "pathstring") if category else None,
                "lot_on_label": True,
                # the source has no such flag: of what is made a person decides, and no default does
                "implantable": None if fields.get("assembly") else False,
                "serial_on_label": bool(fields.get("trackable")),
                "active": bool(fields.get("active", True)),
                "origin": "migrated",
                "extra": {
                    column: fields.get(column)
                    for column in ("revision", "keywords", "is_template", "variant_of", "trackable", "virtual", "link")
                    if fields.get(column)
                }
                | {"source_key": pk}
                | ({"substitutes": self.substitutes[pk]} if self.substitutes[pk] else {}),
            },
        )
        self.intake.take(row, f"item:{pk}")

    def bom_item(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """How much of a component goes into one unit."""
        part = self.dump.get("part", fields.get("part"))
        component = self.dump.get("part", fields.get("sub_part"))
        if (fields["part"], fields["sub_part"]) in self.circular:
            self.intake.flag(row, BILL_IN_CIRCLE(part=_part_number(part), component=_part_number(component)))
            self.intake.merge(row, f"item:{fields['part']}")
            return
        ref = self.intake.record(
            "bom_line",
            f"bom:{pk}",
            row,
            {
                "quantity": quantity_of(fields, "quantity"),
                "optional": bool(fields.get("optional")),
                "reference": words_of(fields, "reference"),
            },
            {"item_id": f"item:{fields['part']}", "component_id": f"item:{fields['sub_part']}"},
        )
        self.intake.take(row, ref)

    def substitute(self, row: SourceRow, _pk: Any, fields: Fields) -> None:
        """A substitute is kept with the item that may use it."""
        line = self.dump.get("bom_item", fields.get("bom_item"))
        self.dump.get("part", fields.get("part"))
        self.intake.merge(row, f"item:{line['part']}")

    def company(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A company may be supplier or manufacturer, customer, or both."""
        contact = {name: words_of(fields, name) for name in ("contact", "email", "phone")}
        extra = {name: fields.get(name) for name in ("description", "website", "currency") if fields.get(name)}
        common = {
            "name": needed(fields, "name"),
            "name_en": english(fields, "name"),
            **contact,
            "origin": "migrated",
            "extra": extra,
        }
        target = None
        values: dict[str, Any]
        if fields.get("is_customer"):
            values = {"customer_no": f"{PREFIX}-C{pk}", **common, "address": words_of(fields, "address")}
            target = self.intake.record("customer", f"customer:{pk}", row, values)
        if fields.get("is_supplier") or fields.get("is_manufacturer") or target is None:
            makes_only = bool(fields.get("is_manufacturer")) and not fields.get("is_supplier")
            values = {"supplier_no": f"{PREFIX}-S{pk}", **common, "status": "approved", "is_manufacturer": makes_only}
            target = self.intake.record("supplier", f"supplier:{pk}", row, values)
        self.intake.take(row, target)

    def manufacturer_part(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """What the manufacturer calls our item."""
        self._partner_part(row, f"manufacturer_item:{pk}", fields, "manufacturer", "MPN")

    def supplier_part(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """What the supplier calls our item."""
        self._partner_part(row, f"supplier_item:{pk}", fields, "supplier", "SKU")

    def _partner_part(self, row: SourceRow, ref: str, fields: Fields, role: str, number: str) -> None:
        self.dump.get("part", fields.get("part"))
        self.dump.get("company", fields.get(role))
        values = {
            "supplier_item_no": needed(fields, number),
            "kind": role,
            "description": words_of(fields, "description"),
        }
        refs = {"supplier_id": f"supplier:{fields[role]}", "item_id": f"item:{fields['part']}"}
        self.intake.take(row, self.intake.record("supplier_item", ref, row, values, refs))

    def location(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A place; its code is our own because names repeat in the tree."""
        parent = fields.get("parent")
        self.dump.maybe("stock_location", parent)
        kind = "external" if fields.get("external") else "area" if fields.get("structural") else "undecided"
        values = {
            "code": f"{PREFIX}-L{pk}",
            "name": words_of(fields, "pathstring") or needed(fields, "name"),
            "name_en": english(fields, "pathstring") or english(fields, "name"),
            "kind": kind,
            "origin": "migrated",
        }
        refs = {"parent_id": None if parent is None else f"location:{parent}"}
        self.intake.take(row, self.intake.record("location", f"location:{pk}", row, values, refs))

    def test_template(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A test is a characteristic of a plan that stays superseded: nobody here has approved it."""
        part = fields.get("part")
        name = needed(fields, "test_name")
        item = self.dump.get("part", part)
        values: dict[str, Any]
        if part not in self.plans:
            self.plans.add(part)
            values = {
                "code": f"{PREFIX}-T{part}",
                "title": needed(item, "name"),
                "title_en": english(item, "name"),
                "stage": "final",
                "status": "superseded",
            }
            self.intake.record("inspection_plan", f"plan:{part}", row, values, {"item_id": f"item:{part}"})
        self.tests[part] += 1
        values = {
            "seq": self.tests[part],
            "name_zh": name,
            "name_en": english(fields, "test_name") or name,
            "kind": "attribute",
        }
        self.intake.flag(row, PLAN_NOT_APPROVED())
        ref = self.intake.record("characteristic", f"test:{pk}", row, values, {"plan_id": f"plan:{part}"})
        self.intake.take(row, ref)


def _part_number(fields: Fields) -> str | None:
    return words_of(fields, "IPN") or words_of(fields, "name")


def _item_kind(fields: Fields) -> str:
    """What is made and sold is finished, what is made is in process, what is measured out is raw."""
    if fields.get("assembly"):
        return "finished" if fields.get("salable") else "in_process"
    return "raw" if words_of(fields, "units") else "component"
