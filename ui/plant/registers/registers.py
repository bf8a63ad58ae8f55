"""What each register of the plant has: its columns, its form, and the act behind it, which is the API's own.

    Register("suppliers", Permission.PARTNER_WRITE, columns, page, fields, write)

`page` answers rows and where the next page starts, `fields` the form, `write` does the act with what was typed and answers
the number to name.  A new kind of master data is one more line of `REGISTERS`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session
from starlette.datastructures import FormData

from api.plant.routes.plans import body_of
from api.register.schemas import (
    BillLineInput,
    CalibrationInput,
    CustomerInput,
    EquipmentInput,
    ItemInput,
    PlanInput,
    SupplierInput,
)
from models.equipment.store import equipment
from models.inspection.store import plans
from models.item.store import bills, items
from models.kernel.time.moments import day_begins
from models.kernel.units.units import OFFERED
from models.partner import store as partners
from models.partner.rules import UNKNOWN, given
from models.person.rules.roles import Permission
from models.plant.queries import choices
from ui.frame.form.forms import Sheet, meant, read
from ui.frame.form.lines import moment
from ui.frame.i18n import Words
from ui.frame.parts import FormField, Option
from ui.frame.rows import skill
from ui.frame.visit import Visit, typed
from ui.frame.words.numbers import quantity
from ui.lot.view.list import KINDS, choice, item_options
from ui.plant.page.plant import RegisterRow, Rows
from ui.plant.registers import countries as registers_countries
from ui.plant.registers import levels as registers_levels
from ui.plant.registers import places as registers_places
from ui.plant.view.plant import measured, moment_of
from ui.production.view import MADE

FEW = 5
"""So many answers are drawn as buttons."""
YES = {True: "form.answer_yes", False: "form.answer_no", None: ""}


@dataclass(frozen=True)
class Register:
    """One kind of master data."""

    key: str
    permission: Permission
    columns: tuple[str, ...]
    page: Callable[[Visit, Session, str | None, str | None], Rows]
    fields: Callable[[Sheet, Session], tuple[FormField, ...]]
    write: Callable[[Visit, FormData], str]


def _given(form: FormData, names: Iterable[str]) -> dict[str, Any]:
    return {name: typed(form, name) for name in names}


def _yes(words: Words, value: bool | None) -> str:
    return words(YES[value]) if value is not None else ""


def _options(words: Words, *keys: str) -> tuple[Option, ...]:
    return tuple(Option(value=key, label=words(f"plant.f_{key}")) for key in keys)


def _item_kinds(words: Words) -> tuple[Option, ...]:
    return tuple(Option(value=one, label=words(f"lot.kind_{one}")) for one in KINDS)


def _or_none(options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Where a choice would be drawn as buttons: one that takes the choice back."""
    return (Option(value="", label="–"), *options) if 0 < len(options) <= FEW else options


# Items ---------------------------------------------------------------------------------------------------------------

ITEM = ("item_no", "name", "name_en", "kind", "uom", "catalogue_no", "model", "implantable", "sterile", "serial_on_label",
        "expiry_on_label", "shelf_life_months", "retest_months", "tolerance_percent")  # fmt: skip


def _item_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    found = items.page(session, after=after, q=q)
    words = visit.words
    return tuple(
        RegisterRow(
            number=one.item_no,
            cells=(
                words.name(one.name, one.name_en),
                words(f"lot.kind_{one.kind}"),
                words.known(f"unit.{one.uom}", one.uom),
                ", ".join(code.code for code in one.identifiers),
                str(one.shelf_life_months or ""),
                _yes(words, one.implantable),
            ),
        )
        for one in found.items
    ), found.next


def _item_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    del session
    words = sheet.words
    units = tuple(Option(value=one, label=words.known(f"unit.{one}", one)) for one in OFFERED)
    return (
        sheet.field("item_no", words("plant.f_number"), required=True),
        sheet.field("name", words("plant.f_name"), required=True),
        sheet.field("name_en", words("plant.f_english"), help=words("plant.f_english_help")),
        sheet.field("kind", words("plant.f_kind"), "choice", options=_item_kinds(words), required=True),
        sheet.field("uom", words("plant.f_uom"), "choice", "pcs", options=units, required=True),
        sheet.field("gtin", words("plant.f_gtin"), help=words("plant.f_gtin_help")),
        sheet.field("catalogue_no", words("plant.f_catalogue_no")),
        sheet.field("model", words("plant.f_model")),
        sheet.field("implantable", words("plant.f_implantable"), "boolean", required=True),
        sheet.field("sterile", words("plant.f_sterile"), "boolean", "false"),
        sheet.field("serial_on_label", words("plant.f_serial"), "boolean", "false"),
        sheet.field("expiry_on_label", words("plant.f_expiry"), "boolean", "false"),
        sheet.field("shelf_life_months", words("plant.f_shelf"), "integer"),
        sheet.field("retest_months", words("plant.f_retest"), "integer"),
        sheet.field("tolerance_percent", words("plant.f_tolerance"), "decimal"),
    )


