"""The form in which somebody says what they found (ISO 13485 8.3.1)."""

from sqlmodel import Session
from starlette.datastructures import FormData

from models.attachment.rules.attachment import TOO_LARGE
from models.definition.answer import MOST_FILES
from models.kernel.refusal import Refusal
from models.nonconformance.rules import Severity
from models.plant.queries import choices
from ui.attachment.view import lines as file_lines
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.parts import Draft, FormField, Option
from ui.frame.visit import new_key
from ui.lot.view.list import KINDS as LOT_KINDS
from ui.lot.view.list import choice, item_options
from ui.nonconformance.page import RaisePage

BY_HAND = ("hand", "count", "return", "equipment", "load")


def page(
    words: Words,
    session: Session,
    limit: int,
    *,
    lot: str = "",
    blocked: Refusal | None = None,
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> RaisePage:
    """The form, empty or as it was refused; a file has at most `limit` MiB."""
    sheet = Sheet(words, given, refusal)
    files = _files(words, session, sheet, limit, digests(given) if given is not None else ())
    return RaisePage(
        fields=(*_found(words, sheet, lot), *_where(words, session, sheet), files),
        refusal=refusal,
        blocked=blocked,
        draft=Draft(key="raise-nonconformance"),
        command_key=new_key(),
    )


def _found(words: Words, sheet: Sheet, lot: str) -> tuple[FormField, ...]:
    """What was found, of which batch, how grave and when."""
    kinds = tuple(
        Option(value=one, label=words(f"nonconformance.kind_{one}")) for one in ("nonconformance", "deviation")
    )
    sources = tuple(Option(value=one, label=words(f"nonconformance.source_{one}")) for one in BY_HAND)
    severities = tuple(Option(value=one, label=words(f"status.severity_{one}")) for one in Severity)
    return (
        sheet.field("title", words("nonconformance.title"), help=words("nonconformance.title_help"), required=True),
        sheet.field("lot_no", words("lot.lot"), "lot", lot, help=words("nonconformance.lot_help")),
        sheet.field("kind", words("nonconformance.kind"), "choice", "nonconformance", options=kinds, required=True),
        sheet.field("source", words("nonconformance.source"), "choice", "hand", options=sources, required=True),
        sheet.field(
            "severity",
            words("nonconformance.severity"),
            "choice",
            options=severities,
            help=words("nonconformance.severity_help"),
        ),
        sheet.field(
            "happened_at", words("nonconformance.happened"), "datetime", help=words("nonconformance.happened_help")
        ),
        sheet.field("said", words("nonconformance.said"), "long_text", help=words("nonconformance.said_help")),
    )


def _where(words: Words, session: Session, sheet: Sheet) -> tuple[FormField, ...]:
    """How much was set apart and where it lies, and what it is where there is no batch yet."""
    suppliers = tuple(
        Option(value=one.supplier_no, label=f"{one.name} · {one.supplier_no}") for one in choices.suppliers(session)
    )
    places = tuple(Option(value=one.code, label=f"{one.code} {one.name}") for one in choices.locations(session))
    return (
        sheet.field(
            "quantity", words("nonconformance.quantity"), "quantity", help=words("nonconformance.quantity_help")
        ),
        choice(sheet, "location", words("nonconformance.place"), places),
        choice(sheet, "item_no", words("lot.item"), item_options(session, *LOT_KINDS)),
        choice(sheet, "supplier_no", words("nonconformance.supplier"), suppliers),
        sheet.field("supplier_lot_no", words("lot.supplier_lot")),
    )


def digests(form: FormData) -> tuple[str, ...]:
    """The files that the form holds."""
    said = (one for one in form.getlist("files") if isinstance(one, str))
    return tuple(dict.fromkeys(digest for one in said for digest in one.split()))


def _files(words: Words, session: Session, sheet: Sheet, limit: int, chosen: tuple[str, ...]) -> FormField:
    kept = file_lines(session, chosen)
    return sheet.field(
        "files",
        words("nonconformance.files"),
        "attachment",
        files=tuple(kept[one] for one in chosen if one in kept),
        maximum=str(MOST_FILES),
        files_limit=limit,
        too_large=TOO_LARGE(limit=limit).sentence(words.language),
    )
