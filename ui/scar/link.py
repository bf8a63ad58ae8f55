"""The page behind a supplier's link, made for a telephone and without an account (REQUIREMENTS 52).

The link is the proof.  A forged one is 404 and slows its address down, an old one 410, a used one 409; each says in words what to do and whom
to ask, and nothing else.  Nothing but the request itself can be read through it.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.frame.deps import temporal
from api.frame.doors import Door, Doors
from api.frame.problem.errors import refusal_for
from api.frame.security import check_origin
from api.frame.throttle import Throttle
from api.scar.routes import AnswerIn, address_of, answer, behind, file_through
from models.attachment.rules.attachment import TOO_LARGE
from models.definition.answer import MOST_FILES
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.kernel.time.moments import day
from models.person.queries.site import site_names
from models.scar import rules
from models.scar.queries import Behind
from models.scar.store import files
from ui.attachment.page import LinePart
from ui.attachment.view import size
from ui.frame import i18n, record_time
from ui.frame.form.forms import Sheet, read
from ui.frame.parts import Draft, Fact, FormField, KeptFile
from ui.frame.render import Page, render_part
from ui.frame.visit import REFUSING, language_of, send, shell, typed
from ui.scar.page import AnswerPage, DonePage
from workflows.temporal.start import PENDING

router = APIRouter()
DOORS: Doors = {
    Door.ANYBODY: """
        GET /s/{token}
        POST /s/{token}
        POST /s/{token}/files
    """,
}
LONGEST = 200
"""Characters of a field's or a file's name that are said again."""
SHUT = frozenset({rules.LINK_USED.code, rules.LINK_OVER.code, rules.LINK_OLD.code, rules.NO_LINK.code})
TEXTS = tuple(one.value for one in rules.Asked)


@dataclass(frozen=True)
class Caller:
    """Whoever opened the link: nobody we know, reading one request."""

    request: Request
    seen: Behind
    site: tuple[str, str]

    @property
    def words(self) -> i18n.Words:
        """The catalogue in the reader's language."""
        return i18n.Words(language_of(self.request))


