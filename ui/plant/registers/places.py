"""The registers of places: all of them, and those of which nobody has said what they are for (DESIGN 12)."""

from sqlmodel import Session
from starlette.datastructures import FormData

from api.register.schemas import LocationInput, LocationKindInput
from models.equipment.store import equipment
from models.place.rules import KIND_NAMES, PlaceKind
from models.plant.queries import choices
from ui.frame.form.forms import Sheet, meant, read
from ui.frame.i18n import Words
from ui.frame.parts import FormField, Option
from ui.frame.visit import Visit, typed
from ui.plant.page.plant import RegisterRow, Rows


def places(session: Session) -> tuple[Option, ...]:
    """Every place, to choose from."""
    return tuple(Option(value=one.code, label=f"{one.code} {one.name}") for one in choices.locations(session))


def place_kind(words: Words, kind: str) -> str:
    """What a place is for, in words; places that another system handed over may be for what we have no kind for."""
    if kind in set(PlaceKind):
        return KIND_NAMES[PlaceKind(kind)].say(words.language)
    return words.known(f"plant.place_{kind}", words("plant.place_other"))


def place_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    """Every place."""
    found = equipment.locations(session, after=after, q=q)
    return tuple(
        RegisterRow(number=one.code, cells=(visit.words.name(one.name, one.name_en), place_kind(visit.words, one.kind)))
        for one in found.items
    ), found.next


def _place_kinds(words: Words) -> tuple[Option, ...]:
    decided = (kind for kind in PlaceKind if kind is not PlaceKind.UNDECIDED)
    return tuple(Option(value=kind, label=place_kind(words, kind)) for kind in decided)


def place_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    """A new place."""
    del session
    words = sheet.words
    kinds = _place_kinds(words)
    return (
        sheet.field("code", words("plant.f_number"), required=True),
        sheet.field("name", words("plant.f_name"), required=True),
        sheet.field("name_en", words("plant.f_english"), help=words("plant.f_english_help")),
        sheet.field("kind", words("plant.f_place_kind"), "choice", options=kinds, required=True),
    )


def write_place(visit: Visit, form: FormData) -> str:
    """Make it."""
    given = meant(visit, LocationInput, {name: typed(form, name) for name in ("code", "name", "name_en", "kind")})
    with visit.act() as session:
        facts = given.model_dump(exclude={"parent", "site"})
        return equipment.create_location(session, facts, given.parent, given.site).code


def undecided_rows(visit: Visit, session: Session, after: str | None, q: str | None) -> Rows:
    """Places of before that wait for a decision."""
    found = equipment.locations(session, after=after, q=q, kind=PlaceKind.UNDECIDED)
    return tuple(
        RegisterRow(number=one.code, cells=(visit.words.name(one.name, one.name_en),)) for one in found.items
    ), found.next


def kind_fields(sheet: Sheet, session: Session) -> tuple[FormField, ...]:
    """Which place is for what from now on, and why."""
    words = sheet.words
    return (
        sheet.field("code", words("plant.f_which_place"), "choice", options=places(session), required=True),
        sheet.field("kind", words("plant.f_place_kind"), "choice", options=_place_kinds(words), required=True),
        sheet.field("reason", words("plant.f_reason"), required=True),
    )


def write_kind(visit: Visit, form: FormData) -> str:
    """Decide it."""
    given = read(LocationKindInput, {name: typed(form, name) for name in ("kind", "reason")})
    with visit.act(reason=given.reason) as session:
        return equipment.decide_kind(session, typed(form, "code"), given.kind).code
