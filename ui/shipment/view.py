"""Shipments as pages: the list, a new one, one with its lines (REQUIREMENTS 54, 57)."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from sqlmodel import Session
from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.packing import queries as queries_packing
from models.plant.queries import choices
from models.shipment.queries import pages as shipments
from models.shipment.queries.pages import ShipmentList
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import lot_lines
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Draft, Fact, Option, Pager, TimelineEntry, unit_href
from ui.frame.rows import day
from ui.frame.status import Mark, mark
from ui.frame.visit import new_key
from ui.lot.mark import ref
from ui.lot.view.list import choice
from ui.production.page import LotLine
from ui.shipment.page import NewShipmentPage, ShipmentPage, ShipmentRow, ShipmentsPage, Shippable, ShippedLine

STATES = {"planned": "draft", "shipped": "in_transit", "arrived": "delivered", "cancelled": "cancelled"}


def href(number: str) -> str:
    """The address of a shipment."""
    return f"/shipments/{quote(number, safe='')}"


def state(status: str) -> Mark:
    """Where the goods are."""
    return mark("shipment", STATES[status])


def listed(found: ShipmentList, customer: str, cursor: str, *, can_ship: bool) -> ShipmentsPage:
    """The list, newest first."""
    kept = {"customer": customer} if customer else {}
    return ShipmentsPage(
        rows=tuple(
            ShipmentRow(
                number=one.shipment_no,
                href=href(one.shipment_no),
                customer=one.customer,
                mark=state(one.status),
                lots=one.lots,
                at=one.shipped_at,
            )
            for one in found.rows
        ),
        pager=Pager(
            shown=len(found.rows),
            next_href=f"/shipments?{urlencode({**kept, 'cursor': found.next})}" if found.next else None,
            first_href=f"/shipments?{urlencode(kept)}" if cursor else None,
        ),
        can_ship=can_ship,
    )


def new(
    words: Words,
    session: Session,
    now: datetime,
    zone: str,
    *,
    blocked: Refusal | None = None,
    given: FormData | None = None,
    refusal: Refusal | None = None,
    unit: str = "",
) -> NewShipmentPage:
    """The form, empty or as it was refused, with what may ship below; `unit` is scanned already."""
    sheet = Sheet(words, given, refusal)
    customers = tuple(
        Option(value=one.customer_no, label=f"{one.name} · {one.customer_no}") for one in choices.customers(session)
    )
    return NewShipmentPage(
        fields=(
            sheet.field("shipment_no", words("shipment.number"), required=True),
            choice(sheet, "customer_no", words("shipment.customer"), customers, required=True),
            sheet.field("order_no", words("shipment.order_no")),
            sheet.field("carrier", words("shipment.carrier")),
            sheet.field("tracking_no", words("shipment.tracking_no")),
        ),
        lines=((LotLine(lot_no=unit),) if unit else ())
        + lot_lines(given, "ship", "lines", refusal, words.language, least=3),
        shippable=tuple(_shippable(one, now, zone) for one in shipments.shippable(session)),
        refusal=refusal,
        blocked=blocked,
        draft=None if unit else Draft(key="shipment"),
        command_key=new_key(),
    )


def _shippable(one: Any, now: datetime, zone: str) -> Shippable:
    return Shippable(
        lot=ref(one, now, zone),
        location=one.location,
        amount=Amount(value=one.quantity, unit=one.uom),
        expiry=day(one.expires_on, one.expiry_precision),
    )


def page(words: Words, session: Session, number: str, now: datetime, zone: str) -> ShipmentPage:
    """One shipment."""
    found, lines = shipments.read(session, number)
    facts = [Fact(label=words("shipment.at"), moment=found.shipped_at)] if found.shipped_at else []
    if found.arrived_at:
        facts.append(Fact(label=words("shipment.arrived_at"), moment=found.arrived_at))
    facts += [
        Fact(label=words(f"shipment.{key}"), text=getattr(found, key), code=key != "carrier")
        for key in ("order_no", "carrier", "tracking_no")
        if getattr(found, key)
    ]
    facts += [
        Fact(label=words("packing.unit"), text=one, href=unit_href(one), code=True)
        for one in queries_packing.of_shipment(session, found.shipment_no)
    ]
    contact = " · ".join(one for one in (found.contact, found.phone, found.email) if one)
    if contact:
        facts.append(Fact(label=words("shipment.contact"), text=contact))
    everything = f"/shipments?{urlencode({'customer': found.customer_no})}"
    facts.append(Fact(label=words("shipment.customer"), text=found.customer_no, href=everything, code=True))
    timeline = []
    if found.shipped_at:
        timeline.append(TimelineEntry(at=found.shipped_at, who=found.who or "", what=words("fact.lot_shipped")))
    return ShipmentPage(
        number=found.shipment_no,
        customer=found.customer,
        mark=state(found.status),
        facts=tuple(facts),
        lines=tuple(
            ShippedLine(
                lot=ref(one, now, zone),
                shipped=Amount(value=one.quantity, unit=one.uom),
                returned=Amount(value=one.returned, unit=one.uom),
                serials=one.serials,
            )
            for one in lines
        ),
        timeline=tuple(timeline),
    )
