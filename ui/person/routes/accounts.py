"""Accounts of people on pages: a new person, a login, one-time codes, locks (21 CFR 11.100, 11.200(a)(3), 11.300).

No page shows or takes a password for somebody else.  Half a one-time code is shown to one person, once.
"""

from fastapi import APIRouter
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.deps import mails
from api.person.schemas.people import AccountInput, PersonInput, ReasonInput, RenameInput, ResetInput
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from models.person.store import credentials, people
from models.person.tables import Person
from ui.frame.form.forms import Done, once, read
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.person.page.people import HalfPage, NewPersonPage
from ui.person.routes.people import change_person, draw_person
from ui.person.view import people as views_people

router = APIRouter()
WRITE = Permission.PEOPLE_WRITE


@router.get("/people/new")
def new_person(visit: VisitDep) -> Response:
    """The form."""
    return visit.page(_new(visit))


@router.post("/people/new")
async def create(visit: VisitDep) -> Response:
    """A person and the way in, without a password that anybody knows."""
    form = await visit.form()

    def work() -> Done:
        names = ("name", "name_en", "employee_no", "email", "login", "way")
        given = read(PersonInput, {name: typed(form, name) for name in names})
        with visit.act(reason=typed(form, "reason")[:2000]) as session:
            person = people.create(
                session, given.name, name_en=given.name_en, email=given.email, employee_no=given.employee_no
            )
            if given.login is not None:
                people.add_account(session, visit.principal, person, given.login, given.way, mails=mails(visit.request))
            return f"/people/{person.public_id}", visit.words("people.created")

    async def act() -> Done:
        return await run_in_threadpool(work)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(_new(visit, form, refusal), refusal.status)


@router.post("/people/{person}/login")
async def add_login(visit: VisitDep, person: str) -> Response:
    """A login for somebody who has none."""
    form = await visit.form()

    def change(session: Session, found: Person) -> str:
        given = read(AccountInput, {name: typed(form, name) for name in ("login", "way")})
        people.add_account(session, visit.principal, found, given.login, given.way, mails=mails(visit.request))
        return visit.words("people.code_made")

    return await change_person(visit, form, person, "login", WRITE, change)


@router.post("/people/{person}/rename")
async def rename(visit: VisitDep, person: str) -> Response:
    """Another name on record, which the person confirms at the next sign-in."""
    form = await visit.form()

    def change(session: Session, found: Person) -> str:
        given = read(RenameInput, {name: typed(form, name) for name in ("name", "name_en", "employee_no", "reason")})
        people.rename(session, visit.principal, found.public_id, given.name, given.name_en, given.employee_no)
        return visit.words("people.renamed")

    return await change_person(visit, form, person, "rename", WRITE, change)


@router.post("/people/{person}/accounts/{login}/unlock")
async def unlock(visit: VisitDep, person: str, login: str) -> Response:
    """After having asked the person what happened."""
    form = await visit.form()

    def change(session: Session, _: Person) -> str:
        read(ReasonInput, {"reason": typed(form, "reason")})
        people.unlock(session, visit.principal, login)
        return visit.words("people.unlocked")

    return await change_person(visit, form, person, f"unlock-{login}", WRITE, change)


@router.post("/people/{person}/accounts/{login}/reset")
async def reset(visit: VisitDep, person: str, login: str) -> Response:
    """The password opens nothing any more; a one-time code goes to the person alone."""
    form = await visit.form()

    def change(session: Session, _: Person) -> str:
        given = read(ResetInput, {"way": typed(form, "way"), "reason": typed(form, "reason")})
        people.reset_password(session, visit.principal, login, given.way, mails=mails(visit.request))
        return visit.words("people.was_reset")

    return await change_person(visit, form, person, f"reset-{login}", WRITE, change)


@router.post("/people/{person}/accounts/{login}/close")
async def close(visit: VisitDep, person: str, login: str) -> Response:
    """Lock a login; its sessions end, and what the person had claimed goes back."""
    return await _disabled(visit, person, login, disabled=True)


@router.post("/people/{person}/accounts/{login}/open")
async def open_again(visit: VisitDep, person: str, login: str) -> Response:
    """Open it again, for the same person."""
    return await _disabled(visit, person, login, disabled=False)


@router.post("/people/{person}/accounts/{login}/half")
async def half(visit: VisitDep, person: str, login: str) -> Response:
    """One half of a code, for these eyes, once: nothing keeps the answer, so pressing again shows nothing."""

    def work() -> credentials.Half:
        with visit.act() as session:
            return credentials.half(session, visit.principal, login)

    try:
        shown = await run_in_threadpool(work)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(
            await run_in_threadpool(draw_person, visit, person, f"half-{login}", None, refusal), refusal.status
        )
    page = HalfPage(
        name=shown.name,
        login=shown.login,
        half=shown.half,
        number=shown.number,
        until=shown.until,
        back=f"/people/{person}",
    )
    response = visit.page(page)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _disabled(visit: Visit, person: str, login: str, *, disabled: bool) -> Response:
    form = await visit.form()

    def change(session: Session, _: Person) -> str:
        read(ReasonInput, {"reason": typed(form, "reason")})
        people.set_disabled(session, visit.principal, login, disabled=disabled)
        return visit.words("people.closed" if disabled else "people.opened")

    return await change_person(visit, form, person, f"closed-{login}", WRITE, change)


def _new(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> NewPersonPage:
    return views_people.new_person(visit.words, mailed=mails(visit.request), given=form, refusal=refusal)
