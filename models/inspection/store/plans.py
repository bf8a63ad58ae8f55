"""Inspection plans: what is measured on an item, or on every item of a kind, at a stage (REQUIREMENTS 28-30).

What was inspected by a plan stays: another plan of the same code is its next version, and the earlier one is superseded.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.identifier.rules.identity import identity_key
from models.identifier.rules.scanned_field import Asked
from models.inspection.rules import plan as rules
from models.inspection.tables import Characteristic, InspectionPlan
from models.item.tables import Item
from models.kernel.request import cursor, read_cursor
from models.register import rules as master
from models.register.store import keyset
from models.register.store.searching import matching, sought

PAGE = text(f"""
select p.id, p.code, p.version, p.title, p.title_en, p.stage, i.item_no, p.item_kind, p.status, p.qualification
  from inspection_plan p left join item i on i.id = p.item_id
 where (cast(:after as text) is null or (p.code, -p.version) > (cast(:after as text), cast(:version as integer)))
   and (cast(:code as text) is null or p.code = :code)
   and (cast(:stage as text) is null or p.stage = :stage)
   and (cast(:q as text) is null or {matching(("p.code", "i.item_no"), ("p.title", "p.title_en"))})
 order by p.code, p.version desc limit :n
""")  # noqa: S608 - our own words


@dataclass(frozen=True, kw_only=True, slots=True)
class CharacteristicView:
    """One thing to measure."""

    seq: int
    name_zh: str
    name_en: str
    kind: str
    unit: str | None
    lower: Decimal | None
    upper: Decimal | None
    sample_size: int
    accept: int
    equipment_kind: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanView:
    """A version of a plan with what it measures."""

    code: str
    version: int
    title: str
    title_en: str | None
    stage: str
    item_no: str | None
    item_kind: str | None
    status: str
    qualification: str | None
    characteristics: tuple[CharacteristicView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanPage:
    """One page of plans."""

    items: tuple[PlanView, ...]
    next: str | None


def page(
    session: Session, *, limit: int = 50, after: str | None = None, q: str | None = None, stage: str | None = None
) -> PlanPage:
    """Plans by code, the newest version first; two statements."""
    code, version = read_cursor(after, (str, int)) if after else (None, None)
    given = {"after": code, "version": -version if version else None, "code": None, "stage": stage, "n": limit + 1}
    found = _views(session, {**given, **sought(q, Asked.ITEM)})
    shown = found[:limit]
    return PlanPage(
        items=shown, next=cursor([shown[-1].code, shown[-1].version]) if len(found) > limit and shown else None
    )


def create(session: Session, facts: dict[str, Any], measures: Sequence[dict[str, Any]]) -> PlanView:
    """A plan, or the next version of the plan with that code; the version before is superseded in the same act."""
    if (facts["item_no"] is None) == (facts["item_kind"] is None):
        raise rules.TARGET()
    item = keyset.find(session, Item, Item.item_no, facts["item_no"]) if facts["item_no"] else None
    rules.check_target(facts["stage"], item.kind if item else facts["item_kind"])
    rules.check_measures(
        rules.Measure(**{name: one[name] for name in rules.Measure.__dataclass_fields__}) for one in measures
    )
    # two plans for the same things at once: the second waits here and finds the first
    session.connection().execute(text("lock table inspection_plan in share row exclusive mode"))
    before = _before(session, facts["code"])
    target = item.item_no if item else facts["item_kind"]
    effective = _effective(session, facts["stage"], item.id if item else None, facts["item_kind"])
    rules.check_version(facts["code"], facts["stage"], target, _known(session, before), _known(session, effective))
    if before is not None and before.status == "effective":
        before.status = "superseded"
        session.add(before)
        session.flush()
    plan = InspectionPlan(
        code=facts["code"],
        version=before.version + 1 if before else 1,
        title=facts["title"],
        title_en=facts["title_en"],
        stage=facts["stage"],
        item_id=item.id if item else None,
        item_kind=facts["item_kind"],
        qualification=facts["qualification"],
    )
    session.add(plan)
    session.flush()
    session.add_all(Characteristic(plan_id=plan.id, seq=seq, **one) for seq, one in enumerate(measures, 1))
    session.flush()
    values = {"after": None, "version": None, "code": plan.code, "stage": None, **sought(None), "n": 1}
    return _views(session, values)[0]


def _before(session: Session, code: str) -> InspectionPlan | None:
    """The newest version of the plan with that code; a code that only looks like another's is refused."""
    for known in session.exec(select(InspectionPlan.code).distinct()).all():
        if known != code and identity_key(known) == identity_key(code):
            raise master.ALIKE(number=code[:80], other=known[:80])
    return session.exec(
        select(InspectionPlan).where(InspectionPlan.code == code).order_by(col(InspectionPlan.version).desc()).limit(1)
    ).first()


def _effective(session: Session, stage: str, item_id: int | None, kind: str | None) -> InspectionPlan | None:
    """The effective plan of exactly that item or kind."""
    query = select(InspectionPlan).where(InspectionPlan.stage == stage, InspectionPlan.status == "effective")
    if item_id is not None:
        query = query.where(InspectionPlan.item_id == item_id)
    else:
        query = query.where(col(InspectionPlan.item_id).is_(None), InspectionPlan.item_kind == kind)
    return session.exec(query.order_by(col(InspectionPlan.version).desc()).limit(1)).first()


def _known(session: Session, plan: InspectionPlan | None) -> rules.Known | None:
    if plan is None:
        return None
    item = session.get_one(Item, plan.item_id).item_no if plan.item_id else plan.item_kind
    return rules.Known(plan.code, plan.stage, item or "")


def _views(session: Session, values: dict[str, Any]) -> tuple[PlanView, ...]:
    rows = session.connection().execute(PAGE, values).mappings().all()
    measured: dict[int, list[CharacteristicView]] = defaultdict(list)
    wanted = [row["id"] for row in rows]
    for one in session.exec(
        select(Characteristic).where(col(Characteristic.plan_id).in_(wanted)).order_by(col(Characteristic.seq))
    ).all():
        plain = {name: getattr(one, name) for name in CharacteristicView.__dataclass_fields__}
        measured[one.plan_id].append(CharacteristicView(**plain))
    return tuple(
        PlanView(
            characteristics=tuple(measured[row["id"]]), **{name: value for name, value in row.items() if name != "id"}
        )
        for row in rows
    )
