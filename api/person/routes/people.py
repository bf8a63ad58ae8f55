"""People, roles, accounts, skills: an administrator's work, who decides no quality matter (REQ 112; 21 CFR 11.100, 11.300)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from api.frame.deps import EngineDep, Reader, actor, mails, require
from api.frame.doors import API
from api.frame.paging import Cursor, Limit
from api.frame.request.shapes import Reason
from api.person.schemas.people import (
    AccountInput,
    ActiveInput,
    HalfView,
    NoticePage,
    PersonInput,
    QualificationInput,
    ReasonInput,
    RenameInput,
    ResetInput,
    RoleInput,
    Token,
)
from models.kernel.store.act import act, reading
from models.person.queries import people as queries_people
from models.person.queries.people import PeoplePage, PersonView
from models.person.rules import auth
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.person.store import credentials, people
from models.person.tables import Person

router = APIRouter(prefix=API, tags=["people"])
Administrator = Annotated[Principal, Depends(require(Permission.PEOPLE_WRITE))]
Handing = Annotated[Principal, Depends(require(Permission.PEOPLE_HAND_OVER))]
Trainer = Annotated[Principal, Depends(require(Permission.QUALIFICATION_WRITE))]


@router.get("/people", summary="Everybody, with roles, accounts and skills")
def list_people(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of a name or login")] = None,
    role: Annotated[str | None, Query(max_length=60)] = None,
) -> PeoplePage:
    """In the order they came."""
    with reading(engine) as session:
        return queries_people.page(session, limit=limit, after=cursor, q=q, role=role)


@router.post("/people", status_code=201, summary="A new person")
def create_person(request: Request, engine: EngineDep, principal: Administrator, body: PersonInput) -> PersonView:
    """Without roles, and without a password that anybody knows; somebody who is registered already is refused."""
    with act(engine, actor(request, principal)) as session:
        person = people.create(
            session,
            body.name,
            name_en=body.name_en,
            kind=body.kind,
            email=body.email,
            employee_no=body.employee_no,
            site=body.site,
        )
        if body.login is not None:
            people.add_account(session, principal, person, body.login, body.way, mails=mails(request))
        return queries_people.one(session, person.id)


@router.get("/people/{person}", summary="One person, by id or login")
def read_person(engine: EngineDep, _: Reader, person: str) -> PersonView:
    """With roles, accounts and skills."""
    with reading(engine) as session:
        return queries_people.one(session, people.get(session, person).id)


@router.post("/people/{person}/accounts", status_code=201, summary="A login for somebody who has none")
def add_account(
    request: Request, engine: EngineDep, principal: Administrator, person: str, body: AccountInput
) -> PersonView:
    """A second one is made by nobody but the person (`POST /me/accounts`)."""
    with act(engine, actor(request, principal)) as session:
        found = _somebody_else(session, principal, person)
        people.add_account(session, principal, found, body.login, body.way, mails=mails(request))
        return queries_people.one(session, found.id)


@router.post("/people/{person}/roles", summary="Give a role")
def grant_role(
    request: Request, engine: EngineDep, principal: Administrator, person: str, body: RoleInput
) -> PersonView:
    """Refused when the person holds a role that must stay apart from it (AUTH-014)."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        found = _somebody_else(session, principal, person)
        people.grant(session, found.public_id, body.role, body.valid_until)
        return queries_people.one(session, found.id)


@router.delete("/people/{person}/roles/{role}", summary="Take a role away")
def revoke_role(
    request: Request,
    engine: EngineDep,
    principal: Administrator,
    person: str,
    role: str,
    reason: Annotated[Reason, Query(description="Why, as the audit trail keeps it")],
) -> PersonView:
    """What the person did with it stays."""
    with act(engine, actor(request, principal, reason=reason)) as session:
        found = _somebody_else(session, principal, person)
        people.revoke(session, found.public_id, role)
        return queries_people.one(session, found.id)


