"""The list of batches and the form that receives one, from the record (REQUIREMENTS 27, 54)."""

from datetime import datetime

from sqlmodel import Session
from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.listing.rules import Asked
from models.lot.queries.list import LIST
from models.lot.queries.views import LotPage as Found
from models.lot.queries.views import LotView
from models.lot.rules.lot import LotStatus
from models.plant.queries import choices
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.listing import part
from ui.frame.parts import Amount, Draft, FormField, LotRef, Option
from ui.frame.rows import day
from ui.frame.visit import new_key
from ui.lot.mark import lot_mark
from ui.lot.page.list import LotRow, LotsPage, ReceivePage

KINDS = ("raw", "component", "in_process", "finished", "packaged")
BOUGHT = ("raw", "component")
HELD = "held"


def lots(
    words: Words, found: Found, asked: Asked, cursor: str, *, can_receive: bool, refusal: Refusal | None
) -> LotsPage:
    """The list with the filters as asked."""
    said = asked.filters
    return LotsPage(
        rows=tuple(_row(one) for one in found.items),
        list=part(words, LIST, asked, LIST.page, {}, shown=len(found.items), cursor=cursor, following=found.next),
        q=said.get("q", ""),
        statuses=tuple(Option(value=one, label=words(f"status.lot_{one}")) for one in (*LotStatus, HELD)),
        status=HELD if said.get("held") == "true" and not said.get("status") else said.get("status", ""),
        kinds=tuple(Option(value=one, label=words(f"lot.kind_{one}")) for one in KINDS),
        kind=said.get("kind", ""),
        item=said.get("item", ""),
        supplier=said.get("supplier", ""),
        refusal=refusal,
        can_receive=can_receive,
    )


def _row(one: LotView) -> LotRow:
    mark = lot_mark(one.status, held=one.held, expired=one.expired)
    return LotRow(
        lot=LotRef(lot_no=one.lot_no, mark=mark, item=one.item),
        item_code=one.item_no,
        kind=one.kind,
        amount=Amount(value=one.quantity, unit=one.uom),
        expiry=day(one.expires_on, one.expiry_precision),
        supplier_lot=one.supplier_lot_no or "",
        changed_at=one.changed_at or one.created_at,
    )


def receive(
    words: Words,
    session: Session,
    now: datetime,
    *,
    blocked: Refusal | None = None,
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> ReceivePage:
    """The form, empty or as it was refused."""
    del now
    sheet = Sheet(words, given, refusal)
    places = choices.locations(session)
    quarantine = [place.code for place in places if place.kind == "quarantine"]
    return ReceivePage(
        fields=(
            choice(sheet, "item_no", words("receive.item"), item_options(session, *BOUGHT), required=True),
            sheet.field("lot_no", words("receive.lot_no"), help=words("receive.lot_no_help"), required=True),
            choice(sheet, "supplier_no", words("receive.supplier"), _suppliers(words, session)),
            sheet.field(
                "supplier_lot_no", words("receive.supplier_lot"), "lot", help=words("receive.supplier_lot_help")
            ),
            sheet.field(
                "quantity", words("receive.quantity"), "quantity", help=words("receive.quantity_help"), required=True
            ),
            choice(
                sheet,
                "location",
                words("receive.location"),
                tuple(Option(value=place.code, label=f"{place.code} {place.name}") for place in places),
                default=quarantine[0] if len(quarantine) == 1 else "",
                required=True,
            ),
            sheet.field("item_revision", words("receive.revision"), help=words("receive.revision_help")),
            sheet.field("certificate_no", words("receive.certificate"), help=words("receive.certificate_help")),
            sheet.field("manufactured_on", words("receive.made_on"), help=words("receive.made_on_help")),
            sheet.field("expires_on", words("receive.expires_on"), help=words("receive.expires_on_help")),
            sheet.field(
                "received_at", words("receive.received_at"), "datetime", help=words("receive.received_at_help")
            ),
            sheet.field("retest_on", words("receive.retest_on"), help=words("receive.retest_on_help")),
            sheet.field("expiry_reason", words("receive.expiry_reason"), help=words("receive.expiry_reason_help")),
            sheet.field("label_reason", words("receive.label_reason"), help=words("receive.label_reason_help")),
        ),
        refusal=refusal,
        blocked=blocked,
        draft=Draft(key="receive"),
        command_key=new_key(),
    )


def choice(
    sheet: Sheet, key: str, label: str, options: tuple[Option, ...], default: str = "", *, required: bool = False
) -> FormField:
    """A choice, or a field to type into when there are more answers than anybody can choose from."""
    if not options or len(options) >= choices.MOST:
        return sheet.field(key, label, "text", default, required=required)
    return sheet.field(key, label, "choice", default, options=options, required=required)


def item_options(session: Session, *kinds: str) -> tuple[Option, ...]:
    """Items by number and name."""
    return tuple(
        Option(value=one.item_no, label=f"{one.name} · {one.item_no}") for one in choices.items(session, *kinds)
    )


def _suppliers(words: Words, session: Session) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=one.supplier_no,
            label=f"{one.name} · {one.supplier_no}",
            blocked=words("receive.blocked_supplier") if one.status == "blocked" else "",
        )
        for one in choices.suppliers(session)
    )
