"""Forms of pages: typed values become the API's own request shapes, and what is wrong stands at its field.

The shapes are those of `api/schemas`, so a form and an API call are refused in the same words.  A refused form is drawn
again with everything typed and a fresh key; a form that was sent twice has one effect (`once`).
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.deps import actor
from api.frame.problem.fields import FieldProblem, field_problems
from api.frame.request.meant import FORM
from api.frame.request.named import Understood, canonical, names_things
from api.process.acts import Signing
from models.kernel.refusal import Refusal
from models.kernel.request import FORM_CHANGED, INVALID, KEY_BUSY, RECORDING
from models.kernel.store import idempotency
from models.kernel.units.units import split
from models.process.sign.signed_act import SignedAct
from ui.frame.i18n import Words
from ui.frame.parts import FieldKind, FormField, Option
from ui.frame.visit import Visit, keep_key, typed
from ui.frame.words.units import code_of
from workflows.temporal.start import PENDING

log = logging.getLogger("batchwright.ui")
T = TypeVar("T", bound=BaseModel)
Done = tuple[str, str]
"""Where to go after an act, and what to say there."""

SHOWN = 5
"""How many numbers that were typed otherwise a notice says."""
SECRET = frozenset({"csrf", "idempotency_key", "password", "temporary"})


class WrongForm(Refusal):
    """API-422 with what is wrong at each field."""

    problems: tuple[FieldProblem, ...] = ()


def read(shape: type[T], values: Mapping[str, Any]) -> T:
    """The request that the form means; empty answers count as not given.

    One that names things of the record is read by `meant`, which knows their numbers.
    """
    if names_things(shape):
        message = f"{shape.__name__} names things of the record: read it with `meant`"
        raise TypeError(message)
    return _read(shape, values)


def meant(visit: Visit, shape: type[T], values: Mapping[str, Any], lot_no: str | None = None) -> T:
    """The same with the record's own numbers, however they were typed; the next page says what was understood.

    `lot_no` is the batch that the form is about.
    """
    understood = Understood()
    with visit.reading() as session:
        given = canonical(session, _read(shape, values), lot_no, understood)
    visit.request.state.understood = understood.numbers
    return given


def _read(shape: type[T], values: Mapping[str, Any]) -> T:
    given = {name: value for name, value in values.items() if value not in ("", None)}
    try:
        return shape.model_validate(given, context=FORM)
    except ValidationError as error:
        problems = tuple(field_problems([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]))
        first = problems[0]
        made = INVALID(count=len(problems))
        wrong = WrongForm(made.code, made.clause, made.zh, made.en, made.status, made.params)
        if len(problems) == 1 and first.kind not in {"missing", "string_too_short"}:
            wrong.zh, wrong.en = f"{made.zh} {first.zh}", f"{made.en} {first.en}"
        wrong.problems = problems
        raise wrong from None


def measured(quantity: str | None, uom: str | None = None) -> dict[str, str | None]:
    """A typed quantity with its unit: chosen beside it, or typed behind the number (`500 mm`)."""
    number, unit = split(quantity or "")
    return {"quantity": number or None, "uom": uom or code_of(unit)}


class Sheet:
    """Draws the fields of one form: labels in the reader's language, values as typed, errors where they belong."""

    def __init__(self, words: Words, given: FormData | None = None, refusal: Refusal | None = None) -> None:
        self.words = words
        self.given = given
        self.problems = refusal.problems if isinstance(refusal, WrongForm) else ()

    def value(self, key: str, default: str = "") -> str:
        """What was typed; the default in a fresh form."""
        if self.given is None:
            return default
        value = self.given.get(key, "")
        return value if isinstance(value, str) else ""

    def error(self, key: str) -> str:
        """What is wrong at the field."""
        found = (one for one in self.problems if one.field == key)
        return next((one.zh if self.words.language == "zh" else one.en for one in found), "")

    def field(self, key: str, label: str, kind: FieldKind = "text", default: str = "", **more: Any) -> FormField:
        """One field."""
        return FormField(key=key, label=label, kind=kind, value=self.value(key, default), error=self.error(key), **more)

    def many(self, key: str, label: str, options: tuple[Option, ...], **more: Any) -> FormField:
        """A field of several answers."""
        chosen = tuple(str(one) for one in self.given.getlist(key)) if self.given is not None else ()
        error = self.error(key)
        return FormField(key=key, label=label, kind="choices", values=chosen, options=options, error=error, **more)


async def once(visit: Visit, form: FormData, act: Callable[[], Awaitable[Done]]) -> Response:
    """Do what the form asks for, and go on; the same form sent again goes to the same place and does nothing.

    Without this, a second press after the first was answered would freeze a batch twice, or be refused with "there is
    such a shipment already" although everything went well.
    """
    key = typed(form, "idempotency_key")[:100]
    if not key:
        href, notice = await act()
        return visit.go(href, _said(visit, notice))
    who = actor(visit.request, visit.principal)
    underway, path = visit.request.app.state.underway, visit.request.url.path
    digest = _digest(path, form)
    claim = await run_in_threadpool(idempotency.begin, underway, who, visit.principal.person_id, f"form:{key}", digest)
    match claim.state:
        case "done":
            kept = claim.body or {}
            return visit.go(str(kept.get("href", "/inbox")), str(kept.get("notice", "")))
        case "busy":
            raise KEY_BUSY()
        case "other":
            raise FORM_CHANGED()
        case _:
            pass
    try:
        href, notice = await act()
        notice = _said(visit, notice)
    except Refusal as refusal:
        if refusal.code == PENDING.code:
            # it may be recorded a moment later: the form keeps its key, so that pressing again asks and does nothing
            await run_in_threadpool(idempotency.leave, underway, claim)
            keep_key(key)
            raise RECORDING() from refusal
        await run_in_threadpool(idempotency.release, underway, who, claim)
        raise
    except BaseException:
        await run_in_threadpool(idempotency.release, underway, who, claim)
        raise
    try:
        await run_in_threadpool(idempotency.finish, underway, who, claim, 303, {"href": href, "notice": notice})
    except DBAPIError:
        # what was done is done; only a second press would not find its answer
        log.warning("the answer to %s could not be kept", path, exc_info=True)
    return visit.go(href, notice)


def _said(visit: Visit, notice: str) -> str:
    """What was done, and which numbers were understood otherwise than they were typed."""
    numbers: dict[str, str] = getattr(visit.request.state, "understood", {})
    said = [visit.words("form.understood", typed=typed, number=number) for typed, number in [*numbers.items()][:SHOWN]]
    return " ".join(one for one in (notice, *said) if one)


def _digest(path: str, form: FormData) -> str:
    parts = [path, *(f"{name}={value}" for name, value in form.multi_items() if name not in SECRET)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def signing_of(form: FormData, signs: SignedAct) -> Signing | None:
    """What the person gives to sign an act that has no task."""
    password = form.get("password")
    if not isinstance(password, str) or not password:
        return None
    return Signing(password, signs.meaning, typed(form, "digest"))
