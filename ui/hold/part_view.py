"""Builds the pages about a quantity that is held at a place, in the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from models.hold.rules import Scope
from models.hold.store.parts import PartReach
from models.kernel.refusal import Refusal
from models.kernel.units.quantity import plain
from models.process.store.signed_acts import Shown
from ui.frame.i18n import Words
from ui.frame.parts import Amount, FormField, LotRef, Option, hold_act_href
from ui.frame.visit import new_key
from ui.frame.words.numbers import quantity
from ui.hold.part_page import PartLiftPage, PartPreviewPage
from ui.hold.rows import broken, errand, look, panel
from ui.lot.mark import lot_mark


@dataclass(frozen=True)
class Asked:
    """What somebody typed: where, how much, and why; with what was refused of it."""

    location: str = ""
    quantity: str = ""
    reason: str = ""
    refusal: Refusal | None = None


def preview(
    words: Words, lot: LotRef, uom: str, places: Sequence[Any], found: PartReach | None, asked: Asked
) -> PartPreviewPage:
    """What holding so much of the batch at a place would be about."""
    page = PartPreviewPage(
        lot=lot,
        look=look(words, Scope.PLACE),
        fields=_fields(words, uom, places, asked),
        refusal=asked.refusal,
        reason=asked.reason,
    )
    if found is None:
        return page
    there, much = found.there, quantity(words, found.quantity, uom)
    said = {"place": there.place, "there": quantity(words, there.quantity, uom)}
    given = {"scope": Scope.PLACE.value, "location": there.place, "quantity": plain(found.quantity)}
    return replace(
        page,
        lines=(
            words("hold.part_will", much=much, place=there.place),
            words("hold.part_there", **said, held=plain(there.held), packed=plain(there.packed)),
            words("hold.part_left", left=quantity(words, max(found.left, Decimal(0)), uom)),
        ),
        broken=broken(words, (one.as_record(uom) for one in found.broken)),
        errands=(errand(words, found.errand),) if found.errand else (),
        sends=found.sends,
        action=f"{lot.href}/hold?{urlencode(given)}",
        do=words("hold.part_do", much=much),
        command_key=new_key(),
    )


def _fields(words: Words, uom: str, places: Sequence[Any], asked: Asked) -> tuple[FormField, FormField]:
    """Where, of the places where it lies, and how much."""
    options = tuple(
        Option(value=one.code, label=f"{one.code} {one.name}", hint=_lies(words, one, uom)) for one in places
    )
    where = FormField(key="location", label=words("lot.location"), kind="choice", required=True, options=options)
    much = FormField(key="quantity", label=words("lot.quantity"), kind="quantity", required=True, unit=uom)
    return replace(where, value=asked.location), replace(much, value=asked.quantity)


def lifting(words: Words, part: Any, shown: Shown | None, wanted: Decimal | None, asked: Asked) -> PartLiftPage:
    """What lifting so much of a part would be signed on."""
    refusal, here = asked.refusal, f"/hold-parts/{part.part}"
    query = f"?{urlencode({'quantity': plain(wanted)})}" if wanted is not None else ""
    much = part.quantity if wanted is None else wanted
    said = {"much": quantity(words, much, part.uom), "rest": quantity(words, part.quantity - much, part.uom)}
    return PartLiftPage(
        lot=LotRef(lot_no=part.lot_no, mark=lot_mark(part.status), item=part.item),
        reason=part.reason,
        place=f"{part.location} {part.place}",
        who=part.placed_by,
        at=part.placed_at,
        held=Amount(value=part.quantity, unit=part.uom),
        act_href=hold_act_href(part.hold_act),
        quantity=FormField(
            key="quantity",
            label=words("hold.lift_much"),
            kind="quantity",
            value=asked.quantity or plain(much),
            unit=part.uom,
            help=words("hold.lift_rest"),
        ),
        action=f"{here}/lift{query}" if shown else "",
        do=words("hold.lift_will" if much == part.quantity else "hold.lift_some", **said),
        record_href=f"{here}/record{query}",
        signature=panel(words, shown, refusal) if shown else None,
        refusal=refusal,
        typed=asked.reason,
        command_key=new_key(),
    )


def _lies(words: Words, place: Any, uom: str) -> str:
    free = place.quantity - place.held - place.packed
    return words("hold.part_free", free=quantity(words, free, uom), there=plain(place.quantity))
