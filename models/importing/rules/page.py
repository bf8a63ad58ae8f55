"""Writes docs/reference/import-rules.md from the rule codes: `python -m models.importing.rules.page > docs/reference/import-rules.md`.

tests/importing/test_reference_page.py fails when the page says something else than the code.
"""

from __future__ import annotations

import sys

from models.identifier.rules import scan as identifiers_kinds
from models.importing.rules import codes
from models.kernel.refusal import Kind

_ROWS_FROM, _FLAGS_FROM = "IMP-010", "IMP-030"
_INTRODUCTION = (
    "Every source row is imported, merged into another record, or rejected; a flag says that somebody should look at an"
    " imported or merged row. Rows that were imported before and have not changed count as merged."
)

# What each kind of source row becomes.
BECOMES: dict[str, dict[str, str]] = {
    "gudid": {
        "device": "an item 物料 (finished), numbered by its primary DI",
        "identifier": "a device identifier of that item, with its packaging level, quantity and contents",
    },
    "inventree": {
        "part": "an item 物料",
        "part_category": "the category path of its items (merged)",
        "bom_item": "a line of the bill of material",
        "bom_item_substitute": "a note of the item that may use it (merged)",
        "company": "a supplier 供应商, a customer 客户, or both",
        "manufacturer_part": "the manufacturer's number of our item",
        "supplier_part": "the supplier's number of our item",
        "stock_location": "a location 库位",
        "part_test_template": "a characteristic of a plan that is not effective",
        "stock_item": "a lot 批次 of part, batch, supplier and condition; a serial unit 序列号; stock at a location; splits",
        "stock_item_test_result": "a result of the lot's migrated inspection",
        "stock_item_tracking": "a fact on the lot's timeline; `consumed` also becomes a link to the build's lot",
        "build": "a work order 生产订单",
        "build_line": "the material list of its work order (merged)",
        "build_item": "a link from the allocated lot to the build's lots, without a quantity",
        "sales_order": "the order number of its shipments (merged), rejected when nothing was shipped",
        "sales_order_line": "lines of its shipments (merged), rejected when nothing was shipped",
        "sales_order_shipment": "a shipment 发货",
        "sales_order_allocation": "a line of the shipment: lot, unit, quantity",
        "return_order": "the returned quantity of shipment lines (merged), rejected when it has no line",
        "return_order_line": "a fact on the lot's timeline, and the returned quantity",
        "purchase_order": "a fact on the timeline of each lot it brought, rejected when it brought none",
        "purchase_order_line": "the lots it brought (merged), rejected when it brought none",
        "user": "nothing: accounts are not imported (rejected)",
    },
}


def page() -> str:
    """The whole page."""
    kinds = {kind.code: kind for kind in vars(codes).values() if isinstance(kind, Kind)}
    kinds |= {kind.code: kind for kind in (identifiers_kinds.CHECK_DIGIT, identifiers_kinds.GTIN_LENGTH)}
    files = {code: kind for code, kind in kinds.items() if "IMP-000" < code < _ROWS_FROM}
    rows = {code: kind for code, kind in kinds.items() if _ROWS_FROM <= code < _FLAGS_FROM}
    flags = {code: kind for code, kind in kinds.items() if code not in files and code not in rows}
    parts = [
        "<!-- Made by `python -m models.importing.rules.page`; a test holds it against the code. -->",
        "# Import rules 导入规则",
        _INTRODUCTION,
        "## A file is refused as a whole 拒绝整个文件",
        _table(files),
        "## A row is rejected 拒绝一行",
        _table(rows),
        "## A row is flagged 标记一行",
        _table(flags),
    ]
    for source, becomes in BECOMES.items():
        parts += [f"## What becomes of the rows of {source}", "| Row | becomes |\n| --- | --- |"]
        parts[-1] += "".join(f"\n| `{kind}` | {what} |" for kind, what in becomes.items())
    return "\n\n".join(parts) + "\n"


def _table(kinds: dict[str, Kind]) -> str:
    lines = ["| Code | 中文 | English | Basis |", "| --- | --- | --- | --- |"]
    lines += [f"| `{code}` | {kind.zh} | {kind.en} | {kind.clause} |" for code, kind in sorted(kinds.items())]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
