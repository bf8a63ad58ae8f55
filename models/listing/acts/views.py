"""Views of lists that people keep: what they ask of a list, under a name of their own (REQUIREMENTS 87; SCREENS).

A view shows nothing that its reader couldn't ask for by themselves; so whoever reads a list may keep views of it.  Shared, it stands
on other people's pages: with those of a role whoever has that role may share it, for they know what these colleagues look for; with
the whole plant only who writes process definitions, because that is who decides how everybody works.  Only its owner changes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.typed import unseen
from models.listing.rules import Listed, canonical, declared, left_out
from models.person.rules.auth import Principal, check_permission
from models.person.rules.roles import Permission

CLAUSE = "REQ 87; SCREENS"
TAKEN = Kind(
    "VIW-001",
    CLAUSE,
    "您在这份清单里已有名为“{name}”的视图，请换一个名称。",
    "You have a view “{name}” of this list already; choose another name.",
)
NAME = Kind(
    "VIW-002",
    CLAUSE,
    "视图名称须为 1 到 60 个可见字符。",
    "The name of a view has 1 to 60 characters that can be seen.",
    422,
)
UNKNOWN = Kind(
    "VIW-003", CLAUSE, "没有这个视图，或没有与您共享。", "There is no such view, or it isn't shared with you.", 404
)
NOT_YOURS = Kind(
    "VIW-004",
    CLAUSE,
    "这个视图属于{owner}，只有本人可以更改或删除。",
    "This view is kept by {owner}, who alone may change it or take it away.",
    403,
)
CHANGED = Kind(
    "VIW-005",
    CLAUSE,
    "视图“{name}”在您打开之后已更改，请重新打开再改。",
    "The view “{name}” has been changed since you opened it; open it again first.",
)
NOT_YOUR_ROLE = Kind(
    "VIW-006",
    CLAUSE,
    "只能与自己担任的角色共享视图。",
    "You may share a view with a role that you have yourself.",
    403,
)
NO_LIST = Kind("VIW-007", CLAUSE, "没有清单“{list}”。", "There is no list “{list}”.", 404)
NOT_ASKED = Kind(
    "VIW-008",
    CLAUSE,
    "这份清单没有：{what_zh}。",
    "This list doesn't know: {what_en}.",
    422,
)
PLANT = "plant"
LONGEST = 60
SEEN = """
select v.id as key, v.public_id as id, v.list_key as list, v.name, v.query, v.preset, v.for_role, v.for_everybody, v.version,
       v.person_id = :person as mine, p.name as owner_zh, said(p.name, p.name_en) as owner
  from saved_view v join person p on p.id = v.person_id
 where (v.person_id = :person or v.for_everybody or v.for_role = any(cast(:roles as text[])))
"""
OF_LIST = text(f"{SEEN} and v.list_key = :list order by v.person_id <> :person, lower(v.name), v.id")
ONE = text(f"{SEEN} and v.public_id = :id")
LOCKED = text(f"{SEEN} and v.public_id = :id for update of v")
SAME_NAME = text(
    "select 1 from saved_view v where v.person_id = :person and v.list_key = :list and lower(v.name) = lower(:name)"
    " and v.public_id is distinct from cast(:id as uuid)"
)
UNSET = text(
    "update saved_view set preset = false, version = version + 1, changed_at = now()"
    " where person_id = :person and list_key = :list and preset and public_id is distinct from cast(:id as uuid)"
)
KEEP = text(
    "insert into saved_view (person_id, list_key, name, query, preset, for_role, for_everybody)"
    " values (:person, :list, :name, :query, :preset, :for_role, :for_everybody)"
    " on conflict (person_id, list_key, lower(name)) do nothing returning public_id"
)
CHANGE = text(
    "update saved_view set name = :name, query = :query, preset = :preset, for_role = :for_role, for_everybody = :for_everybody,"
    " version = version + 1, changed_at = now() where id = :key"
)
REMOVE = text("delete from saved_view where id = :key")


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A kept view as somebody sees it.  `shared` is a role, `plant` or empty; `left_out` is what its list no longer knows."""

    id: UUID
    list: str
    name: str
    query: str
    preset: bool
    mine: bool
    owner: str
    shared: str
    version: int
    left_out: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Keep:
    """What a view is to be: its name, the query of an address, with whom it is shared, and whether the list begins with it."""

    name: str
    query: str
    shared: str = ""
    preset: bool = False


def list_of(key: str) -> Listed:
    """The declared list of that name.  VIW-007."""
    found = declared(key)
    if found is None:
        raise NO_LIST(list=key[:60])
    return found