def _write_item(visit: Visit, form: FormData) -> str:
    gtin = typed(form, "gtin")
    given = read(ItemInput, {**_given(form, ITEM), "identifiers": [{"code": gtin}] if gtin else []})
    with visit.act() as session:
        made = items.create(
            session, given.model_dump(exclude={"identifiers"}), [one.model_dump() for one in given.identifiers]
        )
    return made.item_no


# Bills of material ---------------------------------------------------------------------------------------------------


def _bill_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    found = bills.page(session, after=after, q=q)
    words = visit.words
    return tuple(
        RegisterRow(
            number=one.item_no,
            cells=(
                one.item,
                f"{one.component} · {one.component_no}",
                quantity(words, one.quantity, one.uom),
                _yes(words, one.optional),
            ),
        )
        for one in found.items
    ), found.next


def _bill_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    words = sheet.words
    return (
        choice(sheet, "item_no", words("plant.f_product"), item_options(session, *MADE), required=True),
        choice(sheet, "component_no", words("plant.f_component"), item_options(session, *KINDS), required=True),
        sheet.field("quantity", words("plant.f_quantity"), "decimal", "1", help=words("plant.f_quantity_help"), required=True),
        sheet.field("optional", words("plant.f_optional"), "boolean", "false"),
    )  # fmt: skip


def _write_bill(visit: Visit, form: FormData) -> str:
    given = meant(visit, BillLineInput, _given(form, ("item_no", "component_no", "quantity", "optional")))
    with visit.act() as session:
        made = bills.add(session, given.item_no, given.component_no, given.quantity, optional=given.optional)
    return f"{made.item_no} ← {made.component_no}"


# Suppliers and customers ---------------------------------------------------------------------------------------------


def _supplier_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    found = partners.suppliers(session, after=after, q=q)
    tones = {"approved": "good", "conditional": "hold", "blocked": "bad"}
    return tuple(
        RegisterRow(
            number=one.supplier_no,
            cells=(
                visit.words.name(one.name, one.name_en),
                one.contact or "",
                one.phone or "",
                visit.words(f"plant.f_{one.status}"),
            ),
            tone=tones[one.status],
        )
        for one in found.items
    ), found.next


def _supplier_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    del session
    words = sheet.words
    standing = _options(words, "approved", "conditional", "blocked")
    return (
        sheet.field("supplier_no", words("plant.f_number"), required=True),
        sheet.field("name", words("plant.f_name"), required=True),
        sheet.field("name_en", words("plant.f_english"), help=words("plant.f_english_help")),
        sheet.field("status", words("plant.f_status"), "choice", "approved", options=standing, required=True),
        sheet.field("contact", words("plant.f_contact")),
        sheet.field("phone", words("plant.f_phone")),
        sheet.field("email", words("plant.f_email")),
    )


def _write_supplier(visit: Visit, form: FormData) -> str:
    given = read(SupplierInput, _given(form, ("supplier_no", "name", "name_en", "status", "contact", "phone", "email")))
    with visit.act() as session:
        return partners.create_supplier(session, given.model_dump()).supplier_no


def _customer_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    found = partners.customers(session, after=after, q=q)
    return tuple(
        RegisterRow(
            number=one.customer_no,
            cells=(
                visit.words.name(one.name, one.name_en), one.contact or "", one.phone or "", one.email or "", one.country or "",
                visit.words(f"plant.f_{one.level or UNKNOWN}"),
            ),
        )
        for one in found.items
    ), found.next  # fmt: skip


