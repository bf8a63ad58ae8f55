"""What people arrange for themselves: absences with a deputy, and what happened to their account (REQ 89)."""

from fastapi import APIRouter, Request

from api.frame.deps import EngineDep, IdentifiedDep, PrincipalDep, actor
from api.frame.doors import API
from api.frame.paging import Cursor, Limit
from api.person.schemas.people import DelegationInput, DelegationList, NoticePage
from models.kernel.store.act import act, reading
from models.person.queries import people as queries_people
from models.person.store import people

router = APIRouter(prefix=API, tags=["people"])


@router.get("/me/delegations", summary="My absences, and whom I stand in for")
def list_delegations(engine: EngineDep, principal: PrincipalDep) -> DelegationList:
    """Newest first."""
    with reading(engine) as session:
        return DelegationList(items=queries_people.delegations(session, principal.person_id))


@router.post("/me/delegations", status_code=201, summary="Name a deputy for an absence")
def delegate(request: Request, engine: EngineDep, principal: PrincipalDep, body: DelegationInput) -> DelegationList:
    """The deputy may do my tasks in that time; both names stay on what is done, and both count as one signer."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        people.delegate(session, principal, body.to, body.starts_at, body.ends_at, body.reason)
        return DelegationList(items=queries_people.delegations(session, principal.person_id))


@router.delete("/me/delegations/{delegation}", status_code=204, summary="I am back")
def end_delegation(request: Request, engine: EngineDep, principal: PrincipalDep, delegation: int) -> None:
    """The absence ends now."""
    with act(engine, actor(request, principal)) as session:
        people.end_delegation(session, principal, delegation)


@router.get("/me/notices", summary="What happened to my account")
def my_notices(engine: EngineDep, principal: IdentifiedDep, limit: Limit = 50, cursor: Cursor = None) -> NoticePage:
    """Lock-outs, resets and unlocks, newest first."""
    with reading(engine) as session:
        items, following = queries_people.notices(session, account_id=principal.account_id, limit=limit, after=cursor)
        return NoticePage(items=items, next=following)


@router.post("/me/notices/seen", status_code=204, summary="I have seen them")
def notices_seen(request: Request, engine: EngineDep, principal: IdentifiedDep) -> None:
    """Marks all of mine."""
    with act(engine, actor(request, principal)) as session:
        people.see_notices(session, principal.account_id)
