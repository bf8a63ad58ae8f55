"""InvenTree's history: tracking events as facts of lots, test results as inspections; neither is ever a signature."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.importing.rules.codes import FAILED_BUT_OK
from models.importing.rules.inventree.dump import PREFIX, UNKNOWN_TIME, Dump, Fields
from models.importing.rules.reading import SourceRow, instant_of, words_of

_EVENTS = {
    0: "event",
    1: "created",
    5: "edited",
    6: "serialised",
    10: "counted",
    11: "added",
    12: "removed",
    20: "moved",
    25: "updated",
    30: "installed",
    31: "taken_out",
    35: "component_installed",
    36: "component_taken_out",
    40: "split_from",
    42: "split_off",
    45: "merged",
    48: "converted",
    50: "output_created",
    55: "output_completed",
    56: "output_rejected",
    57: "consumed",
    60: "shipped",
    70: "received",
    80: "returned",
    100: "sent_to_customer",
    105: "returned_from_customer",
}


def read(dump: Dump) -> None:
    """Facts of lots, inspections with results."""
    reader = HistoryReader(dump)
    dump.each("stock_item_tracking", reader.event)
    dump.each("stock_item_test_result", reader.test_result)
    reader.judge()


class HistoryReader:
    """Collects the test results of each lot."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.intake = dump.intake
        self.results: dict[str, list[tuple[str, Any, Fields, SourceRow]]] = defaultdict(list)

    def event(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """One event of a stock item is a fact of its lot."""
        item = fields.get("item")
        draft = self.dump.lot(item)
        name = _EVENTS.get(fields.get("tracking_type", 0), f"type_{fields.get('tracking_type')}")
        ref = self.intake.record(
            "lot_fact",
            f"event:{pk}",
            row,
            {
                "fact": f"legacy.{name}",
                "at": instant_of(fields, "date") or self.dump.since(item),
                "data": {
                    "stock_item": item,
                    "serial": self.dump.objects["stock_item"][item].get("serial"),
                    "user": fields.get("user"),
                    "notes": words_of(fields, "notes"),
                    "deltas": fields.get("deltas"),
                },
            },
            {"lot_id": draft.ref},
        )
        self.intake.take(row, ref)

    def test_result(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """One result of one test; the inspection of the lot follows when all are known."""
        draft = self.dump.lot(fields.get("stock_item"))
        template = self.dump.get("part_test_template", fields.get("template"))
        at = instant_of(fields, "date") or self.dump.since(fields["stock_item"])
        serial = words_of(self.dump.objects["stock_item"][fields["stock_item"]], "serial")
        ref = self.intake.record(
            "inspection_result",
            f"result:{pk}",
            row,
            {
                "name": words_of(template, "test_name"),
                "sample_no": int(serial)
                if serial and serial.isascii() and serial.isdecimal() and len(serial) < 10
                else 1,
                "text_value": words_of(fields, "value"),
                "passed": fields.get("result") is True,
                "recorded_at": at,
                "reason": words_of(fields, "notes"),
            },
            {"inspection_id": f"inspection:{draft.ref}", "characteristic_id": f"test:{fields['template']}"},
        )
        self.results[draft.ref].append((at, fields["stock_item"], fields, row))
        self.intake.take(row, ref)

    def judge(self) -> None:
        """One inspection for each lot with results: accepted when the last result of every test of every unit passed."""
        for draft in self.dump.lots:
            results = sorted(self.results.get(draft.ref, []), key=lambda result: result[0])
            if not results:
                continue
            last = {(item, fields["template"]): fields.get("result") is True for _, item, fields, _ in results}
            accepted = all(last.values())
            row = results[0][3]
            if not accepted and draft.condition == "ok":
                self.intake.flag(row, FAILED_BUT_OK())
            template = self.dump.get("part_test_template", results[0][2]["template"])
            values = {
                "inspection_no": f"{PREFIX}-I-{draft.lot_no}",
                "stage": "final",
                "status": "accepted" if accepted else "failed",
                "opened_at": results[0][0] or UNKNOWN_TIME,
                "decided_at": results[-1][0] or UNKNOWN_TIME,
                "origin": "migrated",
            }
            refs = {"lot_id": draft.ref, "plan_id": f"plan:{template['part']}"}
            self.intake.record("inspection", f"inspection:{draft.ref}", row, values, refs)