def _customer_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    del session
    words = sheet.words
    return (
        sheet.field("customer_no", words("plant.f_number"), required=True),
        sheet.field("name", words("plant.f_name"), required=True),
        sheet.field("name_en", words("plant.f_english"), help=words("plant.f_english_help")),
        sheet.field("country", words("plant.f_country"), help=words("plant.f_country_help")),
        registers_levels.level_field(sheet, UNKNOWN),
        sheet.field("contact", words("plant.f_contact")),
        sheet.field("phone", words("plant.f_phone")),
        sheet.field("email", words("plant.f_email")),
        sheet.field("address", words("plant.f_address")),
    )


def _write_customer(visit: Visit, form: FormData) -> str:
    names = ("customer_no", "name", "name_en", "country", "level", "contact", "phone", "email", "address")
    told = read(CustomerInput, _given(form, names))
    with visit.act() as session:
        return partners.create_customer(session, told.model_dump() | {"level": given(told.level)}).customer_no


# Places, machines and gauges, calibrations ---------------------------------------------------------------------------


def _equipment_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    found = equipment.page(session, after=after, q=q)
    words = visit.words
    places = {one.value: one.label for one in registers_places.places(session)}
    return tuple(
        RegisterRow(
            number=one.equipment_no,
            cells=(
                words.name(one.name, one.name_en),
                skill(words, one.kind),
                places.get(one.location or "", one.location or "–"),
                _yes(words, one.needs_calibration),
                words("plant.f_usable" if one.usable else "plant.f_not_usable"),
            ),
            tone="good" if one.usable else "bad",
            href=f"/subjects/{one.subject}",
        )
        for one in found.items
    ), found.next


def _equipment_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    words = sheet.words
    return (
        sheet.field("equipment_no", words("plant.f_number"), required=True),
        sheet.field("name", words("plant.f_name"), required=True),
        sheet.field("name_en", words("plant.f_english"), help=words("plant.f_english_help")),
        sheet.field("kind", words("plant.f_equipment_kind"), help=words("plant.f_equipment_kind_help"), required=True),
        sheet.field("needs_calibration", words("plant.f_needs"), "boolean", "true", required=True),
        choice(sheet, "location", words("plant.f_place"), _or_none(registers_places.places(session))),
    )


def _write_equipment(visit: Visit, form: FormData) -> str:
    names = ("equipment_no", "name", "name_en", "kind", "needs_calibration", "location")
    given = meant(visit, EquipmentInput, _given(form, names))
    with visit.act() as session:
        made = equipment.create(session, given.model_dump(exclude={"location"}), given.location)
    return made.equipment.equipment_no


def _calibration_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    found = equipment.page(session, after=after, q=q)
    words, zone = visit.words, visit.principal.zone
    return tuple(
        RegisterRow(
            number=one.equipment_no,
            cells=(
                words.name(one.name, one.name_en),
                moment_of(one.calibrated_at, zone),
                moment_of(one.calibration_due_at, zone),
                one.certificate or "",
                words(f"plant.f_{one.calibration_result}") if one.calibration_result else "",
            ),
            tone="good" if one.calibration_result == "passed" and one.blocked_since is None else "bad",
            href=f"/subjects/{one.subject}",
        )
        for one in found.items
        if one.needs_calibration
    ), found.next


def _calibration_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    words = sheet.words
    machines = tuple(
        Option(value=one.equipment_no, label=f"{one.equipment_no} {one.name}")
        for one in choices.machines(session)
        if one.needs_calibration
    )
    results = _options(words, "passed", "failed")
    return (
        choice(sheet, "equipment_no", words("plant.equipment"), machines, required=True),
        sheet.field("performed_at", words("plant.f_performed"), "datetime", required=True),
        sheet.field("due_at", words("plant.f_due"), "date", help=words("plant.f_due_help"), required=True),
        sheet.field("result", words("plant.f_result"), "choice", "passed", options=results, required=True),
        sheet.field("certificate", words("plant.f_certificate")),
    )


def _write_calibration(visit: Visit, form: FormData) -> str:
    zone = visit.principal.zone
    given = read(
        CalibrationInput,
        {
            **_given(form, ("result", "certificate")),
            "performed_at": moment(typed(form, "performed_at"), zone),
            "due_at": _beginning(typed(form, "due_at"), zone),
        },
    )
    with visit.act() as session:
        made = equipment.calibrate(session, typed(form, "equipment_no")[:200], **given.model_dump())
    return made.equipment.equipment_no


