"""Parts of the pages of holding that several of them show."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from models.hold.rules import Scope
from models.kernel.refusal import Refusal
from models.process.sign.sign import WRONG_PASSWORD
from models.process.store.signed_acts import Shown
from models.pull.rules import Errand
from ui.frame.i18n import Words
from ui.frame.parts import Amount, FormField, Option, SignaturePanel
from ui.hold.page import BrokenRow, ErrandRow, PartRow

FEW = 5


def look(words: Words, scope: Scope) -> FormField:
    """How far the act is to reach."""
    return FormField(
        key="scope",
        label=words("hold.scope"),
        kind="choice",
        value=scope,
        options=tuple(
            Option(value=one, label=words(f"hold.scope_{one}"), hint=words(f"hold.scope_{one}_help")) for one in Scope
        ),
    )


def errand(words: Words, one: Errand) -> ErrandRow:
    """A place that somebody is sent to."""
    return ErrandRow(
        place=words(f"pull.at_{one.kind}", place=one.place, title=one.title),
        lots=_names(words, (lot_no for lot_no, _ in one.lines)),
        amount=Amount(value=one.quantity, unit=one.uom),
    )


def panel(words: Words, shown: Shown, refusal: Refusal | None) -> SignaturePanel:
    """Where lifting is signed; after a wrong password it says how many are left."""
    wrong = refusal is not None and refusal.code == WRONG_PASSWORD.code
    left = int(refusal.params.get("left", "0")) if refusal is not None and wrong else None
    return SignaturePanel(meaning=shown.act.title(words.language), digest=shown.digest, attempts_left=left)


def broken(words: Words, rows: Iterable[Mapping[str, Any]]) -> tuple[BrokenRow, ...]:
    """The promises that nothing is left for."""
    return tuple(
        BrokenRow(
            number=one["shipment_no"],
            href=f"/shipments/{quote(one['shipment_no'], safe='')}",
            customer=one["customer"] if words.language == "zh" else one["customer_en"] or one["customer"],
            amount=Amount(value=Decimal(one["quantity"]), unit=one["uom"]),
            lacking=Amount(value=Decimal(one["lacking"]), unit=one["uom"]),
        )
        for one in rows
    )


def parts(rows: Iterable[Any], *, may_lift: bool) -> tuple[PartRow, ...]:
    """What an act holds of a batch where, and what it held."""
    return tuple(
        PartRow(
            place=f"{one.location} {one.place}",
            amount=Amount(value=one.quantity, unit=one.uom),
            at=one.placed_at,
            lifted=Amount(value=one.lifted, unit=one.uom) if one.lifted else None,
            ended_at=one.ended_at,
            ended_by=one.ended_by or "",
            end_reason=one.end_reason or "",
            href=f"/hold-parts/{one.part}" if may_lift and one.ended_at is None else "",
        )
        for one in rows
    )


def _names(words: Words, numbers: Iterable[str]) -> str:
    named = list(numbers)
    said = words("list.comma").join(named[:FEW])
    return f"{said} …" if len(named) > FEW else said
