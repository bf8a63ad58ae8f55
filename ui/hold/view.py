"""Builds the pages of holding: in the reader's words, the first rows of long tables, where everything is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from models.hold.queries import Act
from models.hold.rules import Scope
from models.hold.store.reach import Reach
from models.kernel.refusal import Refusal
from models.process.store.signed_acts import Shown
from ui.frame.first_rows import Folding
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Link, LotRef, hold_act_href, lot_href
from ui.frame.visit import new_key
from ui.frame.words.numbers import quantity
from ui.hold.page import ActPage, BeyondRow, PreviewPage, ReachedRow
from ui.hold.rows import broken, errand, look, panel, parts
from ui.lot.mark import lot_mark
from ui.recall.view.pulls import pulls

AT_CUSTOMERS = frozenset({"customer", "in_transit"})


def preview(
    words: Words,
    lot: LotRef,
    scope: Scope,
    found: Reach,
    folding: Folding,
    refused: tuple[Refusal | None, str] = (None, ""),
) -> PreviewPage:
    """What holding the batch would be about."""
    here = lot_href(lot.lot_no)
    much = " + ".join(quantity(words, value, uom) for uom, value in found.amounts)
    lines = [words("hold.will", n=found.count)]
    if found.held:
        lines.append(words("hold.will_held", n=found.held))
    lines.append(words("hold.house", much=much, places=found.places) if much else words("hold.house_none"))
    rows, rows_cut = folding.cut("lots", [_row(one) for one in found.lots])
    beyond, beyond_cut = folding.cut("beyond", [one.as_record() for one in found.beyond])
    return PreviewPage(
        lot=lot,
        scope=scope,
        look=look(words, scope),
        action=f"{here}/hold?scope={scope}",
        lines=tuple(lines),
        rows=tuple(rows),
        rows_cut=replace(rows_cut, total=found.count),
        beyond=_beyond(words, beyond),
        beyond_cut=beyond_cut,
        customers=any(one.why in AT_CUSTOMERS for one in found.beyond),
        errands=tuple(errand(words, one) for one in found.errands),
        sends=found.sends,
        do=words(f"hold.do_{scope}", n=found.count) if scope is Scope.PARTS else words("hold.do_lot"),
        trace_href=f"/trace/{quote(lot.lot_no, safe='')}?direction=forward",
        refusal=refused[0],
        reason=refused[1],
        command_key=new_key(),
    )


def act(
    words: Words,
    found: Act,
    folding: Folding,
    shown: Shown | None,
    refusal: Refusal | None = None,
    typed: str = "",
    *,
    may_lift: bool = False,
) -> ActPage:
    """What one act held."""
    head, here = found.head, hold_act_href(found.head.public_id)
    rows, rows_cut = folding.cut("lots", found.holds)
    beyond, beyond_cut = folding.cut("beyond", head.beyond)
    errands, pulls_cut = folding.cut("pulls", found.errands)
    return ActPage(
        reason=head.reason,
        scope=words(f"hold.scope_{head.scope}"),
        named=tuple(Link(label=one, href=lot_href(one)) for one in head.named),
        who=head.placed_by,
        at=found.placed_at,
        open=head.open or head.open_parts,
        held=head.held,
        rows=tuple(_held(one) for one in rows),
        rows_cut=replace(rows_cut, total=head.held),
        beyond=_beyond(words, beyond),
        beyond_cut=beyond_cut,
        customers=any(one["why"] in AT_CUSTOMERS for one in head.beyond),
        pulls=pulls(words, errands),
        pulls_total=sum(one.status != "cancelled" for one in found.errands),
        pulled=sum(one.done_at is not None for one in found.errands),
        cuts={"pulls": pulls_cut},
        lift_href=f"{here}/lift" if shown else "",
        record_href=f"{here}/record" if shown else "",
        signature=panel(words, shown, refusal) if shown else None,
        refusal=refusal,
        typed=typed,
        command_key=new_key(),
        state=_state(words, head),
        parts=parts(found.parts, may_lift=may_lift),
        broken=broken(words, head.broken),
    )


def _state(words: Words, head: Any) -> str:
    """How much of it is still held."""
    if head.scope == Scope.PLACE:
        return words("hold.part_open" if head.open_parts else "hold.part_lifted")
    return words("hold.open_of", open=head.open, held=head.held) if head.open else words("hold.all_lifted", n=head.held)


def _held(one: Any) -> ReachedRow:
    lifted = {"lifted_at": one.lifted_at, "lifted_by": one.lifted_by or "", "lift_reason": one.lift_reason or ""}
    return _row(one, later=one.later, **lifted)


def _row(one: Any, **more: Any) -> ReachedRow:
    ref = LotRef(lot_no=one.lot_no, mark=lot_mark(one.status, held=one.held), item=one.item)
    return ReachedRow(lot=ref, in_house=Amount(value=one.quantity, unit=one.uom), places=one.places or "", **more)


def _beyond(words: Words, rows: Sequence[Mapping[str, Any]]) -> tuple[BeyondRow, ...]:
    return tuple(_gone(words, one) for one in rows)


def _gone(words: Words, one: Mapping[str, Any]) -> BeyondRow:
    place = one["place"] if words.language == "zh" else one["place_en"] or one["place"]
    number = one["number"] or ""
    kept = lot_href(number) if one["why"] == "made_into" else f"/shipments/{quote(number, safe='')}"
    return BeyondRow(
        lot_no=one["lot_no"],
        lot_href=lot_href(one["lot_no"]),
        why=words(f"hold.why_{one['why']}"),
        where=place or "",
        number=number,
        href=kept if number else "",
        amount=Amount(value=one["quantity"], unit=one["uom"]) if one["quantity"] is not None else None,
    )