def _beginning(text: str, zone: str) -> Any:
    """A day's first instant; what is no day stays as typed, for the shape to refuse."""
    try:
        return day_begins(date.fromisoformat(text), zone)
    except ValueError:
        return text


# Inspection plans ----------------------------------------------------------------------------------------------------


def _plan_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    found = plans.page(session, after=after, q=q)
    words = visit.words
    return tuple(
        RegisterRow(
            number=one.code,
            cells=(
                str(one.version),
                words.name(one.title, one.title_en),
                words(f"plant.f_{one.stage}"),
                one.item_no or (words(f"lot.kind_{one.item_kind}") if one.item_kind else ""),
                " · ".join(each.name_zh if words.language == "zh" else each.name_en for each in one.characteristics),
                words(f"plant.f_{one.status}"),
            ),
            tone="good" if one.status == "effective" else "wait",
        )
        for one in found.items
    ), found.next


def _plan_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    words = sheet.words
    return (
        sheet.field("code", words("plant.f_number"), help=words("plant.f_code_help"), required=True),
        sheet.field("title", words("plant.f_title"), required=True),
        sheet.field("title_en", words("plant.f_title_en")),
        sheet.field("stage", words("plant.f_stage"), "choice", options=_options(words, "incoming", "final"), required=True),
        choice(sheet, "item_no", words("plant.f_item"), _or_none(item_options(session, *KINDS))),
        sheet.field("item_kind", words("plant.f_item_kind"), "choice", options=_or_none(_item_kinds(words))),
        sheet.field("qualification", words("plant.f_skill")),
        sheet.field("reason", words("plant.f_reason"), required=True),
    )  # fmt: skip


def _write_plan(visit: Visit, form: FormData) -> str:
    names = ("code", "title", "title_en", "stage", "item_no", "item_kind", "qualification", "reason")
    given = meant(visit, PlanInput, {**_given(form, names), "characteristics": measured(form)})
    with visit.act(reason=given.reason) as session:
        return plans.create(session, *body_of(given)).code


REGISTERS = (
    Register("places", Permission.EQUIPMENT_WRITE, ("number", "name", "place_kind"), registers_places.place_rows, registers_places.place_fields, registers_places.write_place),
    Register(
        "kinds",
        Permission.EQUIPMENT_WRITE,
        ("number", "name"),
        registers_places.undecided_rows,
        registers_places.kind_fields,
        registers_places.write_kind,
    ),
    Register(
        "suppliers",
        Permission.PARTNER_WRITE,
        ("number", "name", "contact", "phone", "status"),
        _supplier_rows,
        _supplier_fields,
        _write_supplier,
    ),
    Register(
        "customers",
        Permission.PARTNER_WRITE,
        ("number", "name", "contact", "phone", "email", "country", "level"),
        _customer_rows,
        _customer_fields,
        _write_customer,
    ),
    Register(
        "levels",
        Permission.PARTNER_WRITE,
        ("number", "name", "country"),
        registers_levels.unknown_rows,
        registers_levels.level_fields,
        registers_levels.write_level,
    ),
    Register(
        "countries",
        Permission.PARTNER_WRITE,
        ("number", "name", "level"),
        registers_countries.unknown_rows,
        registers_countries.country_fields,
        registers_countries.write_country,
    ),
    Register(
        "items",
        Permission.ITEM_WRITE,
        ("number", "name", "kind", "uom", "gtin", "shelf", "implantable"),
        _item_rows,
        _item_fields,
        _write_item,
    ),
    Register(
        "bills",
        Permission.ITEM_WRITE,
        ("number", "product", "component", "quantity", "optional"),
        _bill_rows,
        _bill_fields,
        _write_bill,
    ),
    Register(
        "equipment",
        Permission.EQUIPMENT_WRITE,
        ("number", "name", "equipment_kind", "place", "needs", "status"),
        _equipment_rows,
        _equipment_fields,
        _write_equipment,
    ),
    Register(
        "calibrations",
        Permission.EQUIPMENT_WRITE,
        ("number", "name", "performed", "due", "certificate", "result"),
        _calibration_rows,
        _calibration_fields,
        _write_calibration,
    ),
    Register(
        "plans",
        Permission.PLAN_WRITE,
        ("number", "version", "title", "stage", "target", "measures", "status"),
        _plan_rows,
        _plan_fields,
        _write_plan,
    ),
)  # fmt: skip