def _page(request: Request, page: Page, status: int = 200) -> Response:
    response = send(request, page, shell(request, language_of(request), record_time.now(request)), status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _caller(request: Request, token: str) -> Caller:
    """Who comes through a link of ours; whoever tries others waits, each time longer."""
    state = request.app.state
    throttle: Throttle = state.links
    throttle.check(address_of(request))
    try:
        seen = behind(state.engine, state.secret, token)
    except Refusal:
        throttle.wrong(address_of(request))
        raise
    with reading(state.engine) as session:
        site = site_names(session)
    return Caller(request, seen, site)


@router.get("/s/{token}")
def read_request(request: Request, token: str) -> Response:
    """What was found and the form; where the link is shut, why."""
    try:
        caller = _caller(request, token)
    except Refusal as refusal:
        return _unknown(request, refusal)
    shut = rules.shut(caller.seen.door, record_time.now(request))
    if shut is not None:
        return _page(request, _done(caller, shut), shut.status)
    return _page(request, _form(caller, token))


@router.post("/s/{token}")
async def take(request: Request, token: str) -> Response:
    """Take the answer, once; a refused one comes back with everything that was typed."""
    form = await request.form()
    try:
        check_origin(request)
        caller = await run_in_threadpool(_caller, request, token)
    except Refusal as refusal:
        return await run_in_threadpool(_unknown, request, refusal)
    try:
        given = read(AnswerIn, _typed(form))
        await answer(temporal(request), caller.seen, token, given, address_of(request))
    except REFUSING as error:
        return await run_in_threadpool(_refused, request, token, caller, form, refusal_for(request, error)[0])
    return await run_in_threadpool(_thanks, request, token)


@router.post("/s/{token}/files")
async def take_file(request: Request, token: str, of: str = "", name: str = "") -> Response:
    """Keep the body as a file of this round; what comes back is its line in the form, or the sentence that refuses it."""
    language = language_of(request)
    try:
        check_origin(request)
        caller = await run_in_threadpool(_caller, request, token)
        kept = await file_through(request, request.app.state.engine, caller.seen, name)
    except REFUSING as error:
        refusal = refusal_for(request, error)[0]
        part = LinePart(of=of[:LONGEST], name=name[:LONGEST], refused=refusal.sentence(language))
        return _part(request, part, refusal.status)
    file = KeptFile(digest=kept.digest, name=kept.name, size=size(kept.size), href="")
    return _part(request, LinePart(of=of[:LONGEST], file=file), 201)


def _part(request: Request, part: LinePart, status: int) -> Response:
    frame = shell(request, language_of(request), record_time.now(request))
    return HTMLResponse(render_part(part.template, part, frame), status)


def _typed(form: FormData) -> dict[str, Any]:
    values: dict[str, Any] = {name: typed(form, name) for name in ("name", "done_on", *TEXTS)}
    return {**values, "files": _digests(form)}


def _digests(form: FormData) -> list[str]:
    said = (one for one in form.getlist("files") if isinstance(one, str))
    return list(dict.fromkeys(digest for one in said for digest in one.split()))


def _form(caller: Caller, token: str, form: FormData | None = None, refusal: Refusal | None = None) -> AnswerPage:
    words, seen = caller.words, caller.seen
    sheet, settings = Sheet(words, form, refusal), caller.request.app.state.settings
    at = seen.round
    until = rules.last_day(at.expires_at, settings.zone)
    return AnswerPage(
        site=words.name(*caller.site),
        supplier=words.name(*seen.supplier),
        token=token,
        number=seen.number,
        title=seen.title,
        found=seen.found,
        please=words("scar.please", day=at.answer_by.isoformat(), until=until.isoformat()),
        lots=seen.lots,
        note=at.note,
        sent_back=words("scar.send_back", reason=seen.sent_back) if seen.sent_back else "",
        files=_files(caller, sheet, token, form),
        draft=Draft(key=f"scar-{seen.round_id}"),
        fields=(
            *(
                sheet.field(one, words(f"scar.{one}"), "long_text", required=True, help=_help(words, one))
                for one in seen.asks
            ),
            sheet.field("done_on", words("scar.done_on"), "date"),
            sheet.field("name", words("scar.name"), required=True, autocomplete="name"),
        ),
        refusal=refusal,
    )


def _help(words: i18n.Words, one: str) -> str:
    return words("scar.containment_help") if one == rules.Asked.CONTAINMENT else ""


def _files(caller: Caller, sheet: Sheet, token: str, form: FormData | None) -> FormField:
    chosen = _digests(form) if form is not None else []
    with reading(caller.request.app.state.engine) as session:
        kept = {one.digest: one for one in files.of_round(session, caller.seen.round_id, chosen)} if chosen else {}
    limit = caller.request.app.state.settings.attachment_mb
    return sheet.field(
        "files",
        caller.words("scar.files"),
        "attachment",
        files=tuple(
            KeptFile(digest=one, name=kept[one].name, size=size(kept[one].size), href="")
            for one in chosen
            if one in kept
        ),
        files_to=f"/s/{token}/files",
        maximum=str(MOST_FILES),
        files_limit=limit,
        too_large=TOO_LARGE(limit=limit).sentence(caller.words.language),
    )


def _done(caller: Caller, refusal: Refusal | None = None) -> DonePage:
    at, words = caller.seen.round, caller.words
    facts: tuple[Fact, ...] = ()
    if refusal is None and at.answered_at is not None:
        when = day(at.answered_at, caller.request.app.state.settings.zone)
        facts = (
            Fact(label=words("scar.answered_at"), text=when),
            Fact(label=words("scar.name"), text=at.name),
        )
    number, title = ("", "") if refusal is not None else (caller.seen.number, caller.seen.title)
    return DonePage(site=words.name(*caller.site), number=number, title=title, facts=facts, refusal=refusal)


def _unknown(request: Request, refusal: Refusal) -> Response:
    """A link that we never made: nothing about any request is said."""
    return _page(request, DonePage(refusal=refusal), refusal.status)


def _refused(request: Request, token: str, caller: Caller, form: FormData, refusal: Refusal) -> Response:
    if refusal.code == PENDING.code and _caller(request, token).seen.door.answered:
        return _thanks(request, token)
    if refusal.code in SHUT:
        return _page(request, _done(caller, refusal), refusal.status)
    return _page(request, _form(caller, token, form, refusal), refusal.status)


def _thanks(request: Request, token: str) -> Response:
    return _page(request, _done(_caller(request, token)))
