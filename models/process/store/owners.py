"""The plant's owner rules as they are read when a step with an owner is opened (DESIGN 6a, 8).  Steps without one cost no statement."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

from models.definition.document import Owner, Stage
from models.kernel.refusal import Refusal
from models.process import engine as process
from models.process.owner import Known, Named, owner
from models.process.run import Run
from models.process.tables.subject import Subject
from models.process.time.moments import answered

NAMED = text("""
select r.id, r.person_id, r.item_family, r.supplier_id, r.site_id
  from owner_rule r join person p on p.id = r.person_id
 where r.subject_kind = :about and r.ended_at is null and r.shift is null
   and p.active and p.kind = 'human' and held_role(p.id, :role, now())
   and exists (select from account a where a.person_id = p.id and not a.disabled)
 order by r.id
""")
"""The rules about such subjects whose person works here, can log in and holds the role of the step."""

SAID = text("""
select p.id from person p
 where p.public_id::text = :person and p.active and p.kind = 'human' and held_role(p.id, :role, now())
   and exists (select from account a where a.person_id = p.id and not a.disabled)
""")


def of_stage(session: Session, run: Run, stage: Stage, given: Owner | None = None) -> int | None:
    """The key of the person whose the step is; None where it is its role's.

    `given` is the owner that began the run where a trigger names one: asked before the step's own, where the roles are the same.
    """
    rules = [rule for rule in (given, stage.owner) if rule is not None and rule.role == stage.role]
    if not rules:
        return None
    groups = run.about.groups(session, run.subject_key)

    def may(person: int) -> bool:
        try:
            process.check_people(run.definition, run.state, stage, (str(person),), groups)
        except Refusal:
            return False
        return True

    said = _said(session, run, stage)
    if said is not None and may(said):
        return said
    named = _named(session, run.about.key, stage.role or "")
    if not named:
        return None
    known = _known(session, run)
    found = (owner(rule, known, named, may) for rule in rules)
    return next((person for person in found if person is not None), None)


def _said(session: Session, run: Run, stage: Stage) -> int | None:
    """Whom an answer of the run names, if they work here and hold the role of the step."""
    if stage.owner is None or stage.owner.named is None:
        return None
    person = answered(stage.owner.named, run.state)
    return session.connection().execute(SAID, {"person": person, "role": stage.role}).scalar_one_or_none()


def _named(session: Session, about: str, role: str) -> Sequence[Named]:
    rows = session.connection().execute(NAMED, {"about": about, "role": role})
    return [
        Named(
            key=row.id,
            person=row.person_id,
            values={"item_family": row.item_family, "supplier": row.supplier_id, "site": row.site_id},
        )
        for row in rows
    ]


def _known(session: Session, run: Run) -> Known:
    site = session.get_one(Subject, run.row.subject_id).site_id
    return {"site": site, **run.about.sorted_by(session, run.subject)}
