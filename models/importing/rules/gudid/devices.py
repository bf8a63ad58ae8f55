"""Reads devices of FDA's UDI database (GUDID, JSON lines or its XML) as items with their device identifiers.

A device has one primary DI, and DIs of packages, of the unit of use and of other agencies.  Bad check digits in old
entries are taken over with a flag: blocking them would cut the history off (21 CFR 830; STANDARDS U 83).
"""

from __future__ import annotations

from typing import Any

from models.identifier.rules.identifiers import gtin_problems
from models.identifier.rules.scanned_field import Asked
from models.importing.rules.codes import (
    DI_LENGTH,
    FLAG_UNSAID,
    MISSING,
    PACK_UNREADABLE,
    SHARED_IDENTIFIER,
    WRONG_AGENCY,
)
from models.importing.rules.reading import Intake, Reading, SourceRow, english, needed, words_of, yes_or_no
from models.kernel.refusal import Refusal

SOURCE = "gudid"
_GS1_DI_LENGTH = 14


def looks_like(row: Any) -> bool:
    """Is this a GUDID device?"""
    return isinstance(row, dict) and isinstance(row.get("ids"), list) and "companyName" in row


def read(rows: list[dict[str, Any]]) -> Reading:
    """Items and item identifiers."""
    intake = Intake(SOURCE)
    opened: list[tuple[SourceRow, dict[str, Any], str]] = []
    for number, device in enumerate(rows, 1):
        primary = _primary(device)
        row = intake.open("device", primary or f"line {number}", device)
        if row is None:
            continue
        try:
            if primary is None:
                raise MISSING(what="primary DI")
            opened.append(
                (row, device, _read_device(intake, row, device, intake.number(row, "deviceId", primary, Asked.ITEM)))
            )
        except Refusal as refusal:
            intake.reject(row, refusal)
    owners: dict[tuple[str, str], str] = {}
    for primary_first in (True, False):  # a device's own DI wins over another device's package or unit of use
        for row, device, item in opened:
            for identifier in device["ids"]:
                if (identifier.get("deviceIdType") == "Primary") == primary_first:
                    _read_identifier(intake, row, identifier, item, owners)
    return intake.reading()


def _primary(device: dict[str, Any]) -> str | None:
    for identifier in device["ids"]:
        if isinstance(identifier, dict) and identifier.get("deviceIdType") == "Primary":
            return words_of(identifier, "deviceId")
    return None


FLAGS = {
    "lot_on_label": "lotBatch",
    "serial_on_label": "serialNumber",
    "manufactured_on_label": "manufacturingDate",
    "expiry_on_label": "expirationDate",
    "sterile": "sterile",
    "single_use": "singleUse",
}
"""Of the item, by what the register calls it."""


def _read_device(intake: Intake, row: SourceRow, device: dict[str, Any], primary: str) -> str:
    flags = {ours: yes_or_no(device.get(theirs)) for ours, theirs in FLAGS.items()}
    unsaid = [FLAGS[ours] for ours, said in flags.items() if said is None]
    if unsaid:
        intake.flag(row, FLAG_UNSAID(names=", ".join(unsaid)))
    ref = intake.record(
        "item",
        f"item:{primary}",
        row,
        {
            "item_no": primary,
            "name": words_of(device, "brandName") or needed(device, "versionModelNumber"),
            "name_en": english(device, "brandName" if words_of(device, "brandName") else "versionModelNumber"),
            "kind": "finished",
            "uom": "pcs",
            "description": words_of(device, "deviceDescription"),
            "brand": words_of(device, "brandName"),
            "model": words_of(device, "versionModelNumber"),
            "catalogue_no": words_of(device, "catalogNumber"),
            "labeler": words_of(device, "companyName"),
            "gmdn": words_of(device, "gmdn"),
            "product_code": words_of(device, "productCode"),
            **{ours: bool(said) for ours, said in flags.items()},
            # what the register says itself; where it says nothing a person decides, and no word of a name does
            "implantable": yes_or_no(device.get("implantable")),
            "active": device.get("status") != "Not in Commercial Distribution",
            "origin": "migrated",
            "extra": {
                name: device.get(name)
                for name in ("deviceCount", "DMExempt", "deviceHCTP", "deviceKit", "publish", "status")
            },
        },
    )
    intake.take(row, ref)
    return ref


def _read_identifier(
    intake: Intake, device: SourceRow, identifier: Any, item: str, owners: dict[tuple[str, str], str]
) -> None:
    code = words_of(identifier, "deviceId") if isinstance(identifier, dict) else None
    row = intake.open("identifier", f"{device.key}/{code}", identifier)
    if row is None:
        return
    if code is None:
        intake.reject(row, MISSING(what="deviceId"))
        return
    code = intake.number(row, "deviceId", code, Asked.ITEM)
    agency = words_of(identifier, "deviceIdIssuingAgency") or "unknown"
    problems = _problems(agency, code)
    for problem in problems:
        intake.flag(device, problem)
        row.codes.append(problem.code)  # counts here too, but is told once
    owner = owners.setdefault((agency, code), device.key)
    if owner != device.key:
        intake.flag(row, SHARED_IDENTIFIER(value=code, other=owner))
        intake.merge(row, f"item:{owner}")
        return
    package = words_of(identifier, "pkgQuantity")
    if package and not package.isdecimal():
        intake.flag(row, PACK_UNREADABLE(value=package[:40]))
    ref = intake.record(
        "item_identifier",
        f"identifier:{agency}:{code}",
        row,
        {
            "agency": agency,
            "code": code,
            "level": words_of(identifier, "deviceIdType") or "unknown",
            "package_quantity": int(package) if package and package.isdecimal() else None,
            "contains_code": words_of(identifier, "containsDINumber"),
            "flagged": problems[0].code if problems else None,
        },
        {"item_id": item},
    )
    intake.take(row, ref)


def _problems(agency: str, code: str) -> list[Refusal]:
    """Length and check digit of a GS1 DI; a DI that has the form of another agency."""
    if agency == "GS1":
        problems = gtin_problems(code)
        if len(code) != _GS1_DI_LENGTH:
            problems = [DI_LENGTH(value=code, length=len(code)), *(p for p in problems if p.code != "ID-023")]
        return problems
    if agency == "HIBCC" and not gtin_problems(code):
        return [WRONG_AGENCY(value=code, agency=agency)]
    return []
