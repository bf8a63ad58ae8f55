"""People, roles and absences on pages: an administrator's work, and what each person arranges (REQ 89, 112)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.deps import mails
from api.person.schemas.people import DelegationInput, QualificationInput, ReasonInput, RoleInput
from models.fault import queries as queries_faults
from models.kernel.refusal import Refusal
from models.kernel.time.moments import day_begins
from models.person.queries import people as queries_people
from models.person.rules import auth
from models.person.rules.roles import Permission
from models.person.store import people
from models.person.tables import Person
from models.plant.queries.choices import skills
from ui.frame.form.forms import Done, once, read
from ui.frame.form.lines import moment
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.person.page.people import AbsencesPage, PersonPage
from ui.person.view import people as views_people

router = APIRouter()
EVERYBODY = 500
Change = Callable[[Session, Person], str]
"""Changes a person in the open transaction; answers what to say afterwards."""


@router.get("/people")
def everybody(
    visit: VisitDep,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """Everybody, with roles, accounts and skills."""
    with visit.reading() as session:
        found = queries_people.page(session, after=cursor or None, q=q.strip() or None)
        holders = queries_people.page(session, limit=EVERYBODY)
        operates = visit.may(Permission.FAULT_SETTLE)
        waiting = queries_faults.waiting(session) if operates else 0
    page = views_people.everybody(visit.words, found, holders, q.strip(), cursor, visit.now)
    new = "/people/new" if visit.may(Permission.PEOPLE_WRITE) else ""
    return visit.page(replace(page, operation_href="/operation" if operates else "", faults=waiting, new_href=new))


@router.get("/people/{person}")
def one_person(visit: VisitDep, person: str) -> Response:
    """One person, by id or login."""
    return visit.page(draw_person(visit, person))


@router.post("/people/{person}/grant")
async def grant(visit: VisitDep, person: str) -> Response:
    """Give a role; one that must stay apart from a role held is refused."""
    form = await visit.form()

    def change(session: Session, found: Person) -> str:
        given = read(RoleInput, {"role": typed(form, "role"), "valid_until": _end(visit, form), "reason": typed(form, "reason")})  # fmt: skip
        people.grant(session, found.public_id, given.role, given.valid_until)
        return visit.words("people.granted")

    return await change_person(visit, form, person, "grant", Permission.PEOPLE_WRITE, change)


@router.post("/people/{person}/roles/{role}/revoke")
async def revoke(visit: VisitDep, person: str, role: str) -> Response:
    """Take a role away; what the person did with it stays."""
    form = await visit.form()

    def change(session: Session, found: Person) -> str:
        read(ReasonInput, {"reason": typed(form, "reason")})
        people.revoke(session, found.public_id, role)
        return visit.words("people.revoked")

    return await change_person(visit, form, person, f"revoke-{role}", Permission.PEOPLE_WRITE, change)


@router.post("/people/{person}/leave")
async def leave(visit: VisitDep, person: str) -> Response:
    """Who leaves can't log in any more; the name stays on everything."""
    return await _active(visit, person, active=False)


@router.post("/people/{person}/return")
async def come_back(visit: VisitDep, person: str) -> Response:
    """The same person, the same logins."""
    return await _active(visit, person, active=True)


@router.post("/people/{person}/qualify")
async def qualify(visit: VisitDep, person: str) -> Response:
    """Write down a proven skill; nobody proves their own."""
    form = await visit.form()

    def change(session: Session, found: Person) -> str:
        values = {
            "code": typed(form, "code"),
            "document": typed(form, "document"),
            "valid_from": _start(visit, form),
            "valid_until": _end(visit, form),
        }
        given = read(QualificationInput, values)
        people.qualify(
            session,
            found.public_id,
            given.code,
            valid_from=given.valid_from,
            valid_until=given.valid_until,
            document=given.document,
        )
        return visit.words("people.qualified")

    return await change_person(visit, form, person, "qualify", Permission.QUALIFICATION_WRITE, change)


