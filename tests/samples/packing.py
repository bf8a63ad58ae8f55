"""Sample contexts of the pages of cases and pallets: empty, full, held, shipped, refused."""

from collections.abc import Callable
from decimal import Decimal as Dec
from uuid import UUID

from models.kernel.refusal import Refusal
from models.lot.rules.held import HELD, may
from models.lot.rules.open_hold import HoldKind, OpenHold
from models.packing import rules
from models.packing.queries import HistoryView, PackedView, UnitDetail, UnitTree, UnitView
from tests.samples.pages import hours
from ui.frame.i18n import Language, Words
from ui.frame.parts import Fact, FormField, Option
from ui.frame.render import Page
from ui.frame.status import mark
from ui.packing import view as views_packing
from ui.packing.page import FormKey, PackingForm, PackPage, ThingLine, UnitPage

PALLET, CASE = "006141411234567890", "006141411234567883"
PLACES = tuple(
    Option(value=code, label=f"{code} {name}") for code, name in (("FG-A1", "成品库 A1"), ("QA-01", "隔离区"))
)


def _unit(number: int, **more: object) -> UnitView:
    given = {
        "id": UUID(int=number), "unit_no": PALLET if number == 0 else f"箱-{number:04d}", "kind": "case" if number else "pallet",
        "status": "open", "location": "FG-A1", "location_name": "成品库 A1", "shipment": None, "parent": None,
        "created_at": hours(-30 - number), "created_by": "李仓", "things": 3, "held": number == 2,
    }  # fmt: skip
    return UnitView.model_validate(given | more)


def _good(number: int, *, serial: str | None = None, held: bool = False) -> PackedView:
    return PackedView(
        lot_no=f"H-2611-{number:02d}", item="髋关节柄 12/14", serial_no=serial, quantity=Dec(1 if serial else 20),
        uom="pcs", status="released", held=held,
    )  # fmt: skip


def _tree(cases: int) -> UnitTree:
    inner = tuple(
        UnitTree(unit_no=f"箱-{n:04d}", kind="case", goods=(_good(n, held=n == 2), _good(9, serial=f"SN-{n:05d}")))
        for n in range(1, cases + 1)
    )
    return UnitTree(unit_no=PALLET, kind="pallet", goods=(_good(0),), units=inner)


def _history() -> tuple[HistoryView, ...]:
    rows = [("packed", "H-2611-00", None, None, 24), ("packed", None, None, "箱-0001", None), ("packed", "H-2611-09", "SN-00001", None, 1),
            ("unpacked", "H-2611-00", None, None, 4)]  # fmt: skip
    return tuple(
        HistoryView(at=hours(-30 + place), what=what, who="李仓", lot_no=lot, serial_no=serial, unit_no=unit,
                    quantity=Dec(many) if many else None, uom="pcs" if lot else None)
        for place, (what, lot, serial, unit, many) in enumerate(rows)
    )  # fmt: skip


def _forms(words: Words, refused: FormKey | None = None, refusal: Refusal | None = None) -> tuple[PackingForm, ...]:
    lines = (
        (ThingLine(what="H-2611-02", quantity="5"), ThingLine()) if refused == "pack" else (ThingLine(), ThingLine())
    )
    reason = FormField(key="reason", label=words("packing.reason"))
    place = FormField(key="location", label=words("packing.location"), kind="choice", options=PLACES, required=True)
    return tuple(
        PackingForm(
            key=key,
            action=f"/units/{PALLET}/{key}",
            lines=lines if key in {"pack", "unpack"} else (),
            fields=fields,
            refusal=refusal if key == refused else None,
        )
        for key, fields in _fields(reason, place)
    )


def _fields(reason: FormField, place: FormField) -> tuple[tuple[FormKey, tuple[FormField, ...]], ...]:
    return (("pack", ()), ("unpack", ()), ("empty", (reason,)), ("move", (place,)))


def _page(
    language: Language, cases: int, *, forms: bool = True, refused: FormKey | None = None, shipped: bool = False
) -> Page:
    words = Words(language)
    why = (
        HELD(
            lot="H-2611-02",
            why_zh="客户投诉",
            why_en="客户投诉",
            act_zh="装箱",
            act_en="packed",
            **may([OpenHold(HoldKind.QUALITY, "")]),
        )
        if refused
        else None
    )
    unit = _unit(0, status="shipped", shipment="SH-2611-031") if shipped else _unit(0, held=cases >= 2)
    found = UnitDetail(unit=unit, contents=_tree(cases) if cases else UnitTree(unit_no=PALLET, kind="pallet"), history=_history() if cases else ())  # fmt: skip
    facts = (
        Fact(label=words("packing.shipped_with"), text="SH-2611-031", href="/shipments/SH-2611-031", code=True)
        if shipped
        else Fact(label=words("packing.location"), text="FG-A1 成品库 A1"),
        Fact(label=words("packing.begun"), moment=hours(-30)),
    )
    return UnitPage(
        unit_no=PALLET, kind=words("packing.pallet"), mark=mark("unit", "shipped" if shipped else "held" if cases >= 2 else "open"),
        facts=facts, contents=views_packing.branch(found.contents), history=views_packing.history(words, found.history),
        forms=_forms(words, refused, why) if forms else (), as_of=hours(-20) if cases and not forms and not shipped else None,
        trace_back_href="/trace/x", trace_forward_href="/trace/x", ship_href="" if shipped else "/shipments/new?unit=x", command_key="k",
    )  # fmt: skip


def units(language: Language, *, empty: bool = False) -> Page:
    rows = () if empty else (_unit(0), *(_unit(n, parent=PALLET if n < 3 else None) for n in range(1, 20)), _unit(20, status="shipped", shipment="SH-1"))  # fmt: skip
    return views_packing.listed(Words(language), rows, None if empty else "next", "", "", can_pack=True)


def unit_new(language: Language, *, refused: bool) -> Page:
    words = Words(language)
    kinds = tuple(Option(value=kind, label=words(f"packing.{kind}")) for kind in ("case", "pallet"))
    fields = (
        FormField(key="unit_no", label=words("packing.number"), kind="lot", value="006141411234567891" if refused else "",
                  help=words("packing.number_help"), required=True),
        FormField(key="unit_kind", label=words("packing.kind"), kind="choice", options=kinds),
        FormField(key="location", label=words("packing.location"), kind="choice", options=PLACES),
    )  # fmt: skip
    typed = (ThingLine(what="H-2611-04", quantity="20"), ThingLine(what=CASE), ThingLine())
    return PackPage(
        fields=fields,
        lines=typed if refused else (ThingLine(), ThingLine(), ThingLine()),
        refusal=rules.BAD_SSCC(number="006141411234567891") if refused else None,
        command_key="k",
    )


PAGES: dict[str, Callable[[Language], Page]] = {
    "units": units,
    "units-empty": lambda language: units(language, empty=True),
    "unit-new": lambda language: unit_new(language, refused=False),
    "unit-new-refused": lambda language: unit_new(language, refused=True),
    "unit": lambda language: _page(language, 4),
    "unit-60-cases": lambda language: _page(language, 60),
    "unit-empty": lambda language: _page(language, 0),
    "unit-refused": lambda language: _page(language, 3, refused="pack"),
    "unit-shipped": lambda language: _page(language, 3, forms=False, shipped=True),
    "unit-then": lambda language: _page(language, 1, forms=False),
}
