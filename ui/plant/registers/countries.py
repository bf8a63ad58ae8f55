"""Whose market customers are: those of whom nobody has said it, and the form that says it (STANDARDS 2.10)."""

from sqlmodel import Session
from starlette.datastructures import FormData

from api.register.schemas import CustomerCountryInput
from models.partner import store as partners
from models.partner.rules import UNKNOWN
from ui.frame.form.forms import Sheet, read
from ui.frame.parts import FormField
from ui.frame.visit import Visit, typed
from ui.plant.page.plant import RegisterRow, Rows
from ui.plant.registers.levels import of_customer


def unknown_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    """Customers without a country: no legal clock of a recall runs for them."""
    found = partners.customers(session, after=after, q=q, country=UNKNOWN)
    return tuple(
        RegisterRow(
            number=one.customer_no,
            cells=(visit.words.name(one.name, one.name_en), visit.words(f"plant.f_{one.level or UNKNOWN}")),
        )
        for one in found.items
    ), found.next


def country_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    """Which customer is where."""
    words = sheet.words
    country = sheet.field("country", words("plant.f_country"), help=words("plant.f_country_help"), required=True)
    return of_customer(sheet, session, country)


def write_country(visit: Visit, form: FormData) -> str:
    """Say it."""
    told = read(CustomerCountryInput, {name: typed(form, name) for name in ("country", "reason")})
    with visit.act(reason=told.reason) as session:
        return partners.set_country(session, typed(form, "customer_no"), told.country).customer_no
