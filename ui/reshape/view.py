"""Which ways to reshape a batch its page offers to this person, and the forms for them (REQUIREMENTS 6, 7)."""

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.lot.queries.views import LotDetail
from models.lot.rules.lot import LotStatus
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.reshape import rules
from models.stock.rules import REGISTER
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import errors, rows
from ui.frame.i18n import Words
from ui.frame.parts import FieldKind, FormField, Option, lot_href
from ui.frame.words.numbers import quantity
from ui.reshape.page import PartLine, ReshapeForm

LINES = 3
PART = "part:"
"""Before the id of what is held somewhere, where goods may be taken of it as well as of what lies free."""
COLUMNS = ("lot_no", "quantity", "serials")
LABELS = ("labels_printed", "labels_applied", "labels_scrapped", "labels_each")
ACTS = {
    "split": (rules.SPLITTABLE, Permission.LOT_RESHAPE),
    "merge": (rules.MERGEABLE, Permission.LOT_RESHAPE),
    "repack": (rules.REPACKABLE, Permission.LOT_RESHAPE),
    "disposition": (rules.DISPOSABLE, Permission.LOT_DISPOSE),
    "move": (frozenset(LotStatus), Permission.STOCK_MOVE),
    "serials": (REGISTER, Permission.SERIAL_REGISTER),
}


class _Prefixed(Sheet):
    """Several forms on one page: every field has its form's name before its own."""

    def __init__(self, words: Words, act: str, given: FormData | None, refusal: Refusal | None) -> None:
        super().__init__(words, given, refusal)
        self._act = act

    def own(self, key: str, label: str, kind: FieldKind = "text", default: str = "", **more: object) -> FormField:
        """One field; what is wrong with it is known by its own name."""
        name = f"{self._act}_{key}"
        return FormField(
            key=name,
            label=self.words(f"reshape.{label}"),
            kind=kind,
            value=self.value(name, default),
            error=self.error(key) or self.error(f"rejected.{key}"),
            **more,  # type: ignore[arg-type]  # the fields of FormField
        )


def forms(
    words: Words,
    principal: Principal,
    detail: LotDetail,
    act: str = "",
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> tuple[ReshapeForm, ...]:
    """What this person may do with this batch as it stands; the refused one as it was typed."""
    if not detail.lot.in_stock:
        return ()
    return tuple(
        _form(words, detail, key, *((given, refusal) if key == act else (None, None)))
        for key, (states, permission) in ACTS.items()
        if (principal.may(permission) and LotStatus(detail.lot.status) in states) or key == act
    )


def _form(words: Words, detail: LotDetail, act: str, given: FormData | None, refusal: Refusal | None) -> ReshapeForm:
    sheet = _Prefixed(words, act, given, refusal)
    reason = () if act == "serials" else (sheet.own("reason", "reason", "long_text", required=True),)
    return ReshapeForm(
        key=act,
        action=f"{lot_href(detail.lot.lot_no)}/{act}",
        fields=_fields(sheet, act, detail) + reason,
        parts=_parts(words, given, refusal) if act == "split" else (),
        with_serials=detail.serial_units > 0,
        refusal=refusal,
    )


def _fields(sheet: _Prefixed, act: str, detail: LotDetail) -> tuple[FormField, ...]:
    lot = detail.lot
    serials = (sheet.own("serials", "serials", "long_text"),) if detail.serial_units else ()
    match act:
        case "merge":
            return (
                sheet.own("others", "others", "long_text", required=True),
                sheet.own("into", "new_lot", "lot", required=True),
            )
        case "repack":
            counted = lot.kind in rules.LABELLED
            places = tuple(
                Option(value=one.location, label=f"{one.location} {one.location_name}") for one in detail.stock
            )
            where = (sheet.own("location", "location", "choice", options=places),) if len(places) > 1 else ()
            return (
                sheet.own("quantity", "quantity", "quantity", required=True, unit=lot.uom),
                sheet.own("new_quantity", "new_quantity", "quantity", required=True),
                sheet.own("new_uom", "new_uom", required=True),
                sheet.own("into", "new_lot", "lot", required=True),
                *where,
                *(sheet.own(name, name, "integer", required=name != "labels_each") for name in LABELS if counted),
                *serials,
            )
        case "disposition":
            return (
                sheet.own("quantity", "rejected_quantity", "quantity", required=True, unit=lot.uom),
                sheet.own("lot_no", "rejected_lot", "lot", required=True),
                *serials,
            )
        case "move":
            return (
                sheet.own("source", "move_from", "choice", options=_sources(sheet.words, detail), required=True),
                sheet.own("to", "move_to", required=True),
                sheet.own("quantity", "move_quantity", "quantity", unit=lot.uom),
            )
        case "serials":
            return (sheet.own("numbers", "new_serials", "long_text", required=True),)
        case _:
            return ()


def _sources(words: Words, detail: LotDetail) -> tuple[Option, ...]:
    """Where goods may be taken from: the places where they lie, and what is held there, which goes on being held."""
    places = [Option(value=one.location, label=f"{one.location} {one.location_name}") for one in detail.stock]
    for one in detail.parts:
        said = {"much": quantity(words, one.quantity, detail.lot.uom), "place": one.location, "reason": one.reason}
        places.append(Option(value=f"{PART}{one.part}", label=words("hold.part_source", **said)))
    return tuple(places)


def _parts(words: Words, given: FormData | None, refusal: Refusal | None) -> tuple[PartLine, ...]:
    if given is None:
        return tuple(PartLine() for _ in range(LINES))
    typed = rows(given, "part", COLUMNS)
    wrong = errors(refusal, "parts", typed, words.language)
    lines = [PartLine(**line, error=wrong.get(place, "")) for place, line in enumerate(typed)]
    return (*lines, PartLine()) if lines and lines[-1].lot_no else tuple(lines)
