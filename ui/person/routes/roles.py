"""Roles on pages: everybody reads what each permits; an administrator adds one, changes it, sets it aside (REQ 112)."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.person.schemas.roles import NewRoleInput, RoleActiveInput, RoleChangeInput
from models.kernel.refusal import Refusal
from models.person.queries import people as queries_people
from models.person.rules.auth import UNKNOWN_ROLE
from models.person.rules.roles import Permission
from models.person.store import role_changes, roles
from ui.frame.form.forms import Done, once, read
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.person.page.roles import RolePage, RolesPage
from ui.person.view import roles as views_roles

router = APIRouter()
WRITE = Permission.PEOPLE_WRITE
EVERYBODY = 500


@router.get("/roles")
def all_roles(visit: VisitDep) -> Response:
    """What each permits and how many hold it."""
    return visit.page(_draw_all(visit))


@router.post("/roles")
async def make(visit: VisitDep) -> Response:
    """One more role."""
    form = await visit.form()

    def work() -> Done:
        visit.need(WRITE)
        given = read(NewRoleInput, {**_typed(form), "key": typed(form, "key"), "duty": typed(form, "duty")})
        with visit.act(reason=given.reason) as session:
            role_changes.make(session, given.key, given.duty, given.wanted())
        return views_roles.href(given.key.strip()), visit.words("role.made")

    async def act() -> Done:
        return await run_in_threadpool(work)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_draw_all, visit, form, refusal), refusal.status)


@router.get("/roles/{role}")
def one_role(visit: VisitDep, role: str) -> Response:
    """One role."""
    return visit.page(_draw(visit, role))


@router.post("/roles/{role}")
async def change(visit: VisitDep, role: str) -> Response:
    """Other names, other permissions."""
    form = await visit.form()

    def work(session: Session, given: RoleChangeInput) -> str:
        role_changes.change(session, visit.principal.person_id, role, given.version, given.wanted())
        return visit.words("role.changed")

    return await _change(visit, form, role, "change", RoleChangeInput, _typed(form), work)


@router.post("/roles/{role}/active")
async def set_active(visit: VisitDep, role: str) -> Response:
    """Set aside, or taken up again."""
    form = await visit.form()
    active = typed(form, "active") == "true"

    def work(session: Session, given: RoleActiveInput) -> str:
        role_changes.set_active(session, role, given.version, active=given.active)
        return visit.words("role.started" if active else "role.stopped")

    values = {"active": active, "reason": typed(form, "reason")}
    return await _change(visit, form, role, "active", RoleActiveInput, values, work)


async def _change(
    visit: Visit, form: FormData, role: str, where: str, shape: Any, values: dict[str, Any], work: Any
) -> Response:
    """Do it in one transaction; a refusal stands at its form, with everything typed."""

    def done() -> Done:
        visit.need(WRITE)
        given = read(shape, {**values, "version": typed(form, "version")})
        with visit.act(reason=given.reason) as session:
            return views_roles.href(role), work(session, given)

    async def act() -> Done:
        return await run_in_threadpool(done)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_draw, visit, role, where, form, refusal), refusal.status)


def _typed(form: FormData) -> dict[str, Any]:
    return {
        "zh": typed(form, "zh"),
        "en": typed(form, "en"),
        "permissions": [str(one) for one in form.getlist("permissions")],
        "quality": typed(form, "quality") == "true",
        "reason": typed(form, "reason"),
    }


def _draw_all(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> RolesPage:
    with visit.reading() as session:
        found = roles.load(session)
        held = role_changes.held(session)
    return views_roles.everything(visit.words, found, held, manages=visit.may(WRITE), given=form, refusal=refusal)


def _draw(
    visit: Visit, key: str, where: str = "", form: FormData | None = None, refusal: Refusal | None = None
) -> RolePage:
    with visit.reading() as session:
        role = roles.load(session).find(key)
        if role is None:
            raise UNKNOWN_ROLE(role=key[:60])
        uses = role_changes.uses(session, key)
        people = queries_people.page(session, limit=EVERYBODY, role=key).items
    holders = tuple(visit.words.name(one.name, one.name_en) for one in people)
    return views_roles.one(
        visit.words, role, holders, uses, manages=visit.may(WRITE), where=where, given=form, refusal=refusal
    )