@router.get("/absences")
def absences(visit: VisitDep) -> Response:
    """My absences, and for whom I stand in."""
    return visit.page(_absences(visit))


@router.post("/absences")
async def delegate(visit: VisitDep) -> Response:
    """Name a deputy for an absence."""
    form = await visit.form()

    async def act() -> Done:
        zone = visit.principal.zone
        values = {name: typed(form, name) for name in ("to", "reason")}
        values |= {name: moment(typed(form, name), zone) for name in ("starts_at", "ends_at")}
        await run_in_threadpool(_delegate, visit, read(DelegationInput, values))
        return "/absences", visit.words("absence.done")

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_absences, visit, form, refusal), refusal.status)


@router.post("/absences/{absence}/end")
async def end(visit: VisitDep, absence: int) -> Response:
    """Back early."""
    form = await visit.form()

    async def act() -> Done:
        await run_in_threadpool(_end_absence, visit, absence)
        return "/absences", visit.words("absence.ended")

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_absences, visit, None, refusal), refusal.status)


def _delegate(visit: Visit, given: DelegationInput) -> None:
    with visit.act(reason=given.reason) as session:
        people.delegate(session, visit.principal, given.to, given.starts_at, given.ends_at, given.reason)


def _end_absence(visit: Visit, absence: int) -> None:
    with visit.act() as session:
        people.end_delegation(session, visit.principal, absence)


async def _active(visit: Visit, person: str, *, active: bool) -> Response:
    form = await visit.form()

    def change(session: Session, found: Person) -> str:
        read(ReasonInput, {"reason": typed(form, "reason")})
        people.set_active(session, found, active=active)
        return visit.words("people.back" if active else "people.left")

    return await change_person(visit, form, person, "active", Permission.PEOPLE_WRITE, change)


async def change_person(
    visit: Visit, form: FormData, ref: str, where: str, permission: Permission, change: Change
) -> Response:
    """Do it in one transaction, for somebody else only; a refusal stands at the form it is about."""

    def work() -> Done:
        visit.need(permission)
        with visit.act(reason=typed(form, "reason")[:2000]) as session:
            found = people.get(session, ref)
            if found.id == visit.principal.person_id:
                raise auth.OWN_RIGHTS()
            return f"/people/{ref}", change(session, found)

    async def act() -> Done:
        return await run_in_threadpool(work)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(draw_person, visit, ref, where, form, refusal), refusal.status)


def draw_person(
    visit: Visit, ref: str, where: str = "", form: FormData | None = None, refusal: Refusal | None = None
) -> PersonPage:
    """A person's page, with a refusal at the form that it is about."""
    with visit.reading() as session:
        found = queries_people.one(session, people.get(session, ref).id)
        known = skills(session)
    return views_people.person(
        visit.words,
        visit.principal,
        found,
        known,
        visit.now,
        mailed=mails(visit.request),
        where=where,
        given=form,
        refusal=refusal,
    )


def _absences(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> AbsencesPage:
    with visit.reading() as session:
        found = queries_people.delegations(session, visit.principal.person_id)
        colleagues = queries_people.page(session, limit=EVERYBODY).items
    return views_people.absences(visit.words, visit.principal, found, colleagues, visit.now, form, refusal)


def _start(visit: Visit, form: FormData) -> datetime | str:
    return _day(typed(form, "valid_from"), visit.principal.zone, 0)


def _end(visit: Visit, form: FormData) -> datetime | str:
    """Valid until the end of the day that was typed."""
    return _day(typed(form, "valid_until"), visit.principal.zone, 1)


def _day(text: str, zone: str, later: int) -> datetime | str:
    """A day's beginning, or the next one's; what is no day stays as typed, for the shape to refuse."""
    try:
        return day_begins(date.fromisoformat(text) + timedelta(days=later), zone)
    except (ValueError, OverflowError):
        return text
