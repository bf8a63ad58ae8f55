"""Where customers stand in the distribution chain: those of whom nobody has said it, and the form that says it (21 CFR 7.42(b)(1))."""

from sqlmodel import Session
from starlette.datastructures import FormData

from api.register.schemas import CustomerLevelInput
from models.partner import store as partners
from models.partner.rules import LEVELS, UNKNOWN, given
from models.plant.queries import choices
from ui.frame.form.forms import Sheet, read
from ui.frame.parts import FormField, Option
from ui.frame.visit import Visit, typed
from ui.lot.view.list import choice
from ui.plant.page.plant import RegisterRow, Rows


def level_field(sheet: Sheet, value: str = "") -> FormField:
    """The levels, and that nobody knows."""
    words = sheet.words
    levels = tuple(Option(value=one, label=words(f"plant.f_{one}")) for one in (*LEVELS, UNKNOWN))
    label, why = words("plant.f_level"), words("plant.f_level_help")
    return sheet.field("level", label, "choice", value, options=levels, help=why, required=True)


def unknown_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    """Customers of unknown level: every recall tells them."""
    found = partners.customers(session, after=after, q=q, level=UNKNOWN)
    return tuple(
        RegisterRow(number=one.customer_no, cells=(visit.words.name(one.name, one.name_en), one.country or ""))
        for one in found.items
    ), found.next


def of_customer(sheet: Sheet, session: Session, asked: FormField) -> tuple[FormField, ...]:
    """Of which customer something is said from now on, what, and why."""
    words = sheet.words
    known = tuple(
        Option(value=one.customer_no, label=f"{one.name} · {one.customer_no}") for one in choices.customers(session)
    )
    return (
        choice(sheet, "customer_no", words("plant.f_which_customer"), known, required=True),
        asked,
        sheet.field("reason", words("plant.f_reason"), required=True),
    )


def level_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    """Which customer stands where from now on."""
    return of_customer(sheet, session, level_field(sheet))


def write_level(visit: Visit, form: FormData) -> str:
    """Say it."""
    told = read(CustomerLevelInput, {name: typed(form, name) for name in ("level", "reason")})
    with visit.act(reason=told.reason) as session:
        return partners.set_level(session, typed(form, "customer_no"), given(told.level)).customer_no