def of_list(session: Session, principal: Principal, key: str) -> tuple[View, ...]:
    """The person's own views of the list by name, then those that are shared with them.  One statement."""
    list_of(key)
    rows = session.connection().execute(OF_LIST, {**_reader(principal), "list": key})
    return tuple(_view(row) for row in rows)


def one(session: Session, principal: Principal, key: UUID) -> View:
    """One view that the person sees.  VIW-003."""
    row = session.connection().execute(ONE, {**_reader(principal), "id": key}).one_or_none()
    if row is None:
        raise UNKNOWN()
    return _view(row)


def keep(session: Session, principal: Principal, key: str, wanted: Keep) -> View:
    """Keep a new view of a list.  VIW-001 to -002, -006 to -008, AUTH-005."""
    values = _values(session, principal, list_of(key), wanted, None)
    made = session.connection().execute(KEEP, values).scalar_one_or_none()
    if made is None:  # the same person keeps the same name in two tabs at once
        raise TAKEN(name=values["name"])
    return one(session, principal, made)


def change(session: Session, principal: Principal, key: UUID, version: int, wanted: Keep) -> View:
    """Make a view of one's own into what is wanted.  VIW-001 to -006, -008, AUTH-005; `version` is the one that was seen."""
    row = _own(session, principal, key, version)
    # what it no longer knows needn't be known to give it another name
    asked = (
        wanted
        if wanted.query != row.query
        else Keep(name=wanted.name, query="", shared=wanted.shared, preset=wanted.preset)
    )
    values = _values(session, principal, list_of(row.list), asked, row)
    values["query"] = values["query"] if wanted.query != row.query else row.query
    session.connection().execute(CHANGE, {**values, "key": row.key})
    return one(session, principal, key)


def remove(session: Session, principal: Principal, key: UUID, version: int) -> View:
    """Take a view of one's own away; answers what it was.  VIW-003 to -005."""
    row = _own(session, principal, key, version)
    session.connection().execute(REMOVE, {"key": row.key})
    return _view(row)


def may_share(principal: Principal) -> tuple[str, ...]:
    """With whom the person may share: roles of their own, and the plant."""
    plant = (PLANT,) if principal.may(Permission.DEFINITION_WRITE) else ()
    return (*sorted(str(role) for role in principal.roles), *plant)


def _values(session: Session, principal: Principal, listed: Listed, wanted: Keep, row: Any) -> dict[str, Any]:
    name = wanted.name.strip()
    if len(name) > LONGEST or unseen(name) or not name.isprintable():
        raise NAME()
    shared = wanted.shared
    if shared == PLANT and (row is None or not row.for_everybody):
        check_permission(principal, Permission.DEFINITION_WRITE)
    elif shared not in {"", PLANT} and shared not in may_share(principal) and (row is None or row.for_role != shared):
        raise NOT_YOUR_ROLE()
    beside, asked, gone = left_out(listed, wanted.query)
    if gone:
        raise NOT_ASKED(
            what_zh="; ".join(one.zh for one in gone)[:300], what_en="; ".join(one.en for one in gone)[:300]
        )
    mine = {"person": principal.person_id, "list": listed.key, "id": row.id if row is not None else None}
    if session.connection().execute(SAME_NAME, {**mine, "name": name}).first() is not None:
        raise TAKEN(name=name)
    if wanted.preset:
        session.connection().execute(UNSET, mine)
    return {
        "person": principal.person_id,
        "list": listed.key,
        "name": name,
        "query": canonical(listed, beside, asked),
        "preset": wanted.preset,
        "for_role": shared if shared not in {"", PLANT} else None,
        "for_everybody": shared == PLANT,
    }


def _own(session: Session, principal: Principal, key: UUID, version: int) -> Any:
    row = session.connection().execute(LOCKED, {**_reader(principal), "id": key}).one_or_none()
    if row is None:
        raise UNKNOWN()
    if not row.mine:
        raise NOT_YOURS(owner=row.owner)
    if row.version != version:
        raise CHANGED(name=row.name)
    return row


def _reader(principal: Principal) -> dict[str, Any]:
    roles: Sequence[str] = [str(role) for role in principal.roles]
    return {"person": principal.person_id, "roles": list(roles)}


def _view(row: Any) -> View:
    listed = declared(row.list)
    gone = left_out(listed, row.query)[2] if listed is not None else ()
    return View(
        id=row.id, list=row.list, name=row.name, query=row.query, preset=row.preset and row.mine, mine=row.mine, owner=row.owner,
        shared=PLANT if row.for_everybody else row.for_role or "", version=row.version, left_out=gone,
    )  # fmt: skip
