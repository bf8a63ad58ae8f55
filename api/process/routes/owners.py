"""Whose new matters are: the rules of the plant, a process owner's work (DESIGN 6a; ISO 13485 5.5.1)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.frame.deps import EngineDep, Reader, actor, require
from api.frame.doors import API
from api.frame.request.named import body
from api.process.schemas.owners import OwnerRuleEndInput, OwnerRuleInput, OwnerRuleList
from models.kernel.store.act import act, now, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.process.store import owner_rules

router = APIRouter(prefix=API, tags=["subjects"])
ProcessOwner = Annotated[Principal, Depends(require(Permission.DEFINITION_WRITE))]


@router.get("/owner-rules", summary="Whose new matters are, by rule")
def list_rules(engine: EngineDep, _: Reader) -> OwnerRuleList:
    """Those that hold first; the most specific one decides, and without one the role of the kind."""
    with reading(engine) as session:
        return OwnerRuleList(items=owner_rules.listed(session))


@router.post("/owner-rules", status_code=201, summary="Another rule")
def make_rule(
    request: Request,
    engine: EngineDep,
    principal: ProcessOwner,
    given: Annotated[OwnerRuleInput, body(OwnerRuleInput)],
) -> OwnerRuleList:
    """It holds for what begins from now on; what somebody has stays theirs."""
    with act(engine, actor(request, principal, reason=given.reason)) as session:
        owner_rules.make(session, given.wanted(), now(session))
        return OwnerRuleList(items=owner_rules.listed(session))


@router.post("/owner-rules/{rule}/end", summary="A rule holds no longer")
def end_rule(
    request: Request, engine: EngineDep, principal: ProcessOwner, rule: UUID, given: OwnerRuleEndInput
) -> OwnerRuleList:
    """Nothing is deleted."""
    with act(engine, actor(request, principal, reason=given.reason)) as session:
        owner_rules.end(session, rule, now(session))
        return OwnerRuleList(items=owner_rules.listed(session))
