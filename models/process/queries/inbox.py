"""The inbox: which tasks wait for whom, in a constant number of statements whatever the plant holds (REQ 87).

Order: consequence (`rank`), then lateness (`due_at`).  Each role and each person is asked for its first few tasks along
the partial indexes of open tasks, and these few are merged; a list over all roles at once would have to sort them all.
Counting stops at `MOST`, and the answer says so.  What a task is about is its subject; what is shown of it beside its number and title,
its noun says (`SubjectKind.shown`, `Kind.errand`), in the same statement.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, TextClause, text
from sqlmodel import Session

from models.kernel.request import cursor, read_cursor
from models.kernel.store.english_names import SIGNER
from models.person.rules.auth import Principal
from models.person.rules.known_roles import known
from models.process import kinds
from models.process.queries.reading import definitions_of, task_view
from models.process.queries.views import TaskCounts, TaskPage, TaskView, TaskViewName
from models.process.task import UNKNOWN

MOST = 500

COLUMNS = f"""
select t.id, t.public_id, t.process, t.stage, t.kind, t.role, t.rank, t.status, t.assignee_id, t.claimed_at,
       t.pick_up_by, t.due_at, t.due_at < now() and t.status = 'open' as overdue, t.escalation_level, t.escalated_to,
       t.opened_at, t.done_at, t.outcome, t.form, t.reason, t.lot_id, t.subject_id, t.run_id, r.definition_id, r.workflow_id,
       r.public_id as run_key, about.public_id as about_key, about.kind as about_kind, shown.recall_no,
       r.state -> 'performers' as performers, r.state -> 'everyone' as everyone, about.number,
       coalesce(shown.lot_no, about.number) as lot_no,
       coalesce(shown.status, r.status) as lot_status, coalesce(shown.held, false) as held, shown.supplier_lot_no,
       shown.expires_on, coalesce(shown.expiry_precision, 'day') as expiry_precision,
       coalesce(errand.quantity, shown.quantity, 0) as quantity, coalesce(errand.uom, shown.uom, 'lots') as uom,
       errand.kind as place_kind, errand.place, errand.title as place_title, coalesce(shown.item_no, about.kind) as item_no,
       said(titled.title, titled.title_en) as item, said(a.name, a.name_en) as assignee, a.public_id as assignee_public,
       said(d.name, d.name_en) as done_by, said(b.name, b.name_en) as on_behalf_of,
       (select coalesce(jsonb_agg(jsonb_build_object('person_id', s.person_id, 'behalf_id', s.on_behalf_of_id,
                 'person', sp.public_id, 'name', {SIGNER},
                 'behalf', said(sb.name, sb.name_en), 'meaning', s.meaning,
                 'outcome', s.outcome, 'at', s.signed_at, 'digest', s.digest, 'statement', s.statement,
                 'reason', st.reason) order by s.id), '[]')
          from signature s join person sp on sp.id = s.person_id left join person sb on sb.id = s.on_behalf_of_id
               left join human_task st on st.id = s.task_id
         where s.run_id = t.run_id) as signed
"""  # noqa: S608 - our own words
JOINS = """
  join process_run r on r.id = t.run_id
  join subject about on about.id = t.subject_id
  join subject titled on titled.id = coalesce(about.titled_by_id, about.id)
  left join lateral ({shown}) shown on true
  left join lateral ({errand}) errand on true
  left join person a on a.id = t.assignee_id
  left join person d on d.id = t.done_by_id
  left join person b on b.id = t.on_behalf_of_id
"""
FILTER = """
   and (cast(:process as text) is null or t.process = :process)
   and (cast(:item as text) is null
        or exists (select from subject fs join subject fi on fi.id = coalesce(fs.titled_by_id, fs.id)
                    where fs.id = t.subject_id and fi.kind = 'item' and fi.number = :item))
   and (cast(:rank as int) is null
        or t.rank >= :rank
           and (t.rank, coalesce(t.due_at, 'infinity'), t.id) > (:rank, cast(:due as timestamptz), cast(:id as bigint)))
"""
# one short walk along ix_human_task_mine per person, along ix_human_task_inbox per role
ASSIGNED = """
select t.id, t.rank, t.due_at from unnest(cast(:people as bigint[])) p (id) cross join lateral (
  select * from human_task t where t.status = 'open' and t.assignee_id = p.id {more}
   order by t.rank, t.due_at, t.id limit :n) t
"""
BY_ROLE = """
select t.id, t.rank, t.due_at from unnest(cast(:roles as text[])) p (role) cross join lateral (
  select * from human_task t where t.status = 'open' and t.role = p.role {more}
   order by t.rank, t.due_at, t.id limit :n) t
"""
# what this person has signed first and somebody else must sign now
SECOND = """
select t.id, t.rank, t.due_at from (select distinct s.run_id from signature s where s.person_id = :me) s
  join human_task t on t.run_id = s.run_id and t.status = 'open' and t.kind = 'sign_off' {more}
"""
FREE, LATE = " and t.assignee_id is null ", " and t.due_at < now() "
PICKS: dict[TaskViewName, str] = {
    "mine": ASSIGNED.format(more=FILTER),
    "claimable": BY_ROLE.format(more=FREE + FILTER),
    "waiting_second": SECOND.format(more=FILTER),
    "overdue": ASSIGNED.format(more=LATE + FILTER) + " union all " + BY_ROLE.format(more=FREE + LATE + FILTER),
    "all": BY_ROLE.format(more=FILTER),
}
COUNTED = ("mine", "claimable", "waiting_second", "overdue")
COUNT = text(
    "select " + ", ".join(f"(select count(*) from ({PICKS[view]} limit :n) c) as {view}" for view in COUNTED)  # type: ignore[index] # noqa: S608
)
# where no noun says anything of its subjects or runs
UNSHOWN = """
select null::text as status, null::boolean as held, null::text as item_no, null::numeric as quantity, null::text as uom,
       null::text as supplier_lot_no, cast(null as date) as expires_on, null::text as expiry_precision, null::text as recall_no,
       null::text as lot_no where false
