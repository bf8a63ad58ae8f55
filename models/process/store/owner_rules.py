"""The plant's owner rules: whose new matters of a kind are, by family of items, supplier or shift, else by role (DESIGN 6a).

What they say is carried out where a subject is made (`subject_owner`) and where a step asks for an owner (`owners`).  A rule is
ended, never deleted; what it has given to somebody stays theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.definition.subjects import TITLES
from models.kernel.refusal import Kind
from models.person.rules.auth import UNKNOWN_ROLE
from models.person.store import people, roles
from models.process import kinds
from models.process.tables.subject import OwnerRule

CLAUSE = "ISO 13485 5.5.1"
UNKNOWN_KIND = Kind("OWN-010", CLAUSE, "没有「{kind}」这种事项。", "There are no matters of the kind “{kind}”.", 422)
UNKNOWN_SUPPLIER = Kind("OWN-011", CLAUSE, "没有供应商「{supplier}」。", "There is no supplier “{supplier}”.", 422)
SAME = Kind(
    "OWN-012",
    CLAUSE,
    "已有条件相同的规则，请先结束它。",
    "A rule for the same matters holds already; end that one first.",
)
WITHOUT_ROLE = Kind(
    "OWN-013",
    CLAUSE,
    "「{name}」须是在职人员、有可用帐户并具有规则所写的角色。",
    "{name} must work here, have an account that is in use, and hold the role of the rule.",
    422,
)
UNKNOWN = Kind("OWN-014", "DESIGN 2.5", "找不到这条规则。", "There is no such rule.", 404)
ENDED = Kind("OWN-015", CLAUSE, "这条规则已于 {at} 结束。", "This rule ended on {at}.")
HOLDS = text("""
select exists (select from account a where a.person_id = :person and not a.disabled) and held_role(:person, :role, now())
""")
SUPPLIER = text("select id from supplier where supplier_no = :number")
LISTED = text("""
select r.public_id as id, r.subject_kind as kind, r.item_family as family, s.supplier_no, said(s.name, s.name_en) as supplier, r.shift,
       r.role, said(p.name, p.name_en) as person, p.public_id as person_id, r.made_at, r.ended_at,
       r.person_id is not null and not (p.active and held_role(p.id, r.role, now())) as idle
  from owner_rule r left join supplier s on s.id = r.supplier_id left join person p on p.id = r.person_id
 order by r.ended_at is not null, r.subject_kind, num_nonnulls(r.item_family, r.supplier_id, r.site_id, r.shift) desc, r.id
""")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A rule: matters of a kind, narrowed by what is given, belong to a role and, where it is one person's, to that person."""

    kind: str
    role: str
    family: str | None = None
    supplier_no: str | None = None
    shift: str | None = None
    person: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleRow:
    """A rule as it is read; `idle` while its person can't own anything, so that the role decides."""

    id: UUID
    kind: str
    family: str | None
    supplier_no: str | None
    supplier: str | None
    shift: str | None
    role: str
    person: str | None
    person_id: UUID | None
    made_at: datetime
    ended_at: datetime | None
    idle: bool


def known_kinds() -> tuple[str, ...]:
    """What a rule can be about."""
    return tuple(dict.fromkeys([*(one.key for one in kinds.subjects()), *TITLES]))


def listed(session: Session) -> tuple[RuleRow, ...]:
    """Those that hold first, the most specific of a kind before the others; then those that have ended."""
    rows: Sequence[Any] = session.connection().execute(LISTED).mappings().all()
    return tuple(RuleRow(**row) for row in rows)


def make(session: Session, given: Wanted, now: datetime) -> UUID:
    """Write a rule; it holds for what begins from now on."""
    if given.kind not in known_kinds():
        raise UNKNOWN_KIND(kind=given.kind[:60])
    role = roles.load(session).find(given.role)
    if role is None or not role.active:
        raise UNKNOWN_ROLE(role=given.role[:60])
    row = OwnerRule(
        subject_kind=given.kind,
        item_family=_said(given.family),
        supplier_id=_supplier(session, _said(given.supplier_no)),
        shift=_said(given.shift),
        role=role.key,
        person_id=_person(session, _said(given.person), role.key),
        made_at=now,
    )
    # two who write the same rule at once: the second one waits, and finds it
    session.connection().execute(text("select pg_advisory_xact_lock(hashtext('owner_rule'))"))
    same = select(OwnerRule.id).where(
        OwnerRule.subject_kind == row.subject_kind,
        col(OwnerRule.item_family).is_not_distinct_from(row.item_family),
        col(OwnerRule.supplier_id).is_not_distinct_from(row.supplier_id),
        col(OwnerRule.site_id).is_(None),
        col(OwnerRule.shift).is_not_distinct_from(row.shift),
        col(OwnerRule.ended_at).is_(None),
    )
    if session.exec(same).first() is not None:
        raise SAME()
    session.add(row)
    session.flush()
    return row.public_id


def end(session: Session, rule: UUID, now: datetime) -> None:
    """It holds no longer."""
    row = session.exec(select(OwnerRule).where(OwnerRule.public_id == rule).with_for_update()).one_or_none()
    if row is None:
        raise UNKNOWN()
    if row.ended_at is not None:
        raise ENDED(at=row.ended_at)
    row.ended_at = now
    session.add(row)
    session.flush()


def _said(word: str | None) -> str | None:
    return (word or "").strip() or None


def _supplier(session: Session, number: str | None) -> int | None:
    if number is None:
        return None
    found = session.connection().execute(SUPPLIER, {"number": number}).scalar_one_or_none()
    if found is None:
        raise UNKNOWN_SUPPLIER(supplier=number[:80])
    return int(found)


def _person(session: Session, ref: str | None, role: str) -> int | None:
    if ref is None:
        return None
    found = people.get(session, ref)
    holds = session.connection().execute(HOLDS, {"person": found.id, "role": role}).scalar_one()
    if not (found.active and found.kind == "human" and holds):
        raise WITHOUT_ROLE(name=found.name)
    return found.id
