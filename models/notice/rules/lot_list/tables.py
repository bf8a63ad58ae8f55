"""Tables in a pasted notice: cells parted by tabs or strokes under a line of headings become plain sentences.

A row is rewritten as “REF 11: Lot A1, Exp 2026-12”, so that it is read by the same rules as prose.  Columns whose heading
says that they hold quantities or descriptions are left out; a row with another number of cells stays as it is, and what
can't be read in it is asked.  Serves STANDARDS C 72.
"""

import re
from collections.abc import Sequence

_HEADINGS: tuple[tuple[str, str], ...] = (
    (
        "Lot",
        r"(?:affected\s+)?(?:lot|batch)(?:es|s|\(s\))?(?:\s*/\s*(?:batch|lot))?(?:\s*(?:nos?\.?|numbers?|codes?|\#))?",
    ),
    ("Lot", r"(?:生产|产品|受影响)?(?:批号|批次号?)"),
    ("Serial", r"(?:serials?|s/n)(?:\s*(?:nos?\.?|numbers?|\#))?|(?:产品)?(?:序列号|出厂编号)"),
    (
        "REF",
        (
            r"(?:ref|(?:cat(?:alog(?:ue)?)?|part|product|model|item|material)\.?(?:\s*(?:nos?\.?|numbers?|codes?|\#))|model|sku|p/n"
            r"|udi(?:\s?[-/]\s?di)?|gtin)(?:\s*(?:nos?\.?|numbers?|\#))?|规格型号|型号规格|型号|规格|货号|物料号|产品编码|产品标识"
        ),
    ),
    ("Exp", r"(?:exp(?:iry|iration)?\.?|use[- ]by|expires)(?:\s*dates?)?|有效期至?|失效日期|失效期"),
    ("Mfg", r"(?:mfg\.?|manufactur(?:ed|ing)|production|made)(?:\s*dates?)?|生产日期"),
    (
        "",
        (
            r"(?:qty|quantity|units|description|product\s+(?:name|description)|name|no\.?|\#|count|country)\.?"
            r"|数量|品名|产品名称|名称|序号|单位|备注|国家"
        ),
    ),
)
_ORDER = ("REF", "Lot", "Serial", "Mfg", "Exp")
_RULE = re.compile(r"[\s|:+=-]+")


def flattened(text: str) -> str:
    """The text with its tables as sentences; anything else is kept as it is."""
    out: list[str] = []
    columns: list[str] | None = None
    for line in text.split("\n"):
        cells = _cells(line)
        if headed := _columns(cells):
            columns = headed
        elif columns and line.strip() and _RULE.fullmatch(line):  # under the headings
            continue
        elif columns and len(cells) == len(columns):
            out.append(_sentence(columns, cells))
        else:
            columns = columns if not line.strip() or len(cells) > 1 else None
            out.append(line)
    return "\n".join(out)


def _cells(line: str) -> list[str]:
    if "|" in line:
        return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
    return [cell.strip() for cell in line.removesuffix("\t").split("\t")] if "\t" in line else [line.strip()]


def _columns(cells: Sequence[str]) -> list[str] | None:
    """What each column holds, when every cell is a heading and numbers stand under one of them."""
    if len(cells) < 2 or any(len(cell) > 40 for cell in cells):
        return None
    found = [_heading(cell) for cell in cells]
    kinds = [kind for kind in found if kind is not None]
    if len(kinds) < len(found) or not {"Lot", "Serial"} & set(kinds):
        return None
    named = [kind for kind in kinds if kind]
    return kinds if len(named) == len(set(named)) else None


def _heading(cell: str) -> str | None:
    for kind, pattern in _HEADINGS:
        if re.fullmatch(rf"(?:{pattern})\s*:?", cell, re.IGNORECASE):
            return kind
    return None


def _sentence(columns: Sequence[str], cells: Sequence[str]) -> str:
    said = dict(zip(columns, cells, strict=True))
    return ", ".join(f"{kind}: {said[kind]}" for kind in _ORDER if said.get(kind))