@router.post("/people/{person}/qualifications", status_code=201, summary="Write down a proven skill")
def qualify(
    request: Request, engine: EngineDep, principal: Trainer, person: str, body: QualificationInput
) -> PersonView:
    """Operations ask for it at the time of work; nobody proves their own."""
    with act(engine, actor(request, principal)) as session:
        found = _somebody_else(session, principal, person)
        people.qualify(
            session,
            found.public_id,
            body.code,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
            document=body.document,
        )
        return queries_people.one(session, found.id)


@router.post("/people/{person}/active", summary="Somebody leaves or comes back")
def set_active(
    request: Request, engine: EngineDep, principal: Administrator, person: str, body: ActiveInput
) -> PersonView:
    """Who leaves can't log in; the name stays on everything."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        found = _somebody_else(session, principal, person)
        people.set_active(session, found, active=body.active)
        return queries_people.one(session, found.id)


@router.post("/people/{person}/tokens", status_code=201, summary="A bearer token for a machine")
def issue_token(
    request: Request, response: Response, engine: EngineDep, principal: Administrator, person: str
) -> Token:
    """Only for a person of kind `service`; shown this once, valid for a year."""
    response.headers["Cache-Control"] = "no-store"
    with act(engine, actor(request, principal)) as session:
        made = people.issue_token(session, person)
        return Token(token=made.token, expires_at=made.expires_at)


@router.post("/accounts/{login}/unlock", status_code=204, summary="Unlock an account")
def unlock(request: Request, engine: EngineDep, principal: Administrator, login: str, body: ReasonInput) -> None:
    """After having asked the person what happened."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        people.unlock(session, principal, login)


@router.post("/accounts/{login}/reset-password", status_code=204, summary="Reset by a one-time code")
def reset_password(request: Request, engine: EngineDep, principal: Administrator, login: str, body: ResetInput) -> None:
    """The password opens nothing any more; the code reaches the person alone (21 CFR 11.200(a)(3))."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        people.reset_password(session, principal, login, body.way, mails=mails(request))


@router.post("/accounts/{login}/halves", summary="See one half of a code that is handed over")
def see_half(request: Request, response: Response, engine: EngineDep, principal: Handing, login: str) -> HalfView:
    """The first half to whoever asks first, the second to somebody else; each is shown once and kept nowhere."""
    response.headers["Cache-Control"] = "no-store"
    with act(engine, actor(request, principal)) as session:
        shown = credentials.half(session, principal, login)
        return HalfView(login=shown.login, name=shown.name, half=shown.half, number=shown.number, until=shown.until)


@router.post("/people/{person}/name", summary="Another name on record")
def rename(request: Request, engine: EngineDep, principal: Administrator, person: str, body: RenameInput) -> PersonView:
    """The person confirms it at the next sign-in and can't sign until then."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        found = _somebody_else(session, principal, person)
        people.rename(session, principal, found.public_id, body.name, body.name_en, body.employee_no)
        return queries_people.one(session, found.id)


@router.post("/accounts/{login}/disable", status_code=204, summary="Close an account")
def disable(request: Request, engine: EngineDep, principal: Administrator, login: str, body: ReasonInput) -> None:
    """Its sessions end; the login is never given to anybody else."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        people.set_disabled(session, principal, login, disabled=True)


@router.post("/accounts/{login}/enable", status_code=204, summary="Open an account again")
def enable(request: Request, engine: EngineDep, principal: Administrator, login: str, body: ReasonInput) -> None:
    """For the same person."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        people.set_disabled(session, principal, login, disabled=False)


@router.get("/security-notices", summary="Lock-outs and resets of all accounts")
def security_notices(engine: EngineDep, _: Administrator, limit: Limit = 50, cursor: Cursor = None) -> NoticePage:
    """Newest first (21 CFR 11.300(d))."""
    with reading(engine) as session:
        items, following = queries_people.notices(session, limit=limit, after=cursor)
        return NoticePage(items=items, next=following)


def _somebody_else(session: Session, principal: Principal, ref: str) -> Person:
    found = people.get(session, ref)
    if found.id == principal.person_id:
        raise auth.OWN_RIGHTS()
    return found
