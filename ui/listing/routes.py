"""Views of lists on pages: kept from the list as it stands, changed and taken away by their owner (REQUIREMENTS 87; SCREENS)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.listing.schemas import KeptView
from models.kernel.refusal import Refusal
from models.listing.acts import views
from models.listing.acts.views import PLANT
from models.listing.rules import Listed
from models.person.rules.known_roles import role_name
from models.person.rules.roles import Permission
from ui.frame.form.forms import Done, Sheet, once, read
from ui.frame.listing import href_of, said_of
from ui.frame.parts import Option
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from ui.listing.page import ViewPage

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /views/new
        POST /views/new
        GET /views/{key}
        POST /views/{key}
        POST /views/{key}/remove
    """,
}
FIELDS = ("name", "query", "shared", "preset")


@router.get("/views/new", name="new_view")
def new(
    visit: VisitDep,
    key: Annotated[str, Query(alias="list", max_length=60)],
    query: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """The form for the list as it stood."""
    visit.need(Permission.RECORD_READ)
    return visit.page(_new(visit, views.list_of(key), query))


@router.post("/views/new", name="keep_view")
async def keep(visit: VisitDep, key: Annotated[str, Query(alias="list", max_length=60)]) -> Response:
    """Keep it, and open it."""
    visit.need(Permission.RECORD_READ)
    form, listed = await visit.form(), views.list_of(key)

    def work() -> Done:
        given = read(KeptView, {name: typed(form, name) for name in FIELDS})
        with visit.act() as session:
            made = views.keep(session, visit.principal, listed.key, given.wanted())
        return href_of(views.list_of(made.list), made), visit.words("listing.kept", name=made.name)

    try:
        return await once(visit, form, lambda: run_in_threadpool(work))
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(_new(visit, listed, typed(form, "query")[:4000], form, refusal), refusal.status)


@router.get("/views/{key}", name="view")
def one(visit: VisitDep, key: UUID) -> Response:
    """The form of a view of one's own."""
    visit.need(Permission.RECORD_READ)
    return visit.page(_draw(visit, key))


@router.post("/views/{key}", name="change_view")
async def change(visit: VisitDep, key: UUID) -> Response:
    """Another name, other readers, or another beginning."""
    visit.need(Permission.RECORD_READ)
    form = await visit.form()

    def work() -> Done:
        given = read(KeptView, {name: typed(form, name) for name in FIELDS})
        with visit.act() as session:
            made = views.change(session, visit.principal, key, _version(form), given.wanted())
        return href_of(views.list_of(made.list), made), visit.words("listing.kept", name=made.name)

    return await _changed(visit, key, form, work)


@router.post("/views/{key}/remove", name="remove_view")
async def remove(visit: VisitDep, key: UUID) -> Response:
    """It is gone."""
    visit.need(Permission.RECORD_READ)
    form = await visit.form()

    def work() -> Done:
        with visit.act() as session:
            gone = views.remove(session, visit.principal, key, _version(form))
        return f"{views.list_of(gone.list).page}?view=all", visit.words("listing.removed", name=gone.name)

    return await _changed(visit, key, form, work)


async def _changed(visit: Visit, key: UUID, form: FormData, work: Callable[[], Done]) -> Response:
    try:
        return await once(visit, form, lambda: run_in_threadpool(work))
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_draw, visit, key, form, refusal), refusal.status)


def _new(
    visit: Visit, listed: Listed, query: str, form: FormData | None = None, refusal: Refusal | None = None
) -> ViewPage:
    action = f"/views/new?{urlencode({'list': listed.key})}"
    return _page(
        visit,
        listed,
        query,
        Sheet(visit.words, form, refusal),
        action=action,
        title=visit.words("listing.new"),
        refusal=refusal,
    )


def _draw(visit: Visit, key: UUID, form: FormData | None = None, refusal: Refusal | None = None) -> ViewPage:
    with visit.reading() as session:
        view = views.one(session, visit.principal, key)
    if not view.mine:
        raise views.NOT_YOURS(owner=view.owner)
    fresh = {"name": view.name, "shared": view.shared, "preset": "true" if view.preset else "false"}
    sheet = Sheet(visit.words, form, refusal)
    page = _page(
        visit, views.list_of(view.list), view.query, sheet, fresh=fresh, action=f"/views/{key}",
        title=visit.words("listing.change", name=view.name), refusal=refusal,
    )  # fmt: skip
    return replace(page, version=view.version, remove_href=f"/views/{key}/remove")


def _page(
    visit: Visit,
    listed: Listed,
    query: str,
    sheet: Sheet,
    *,
    action: str,
    title: str,
    fresh: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> ViewPage:
    words, kept = visit.words, fresh or {}
    shared = tuple(Option(value=one, label=_readers(visit, one)) for one in ("", *views.may_share(visit.principal)))
    known = kept.get("shared", "")
    if known not in {one.value for one in shared}:
        shared = (*shared, Option(value=known, label=_readers(visit, known)))
    return ViewPage(
        title=title,
        list=listed.title.say(words.language),
        list_href=f"{listed.page}?view=all",
        href=f"{listed.page}?{query}",
        said=said_of(words, listed, query),
        action=action,
        query=query,
        fields=(
            sheet.field("name", words("listing.name"), default=kept.get("name", ""), required=True),
            sheet.field("preset", words("listing.preset"), "boolean", default=kept.get("preset", "false")),
            sheet.field("shared", words("listing.shared"), "choice", default=known, options=shared),
        ),
        refusal=refusal,
        command_key=new_key(),
    )


def _readers(visit: Visit, shared: str) -> str:
    if shared in {"", PLANT}:
        return visit.words("listing.plant" if shared else "listing.nobody")
    return role_name(shared, visit.language)


def _version(form: FormData) -> int:
    said = typed(form, "version")
    return int(said) if said.isascii() and said.isdigit() and len(said) < len(str(2**31)) else 0
