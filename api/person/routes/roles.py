"""Roles as the plant calls them and what each permits: an administrator's work (REQ 112; 21 CFR 11.10(g))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session

from api.frame.deps import EngineDep, Reader, actor, require
from api.frame.doors import API
from api.person.schemas.people import RoleList, RoleRow
from api.person.schemas.roles import NewRoleInput, RoleActiveInput, RoleChangeInput
from models.kernel.store.act import act, reading
from models.person.rules.auth import UNKNOWN_ROLE, Principal
from models.person.rules.roles import Permission, PlantRole
from models.person.store import role_changes, roles

router = APIRouter(prefix=API, tags=["people"])
Administrator = Annotated[Principal, Depends(require(Permission.PEOPLE_WRITE))]


@router.get("/roles", summary="All roles and what each permits")
def list_roles(engine: EngineDep, _: Reader) -> RoleList:
    """In the order in which they came; what a role permits is the plant's, what a permission allows is code."""
    with reading(engine) as session:
        return RoleList(items=[row(one) for one in roles.load(session).all])


@router.post("/roles", status_code=201, summary="A role of the plant's own")
def create_role(request: Request, engine: EngineDep, principal: Administrator, body: NewRoleInput) -> RoleRow:
    """Its kind of work stays for good: administration and business never mix, neither in a role nor in a person."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        role_changes.make(session, body.key, body.duty, body.wanted())
        return _one(session, body.key.strip())


@router.post("/roles/{role}", summary="Other names, other permissions")
def change_role(
    request: Request, engine: EngineDep, principal: Administrator, role: str, body: RoleChangeInput
) -> RoleRow:
    """Whoever holds the role may do so from the next act; nobody lets a role of their own permit more."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        role_changes.change(session, principal.person_id, role, body.version, body.wanted())
        return _one(session, role)


@router.post("/roles/{role}/active", summary="Set a role aside, or take it up again")
def set_role_active(
    request: Request, engine: EngineDep, principal: Administrator, role: str, body: RoleActiveInput
) -> RoleRow:
    """Refused while somebody holds it or something names it; nothing is deleted."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        role_changes.set_active(session, role, body.version, active=body.active)
        return _one(session, role)


def row(one: PlantRole) -> RoleRow:
    """As it leaves the system."""
    return RoleRow(
        key=one.key,
        zh=one.name.zh,
        en=one.name.en,
        permissions=sorted(each.value for each in one.permissions),
        duty=one.duty.value,
        quality=one.quality,
        shipped=one.shipped,
        active=one.active,
        version=one.version,
    )


def _one(session: Session, key: str) -> RoleRow:
    found = roles.load(session).find(key)
    if found is None:
        raise UNKNOWN_ROLE(role=key[:60])
    return row(found)