"""
NO_ERRAND = """
select null::text as kind, null::text as place, null::text as title, null::numeric as quantity, null::text as uom where false
"""
PICKED = "with picked as (select * from ({pick}) u order by rank, due_at, id limit :n) "
ORDERED = " order by k.rank, k.due_at, k.id"
CONCERNING = """
 where (t.subject_id = any(array(select s.id from subject s where s.kind = :kind and s.number = :number))
    or t.run_id = any(array(select k.run_id from run_link k join subject s on s.id = k.subject_id
                             where s.kind = :kind and s.number = :number)))
 order by t.id
"""
OPEN_ABOUT = "where t.subject_id = :subject and t.status = 'open' order by t.due_at, t.id limit :n"


def _read(rest: str, *, pick: str | None = None) -> TextClause:
    """Tasks as lists show them, with what the nouns say of their subjects and runs."""
    shown = tuple(one.shown for one in kinds.subjects() if one.shown)
    errands = tuple(one.errand for one in kinds.every() if one.errand)
    return _composed(shown, errands, rest, pick)


@lru_cache(maxsize=128)
def _composed(shown: tuple[str, ...], errands: tuple[str, ...], rest: str, pick: str | None) -> TextClause:
    joins = JOINS.format(shown=" union all ".join((UNSHOWN, *shown)), errand=" union all ".join((NO_ERRAND, *errands)))
    if pick is None:
        return text(f"{COLUMNS} from human_task t {joins} {rest}")
    return text(f"{PICKED.format(pick=pick)}{COLUMNS} from picked k join human_task t on t.id = k.id {joins} {rest}")


def page(
    session: Session,
    principal: Principal,
    view: TaskViewName,
    *,
    limit: int = 50,
    after: str | None = None,
    process: str | None = None,
    item: str | None = None,
) -> TaskPage:
    """A page of one view of the inbox.  Two statements, however many tasks there are."""
    values = _values(principal, limit + 1, view=view) | {"process": process, "item": item}
    if after is not None:
        values |= dict(zip(("rank", "due", "id"), read_cursor(after, (int, str, int)), strict=True))
    rows = session.connection().execute(_read(ORDERED, pick=PICKS[view]), values).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = cursor([last.rank, last.due_at.isoformat() if last.due_at else "infinity", last.id])
    return TaskPage(items=_views(session, principal, rows[:limit]), next=following)


def counts(session: Session, principal: Principal) -> TaskCounts:
    """How many tasks stand in each view, in one statement."""
    row = session.connection().execute(COUNT, _values(principal, MOST)).one()._asdict()
    more = tuple(view for view, number in row.items() if number >= MOST)
    return TaskCounts(**row, most=MOST, more=more)


def one(session: Session, principal: Principal, task_id: UUID) -> TaskView:
    """A single task, open or not."""
    return _views(session, principal, [row(session, task_id)])[0]


def row(session: Session, task_id: UUID) -> Any:
    """A single task as the record has it."""
    found = session.connection().execute(_read("where t.public_id = :id"), {"id": task_id}).one_or_none()
    if found is None:
        raise UNKNOWN()
    return found


def concerning(session: Session, principal: Principal, kind: str, number: str) -> tuple[TaskView, ...]:
    """Every task about the thing of that kind and number, or of a run that is tied to it, oldest first."""
    named = _read(CONCERNING)
    return _views(session, principal, session.connection().execute(named, {"kind": kind, "number": number}).all())


def open_about(session: Session, principal: Principal, subject_id: int, n: int) -> tuple[TaskView, ...]:
    """What is to be done about a subject, the first due first."""
    rows = session.connection().execute(_read(OPEN_ABOUT), {"subject": subject_id, "n": n}).all()
    return _views(session, principal, rows)


def of_run(session: Session, principal: Principal, run_id: int) -> tuple[TaskView, ...]:
    """Every task of a run, oldest first."""
    return _views(
        session,
        principal,
        session.connection().execute(_read("where t.run_id = :run order by t.id"), {"run": run_id}).all(),
    )


def of_subject(session: Session, principal: Principal, subject_id: int) -> tuple[TaskView, ...]:
    """Every task about a subject, oldest first."""
    return _views(
        session,
        principal,
        session.connection()
        .execute(_read("where t.subject_id = :subject order by t.id"), {"subject": subject_id})
        .all(),
    )


def snapshot(engine: Engine) -> str:
    """Different whenever a transaction that wrote something has ended."""
    with engine.begin() as connection:
        return str(connection.execute(text("select pg_current_snapshot()::text")).scalar_one())


def _views(session: Session, principal: Principal, rows: Sequence[Any]) -> tuple[TaskView, ...]:
    known = definitions_of(session, {row.definition_id for row in rows})
    return tuple(task_view(principal, row, known[row.definition_id]) for row in rows)


def _values(principal: Principal, n: int, *, view: TaskViewName = "mine") -> dict[str, Any]:
    own = principal.roles.union(*(one.roles for one in principal.stands_in_for))
    return {
        "me": principal.person_id,
        "people": [principal.person_id, *dict.fromkeys(one.person_id for one in principal.stands_in_for)],
        "roles": [one.key for one in known().all] if view == "all" else sorted(own),
        "n": n,
        "process": None,
        "item": None,
        "rank": None,
        "due": None,
        "id": None,
    }
