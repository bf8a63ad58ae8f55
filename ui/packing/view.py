"""Pages of cases and pallets: what is in them as a tree, when what went in and came out, and the forms (REQ 56)."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlencode

from sqlmodel import Session
from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.packing.queries import HistoryView, OnUnitRow, UnitDetail, UnitTree, UnitView
from models.packing.rules import UnitKind
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.plant.queries import choices
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import errors, rows
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Fact, FormField, LotRef, Option, Pager, lot_href, unit_href
from ui.frame.rows import amount
from ui.frame.status import Mark, mark
from ui.frame.visit import new_key
from ui.lot.mark import lot_mark
from ui.lot.view.list import choice
from ui.packing.page import (
    Branch,
    FormKey,
    Good,
    HistoryRow,
    PackingForm,
    PackPage,
    ThingLine,
    UnitPage,
    UnitRow,
    UnitsPage,
)
from ui.shipment.view import href as shipment_href

COLUMNS = ("what", "quantity")
OPEN_UP_TO = 10
"""More inner units than these stand folded, but for those that hold something held."""
SHOWN = 500


def listed(
    words: Words, found: Sequence[UnitView], following: str | None, q: str, cursor: str, *, can_pack: bool
) -> UnitsPage:
    """The list, newest first."""
    kept = {"q": q} if q else {}
    return UnitsPage(
        rows=tuple(
            UnitRow(
                unit_no=one.unit_no,
                path=one.parent or one.unit_no,
                kind=words(f"packing.{one.kind}"),
                mark=_mark(one),
                location=f"{one.location} {one.location_name}" if one.status == "open" else one.shipment or "",
                things=one.things,
                at=one.created_at,
            )
            for one in found
        ),
        pager=Pager(
            shown=len(found),
            next_href=f"/units?{urlencode({**kept, 'cursor': following})}" if following else None,
            first_href=f"/units?{urlencode(kept)}" if cursor else None,
        ),
        q=q,
        can_pack=can_pack,
    )


def new(
    words: Words,
    session: Session,
    *,
    blocked: Refusal | None = None,
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> PackPage:
    """The form of a unit that begins, empty or as it was refused."""
    sheet = Sheet(words, given, refusal)
    kinds = tuple(Option(value=kind.value, label=words(f"packing.{kind.value}")) for kind in UnitKind)
    return PackPage(
        fields=(
            sheet.field("unit_no", words("packing.number"), "lot", help=words("packing.number_help"), required=True),
            choice(sheet, "unit_kind", words("packing.kind"), kinds),
            choice(sheet, "location", words("packing.location"), _places(session)),
        ),
        lines=lines(given, "contents", refusal, words.language),
        refusal=refusal,
        blocked=blocked,
        command_key=new_key(),
    )


def page(
    words: Words,
    session: Session,
    principal: Principal,
    found: UnitDetail,
    *,
    where: FormKey | None = None,
    given: FormData | None = None,
    refusal: Refusal | None = None,
    as_of_typed: str = "",
) -> UnitPage:
    """One unit as this person sees it; a refusal stands in the form that was refused."""
    unit = found.unit
    forms = () if found.as_of is not None else _forms(words, session, principal, found, where, given, refusal)
    trace = f"/trace/{quote('logistic_unit:' + str(unit.id), safe='')}?direction="
    may_ship = (
        principal.may(Permission.SHIPMENT_CREATE) and unit.status == "open" and unit.parent is None and unit.things > 0
    )
    return UnitPage(
        unit_no=unit.unit_no,
        kind=words(f"packing.{unit.kind}"),
        mark=_mark(unit),
        facts=_facts(words, unit),
        contents=branch(found.contents),
        history=history(words, found.history),
        forms=forms,
        as_of=found.as_of,
        as_of_typed=as_of_typed,
        trace_back_href=trace + "backward",
        trace_forward_href=trace + "forward",
        ship_href=f"/shipments/new?{urlencode({'unit': unit.unit_no})}" if may_ship else "",
        more=SHOWN if len(found.history) >= SHOWN else 0,
        refusal=refusal if where is None else None,
        command_key=new_key(),
    )


def lines(
    form: FormData | None, name: str, refusal: Refusal | None, language: str, *, least: int = 3
) -> tuple[ThingLine, ...]:
    """Scanned lines, as typed; a problem of the shape stands at its line."""
    if form is None:
        return tuple(ThingLine() for _ in range(least))
    typed = rows(form, "thing", COLUMNS)
    wrong = errors(refusal, name, typed, language)
    found = tuple(
        ThingLine(what=line["what"], quantity=line["quantity"], error=wrong.get(place, ""))
        for place, line in enumerate(typed)
    )
    return (*found, ThingLine()) if not found or found[-1].what else found


def on_units(found: Iterable[OnUnitRow], *, lots: bool = False) -> tuple[UnitRow, ...]:
    """The units that hold goods, of several `lots` where they are named."""
    return tuple(
        UnitRow(
            unit_no=one.unit_no,
            path=one.path,
            location=one.location,
            lot=LotRef(lot_no=one.lot_no, mark=lot_mark("held"), item="") if lots else None,
            amount=Amount(value=one.quantity, unit=one.uom),
        )
        for one in found
    )


def _mark(unit: UnitView) -> Mark:
    return mark("unit", "held" if unit.held and unit.status == "open" else unit.status)


def _facts(words: Words, unit: UnitView) -> tuple[Fact, ...]:
    facts = [Fact(label=words("packing.begun"), moment=unit.created_at)]
    if unit.shipment is not None:
        facts.insert(
            0,
            Fact(label=words("packing.shipped_with"), text=unit.shipment, href=shipment_href(unit.shipment), code=True),
        )
    else:
        facts.insert(0, Fact(label=words("packing.location"), text=f"{unit.location} {unit.location_name}"))
    if unit.parent is not None:
        facts.append(Fact(label=words("packing.inside"), text=unit.parent, href=unit_href(unit.parent), code=True))
    return tuple(facts)


def branch(tree: UnitTree) -> Branch:
    """The tree of what is in a unit."""
    return _branch(tree, _many(tree))


def history(words: Words, rows_found: Sequence[HistoryView]) -> tuple[HistoryRow, ...]:
    """What went in and came out, the newest first."""
    return tuple(_history(words, one) for one in reversed(rows_found))


def _many(tree: UnitTree) -> int:
    return len(tree.units) + sum(_many(one) for one in tree.units)


def _branch(tree: UnitTree, inner: int) -> Branch:
    units = tuple(_branch(one, inner) for one in tree.units)
    held = any(one.held for one in tree.goods) or any(one.held for one in units)
    return Branch(
        unit_no=tree.unit_no,
        kind=tree.kind,
        count=len(tree.goods) + len(tree.units),
        goods=tuple(
            Good(
                lot=LotRef(lot_no=one.lot_no, mark=lot_mark(one.status, held=one.held), item=one.item),
                serial=one.serial_no or "",
                amount=Amount(value=one.quantity, unit=one.uom),
            )
            for one in tree.goods
        ),
        units=units,
        held=held,
        wide=held or inner <= OPEN_UP_TO,
    )


def _history(words: Words, one: HistoryView) -> HistoryRow:
    label = one.unit_no or one.lot_no or ""
    return HistoryRow(
        at=one.at,
        what=words("packing.packed" if one.what == "packed" else "packing.unpacked"),
        who=one.who,
        label=f"{label} / {one.serial_no}" if one.serial_no else label,
        href=unit_href(one.unit_no) if one.unit_no else lot_href(one.lot_no or ""),
        amount=amount(one.quantity, one.uom or ""),
    )


def _forms(
    words: Words,
    session: Session,
    principal: Principal,
    found: UnitDetail,
    where: FormKey | None,
    given: FormData | None,
    refusal: Refusal | None,
) -> tuple[PackingForm, ...]:
    unit, contents = found.unit, found.contents
    if unit.status != "open":
        return ()
    keys: list[FormKey] = []
    if principal.may(Permission.UNIT_PACK):
        keys += ["pack"]
        keys += ["unpack", "empty"] if contents.goods or contents.units else []
    if principal.may(Permission.STOCK_MOVE) and unit.parent is None:
        keys += ["move"]
    forms = []
    for key in keys:
        mine, why = (given, refusal) if key == where else (None, None)
        sheet = Sheet(words, mine, why)
        fields: tuple[FormField, ...] = ()
        if key == "empty":
            fields = (sheet.field("reason", words("packing.reason")),)
        elif key == "move":
            fields = (choice(sheet, "location", words("packing.location"), _places(session), required=True),)
        forms.append(
            PackingForm(
                key=key,
                action=f"{unit_href(unit.unit_no)}/{key}",
                lines=lines(mine, "contents", why, words.language, least=2) if key in {"pack", "unpack"} else (),
                fields=fields,
                refusal=why,
            )
        )
    return tuple(forms)


def _places(session: Session) -> tuple[Option, ...]:
    return tuple(Option(value=one.code, label=f"{one.code} {one.name}") for one in choices.locations(session))
