"""InvenTree's stock items as lots, serial units and stock by location.

A lot is one part, one batch number, one supplier and one condition: what is rejected or quarantined must not share a
status with what is released, so it becomes a sublot, linked by a split (ISO 13485 7.5.8); and one number from two
suppliers is two lots, or a supplier's notice would not find the second (7.5.9).  Without a batch number the build order
names the lot, else the source key does.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from models.importing.rules.codes import (
    AMBIGUOUS_BATCH,
    BATCH_OF_ORDER,
    NO_BATCH,
    NO_LOCATION,
    NOT_OK_BUT_SHIPPED,
    SERIAL_QUANTITY,
    SEVERAL_SUPPLIERS,
    STILL_ON_SHELF,
    SUBLOT,
)
from models.importing.rules.inventree.dump import PREFIX, Dump, Fields, LotDraft
from models.importing.rules.reading import SourceRow, date_of, quantity_of, words_of

_OK = 10
_REJECTED = frozenset({55, 60, 65, 70})  # damaged, destroyed, rejected, lost
_STATUS_NAMES = {
    10: "OK",
    50: "attention needed",
    55: "damaged",
    60: "destroyed",
    65: "rejected",
    70: "lost",
    75: "quarantined",
    85: "returned",
}
_SUFFIX = {"ok": "", "building": "-WIP", "waiting": "-Q", "rejected": "-R"}
_ORDER = list(_SUFFIX)
UNKNOWN_PLACE, UNKNOWN_PLACE_EN = ("来源未记录库位", "No location at the source")


def read(dump: Dump) -> None:
    """Lots, serial units, movements into stock, splits."""
    reader = StockReader(dump)
    dump.each("stock_item", reader.check)
    reader.name_lots()
    dump.each("stock_item", reader.place)
    reader.connect_serials()
    reader.connect_splits()


def condition_of(item: Fields) -> str:
    """What may be done with the goods: `ok`, `building` (not finished), `waiting` (for a decision) or `rejected`."""
    if item.get("is_building"):
        return "building"
    status = item.get("status")
    if status == _OK:
        return "ok"
    return "rejected" if status in _REJECTED else "waiting"


class StockReader:
    """Collects stock items into lots."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.intake = dump.intake
        self.groups: dict[tuple[Any, str], list[Any]] = defaultdict(list)
        self.lots_of: dict[tuple[Any, str, Any], list[LotDraft]] = defaultdict(list)  # the main lot first
        self.main_of: dict[str, LotDraft] = {}  # by the reference of a lot
        self.suppliers_of: dict[tuple[Any, str], int] = {}
        self.numbers: set[str] = set()
        self.first_with: dict[str, dict[str | None, Any]] = {}  # by the reference of a lot, by serial number
        self.parts_of: dict[str, set[Any]] = defaultdict(set)

    def check(self, _row: SourceRow, pk: Any, item: Fields) -> None:
        """Refuse what can't become stock; group the rest by part and batch."""
        self.dump.get("part", item.get("part"))
        for name, kind in (
            ("location", "stock_location"),
            ("belongs_to", "stock_item"),
            ("parent", "stock_item"),
            ("customer", "company"),
            ("supplier_part", "supplier_part"),
            ("build", "build"),
            ("consumed_by", "build"),
        ):
            self.dump.maybe(kind, item.get(name))
        quantity_of(item, "quantity")
        date_of(item, "expiry_date")
        batch = self._batch(pk, item)
        self.groups[item["part"], batch].append(pk)
        self.parts_of[batch].add(item["part"])

    def _batch(self, pk: Any, item: Fields) -> str:
        batch = words_of(item, "batch")
        if batch:
            return batch
        build = self.dump.maybe("build", item.get("build"))
        order = words_of(build, "batch") or words_of(build, "reference") if build else None
        return order or f"{PREFIX}-{pk}"

    def name_lots(self) -> None:
        """One lot per part, batch, supplier and condition; the first supplier's best condition keeps the plain number."""
        for (part, batch), members in self.groups.items():
            members[:] = [pk for pk in members if self.dump.rows["stock_item", pk].outcome != "rejected"]
            number = (
                batch
                if len(self.parts_of[batch]) == 1
                else f"{batch}/{self.intake.records[f'item:{part}'].values['item_no']}"
            )
            suppliers = self._by_supplier(members)
            self.suppliers_of[part, batch] = len(suppliers.keys() - {None})
            for place, (supplier, own) in enumerate(suppliers.items()):
                suffix = f"/{PREFIX}-S{supplier or 0}" if place else ""
                self._name_conditions(part, batch, number + suffix, supplier, own)

    def _by_supplier(self, members: list[Any]) -> dict[Any, list[Any]]:
        """Stock without a supplier belongs to the only one of its batch; among several nobody can tell."""
        found: dict[Any, list[Any]] = defaultdict(list)
        for pk in members:
            item = self.dump.objects["stock_item"][pk]
            found[(self.dump.maybe("supplier_part", item.get("supplier_part")) or {}).get("supplier")].append(pk)
        known = [supplier for supplier in found if supplier is not None]
        return {known[0]: members} if len(known) == 1 else found

    def _name_conditions(self, part: Any, batch: str, number: str, supplier: Any, members: list[Any]) -> None:
        items = self.dump.objects["stock_item"]
        conditions = sorted({condition_of(items[pk]) for pk in members}, key=_ORDER.index)
        for place, condition in enumerate(conditions):
            own = [pk for pk in members if condition_of(items[pk]) == condition]
            lot_no = number + (_SUFFIX[condition] if place else "")
            if lot_no in self.numbers:  # somebody's batch number looks like our sublot's
                lot_no += f"#{own[0]}"
            self.numbers.add(lot_no)
            draft = self._draft(part, batch, lot_no, condition, supplier, own)
            family = self.lots_of[part, batch, supplier]
            family.append(draft)
            self.main_of[draft.ref] = family[0]

    def _draft(self, part: Any, batch: str, lot_no: str, condition: str, supplier: Any, own: list[Any]) -> LotDraft:
        items = self.dump.objects["stock_item"]
        first = items[own[0]]
        fields = self.dump.get("part", part)
        kind = str(self.intake.records[f"item:{part}"].values["kind"])
        bought = first.get("build") is None and words_of(first, "batch") is not None
        expiry = min((e for pk in own if (e := date_of(items[pk], "expiry_date"))), default=None)
        row = self.dump.rows["stock_item", own[0]]
        draft = LotDraft(
            ref=f"lot:{own[0]}",
            lot_no=lot_no,
            part=part,
            condition=condition,
            uom=words_of(fields, "units") or "pcs",
            row=row,
            values={
                "lot_no": lot_no,
                "kind": kind,
                "status": _lot_status(condition, kind),
                "uom": words_of(fields, "units") or "pcs",
                # what is printed on the goods stays findable when our number had to differ
                "supplier_lot_no": batch if bought or (lot_no != batch and batch != f"{PREFIX}-{own[0]}") else None,
                "expires_on": expiry,
                "expiry_precision": "day",
                "origin": "migrated",
                "extra": {"source": "inventree", "batch": words_of(first, "batch"), "source_keys": own},
            },
            refs={
                "item_id": f"item:{part}",
                "supplier_id": None if supplier is None else f"supplier:{supplier}",
            },
            items=own,
        )
        self.dump.lots.append(draft)
        for pk in own:
            self.dump.lot_of[pk] = draft
        return draft

    def place(self, row: SourceRow, pk: Any, item: Fields) -> None:
        """One stock item: its lot, its unit, where it lies."""
        draft = self.dump.lot_of[pk]
        quantity = quantity_of(item, "quantity")
        if not item.get("is_building"):  # nothing of it is finished yet
            draft.quantity += quantity
        self._flag_name(row, pk, item, draft)
        serial = words_of(item, "serial")
        if serial:
            if quantity != 1:
                self.intake.flag(row, SERIAL_QUANTITY(serial=serial, quantity=quantity))
            self._serial_unit(row, pk, item, draft, serial)
        if item.get("customer") is not None and item.get("status") != _OK:
            self.intake.flag(row, NOT_OK_BUT_SHIPPED(status=_STATUS_NAMES.get(item.get("status", 0), "?")))
        if item.get("belongs_to") is not None and item.get("location") is not None:
            self.intake.flag(row, STILL_ON_SHELF(other=item["belongs_to"]))
        if in_stock(item) and quantity > 0:
            location = item.get("location")
            if location is None:
                self.intake.flag(row, NO_LOCATION(location=UNKNOWN_PLACE, location_en=UNKNOWN_PLACE_EN))
            self._movement(row, pk, draft, quantity, self._unknown(row) if location is None else f"location:{location}")
        if draft.row is row:
            self.intake.take(row, draft.ref)
        elif serial:
            self.intake.take(row, self.dump.serial_of[pk])
        else:
            self.intake.take(row, f"movement:{pk}" if in_stock(item) and quantity > 0 else draft.ref)

    def _flag_name(self, row: SourceRow, pk: Any, item: Fields, draft: LotDraft) -> None:
        batch = words_of(item, "batch")
        number = self._batch(pk, item)
        if batch is None and item.get("build") is not None:
            self.intake.flag(row, BATCH_OF_ORDER(lot_no=draft.lot_no))
        elif batch is None:
            self.intake.flag(row, NO_BATCH(lot_no=draft.lot_no))
        elif len(self.parts_of[number]) > 1:
            count = len(self.parts_of[number])
            self.intake.flag(row, AMBIGUOUS_BATCH(batch=number, count=count, lot_no=draft.lot_no))
        suppliers = self.suppliers_of[item["part"], number]
        if suppliers > 1:
            self.intake.flag(row, SEVERAL_SUPPLIERS(batch=number, count=suppliers, lot_no=draft.lot_no))
        main = self.main_of[draft.ref]
        if main is not draft:
            self.intake.flag(row, SUBLOT(batch=main.lot_no, lot_no=draft.lot_no))

    def _serial_unit(self, row: SourceRow, pk: Any, item: Fields, draft: LotDraft, serial: str) -> None:
        if item.get("customer") is not None:
            status = "shipped"
        elif item.get("belongs_to") is not None:
            status = "installed"
        else:
            status = "in_process" if item.get("is_building") else "in_stock"
        shown = serial if self._first_with(draft, serial) == pk else f"{serial}#{pk}"
        self.dump.serial_of[pk] = self.intake.record(
            "serial_unit",
            f"serial:{pk}",
            row,
            {"serial_no": shown, "status": status},
            {"item_id": f"item:{item['part']}", "lot_id": draft.ref, "installed_in_id": None},
        )

    def _first_with(self, draft: LotDraft, serial: str) -> Any:
        """The first stock item of the lot with that serial number."""
        if draft.ref not in self.first_with:
            items = self.dump.objects["stock_item"]
            # backwards: the first one stays
            self.first_with[draft.ref] = {words_of(items[pk], "serial"): pk for pk in reversed(draft.items)}
        return self.first_with[draft.ref][serial]

    def connect_serials(self) -> None:
        """Say in which unit a unit is installed, now that all units are known."""
        items = self.dump.objects["stock_item"]
        for pk, ref in self.dump.serial_of.items():
            self.intake.records[ref].refs["installed_in_id"] = self.dump.serial_of.get(items[pk].get("belongs_to"))

    def connect_splits(self) -> None:
        """A split into another lot is an edge; a sublot by condition is a split from the batch's main lot."""
        items = self.dump.objects["stock_item"]
        linked: set[str] = set()
        for pk, draft in self.dump.lot_of.items():
            parent = items[pk].get("parent")
            source = self.dump.lot_of.get(parent)
            if source is None or source is draft:
                continue
            linked.add(draft.ref)
            quantity = quantity_of(items[pk], "quantity")
            source.quantity += quantity
            source.used += quantity
            self._split(self.dump.rows["stock_item", pk], f"split:{pk}", source, draft, quantity)
        for main, *sublots in self.lots_of.values():
            for draft in sublots:
                if draft.ref not in linked:
                    main.quantity += draft.quantity
                    main.used += draft.quantity
                    self._split(draft.row, f"split:{draft.ref}", main, draft, draft.quantity)

    def _split(self, row: SourceRow, ref: str, source: LotDraft, child: LotDraft, quantity: Decimal) -> None:
        values = {"kind": "split", "quantity": quantity, "uom": child.uom, "source": "inventree"}
        refs = {"parent_lot_id": source.ref, "child_lot_id": child.ref}
        self.intake.record("genealogy_edge", ref, row, values | {"at": self.dump.since(self.dump.pks[row.id])}, refs)

    def _movement(self, row: SourceRow, pk: Any, draft: LotDraft, quantity: Decimal, location: str) -> None:
        values = {"kind": "receive", "quantity": quantity, "reason": f"migrated: InvenTree stock item {pk}"}
        refs = {"lot_id": draft.ref, "to_location_id": location}
        self.intake.record("stock_movement", f"movement:{pk}", row, values, refs)

    def _unknown(self, row: SourceRow) -> str:
        ref = "location:unknown"
        if ref not in self.intake.records:
            values = {
                "code": f"{PREFIX}-L0",
                "name": UNKNOWN_PLACE,
                "name_en": UNKNOWN_PLACE_EN,
                "kind": "undecided",
                "origin": "migrated",
            }
            self.intake.record("location", ref, row, values, {"parent_id": None})
        return ref


def in_stock(item: Fields) -> bool:
    """On a shelf: not installed, not at a customer, not consumed, not still being built."""
    return not item.get("is_building") and all(
        item.get(name) is None for name in ("belongs_to", "customer", "consumed_by")
    )


def _lot_status(condition: str, kind: str) -> str:
    if condition == "waiting":
        return "received" if kind in {"raw", "component"} else "finished"
    return {"ok": "released", "building": "in_process", "rejected": "rejected"}[condition]
