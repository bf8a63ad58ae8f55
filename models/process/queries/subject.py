"""One subject of any kind as it is read: what it is called, what is to be done, its runs, links, files and signatures (DESIGN 6a).

A fixed number of statements, whatever hangs on it; a long part is cut at `MOST` and says how many there are in all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.definition.document import Definition, Text
from models.kernel import refusal as refusals
from models.kernel.store.english_names import SIGNER
from models.person.rules.auth import Principal
from models.process.queries import inbox as queries_tasks
from models.process.queries.reading import definitions_of
from models.process.queries.views import TaskView

MOST = 500
"""Rows of one part that are read; the rest is counted."""
UNKNOWN = refusals.Kind("PRC-405", "DESIGN 2.5", "找不到该事项。", "There is no such matter.", 404)
State = Literal["late", "open", "ended", "none"]
"""Where it stands: something is overdue, a run goes on, all have ended, there was none yet."""

HEAD = text("""
select s.id as key, s.public_id as id, s.kind, s.number, said(t.title, t.title_en) as title, s.opened_at, s.owner_id as owner_key,
       said(p.name, p.name_en) as owner, p.public_id as owner_id, said(w.name, w.name_en) as site, said(e.name, e.name_en) as entity
  from subject s join subject t on t.id = coalesce(s.titled_by_id, s.id)
  left join person p on p.id = s.owner_id left join site w on w.id = s.site_id left join legal_entity e on e.id = s.entity_id
 where s.public_id = :id
""")
RUNS = text("""
select r.public_id as id, r.workflow_id, r.definition_id, r.status, r.result, r.started_at, r.ended_at, r.parent_id is not null as part,
       x.open, x.due_at, coalesce(x.due_at < now(), false) as late, count(*) over () as total
  from process_run r
  left join lateral (select count(*) as open, min(t.due_at) as due_at from human_task t where t.run_id = r.id and t.status = 'open') x on true
 where r.subject_id = :subject order by r.status <> 'running', r.id desc limit :n
""")
# what this one is called by; what its runs touch; whose runs touch it
LINKS = text("""
select * from (
  select 1 as place, 'titled' as role, 'to' as direction, o.id as other, null::uuid as run, null::bigint as definition_id
    from subject s join subject o on o.id = s.titled_by_id where s.id = :subject
  union all
  select 2, k.role, 'to', k.subject_id, r.public_id, r.definition_id
    from process_run r join run_link k on k.run_id = r.id where r.subject_id = :subject
  union all
  select 3, k.role, 'from', r.subject_id, r.public_id, r.definition_id
    from run_link k join process_run r on r.id = k.run_id where k.subject_id = :subject) f
  join lateral (select o.public_id as id, o.kind, o.number, said(t.title, t.title_en) as title
                  from subject o join subject t on t.id = coalesce(o.titled_by_id, o.id) where o.id = f.other) o on true
 order by f.place, f.role, o.kind, o.number limit :n
""")
# a form holds digests, in fields and in cells of tables
FILES = text("""
select distinct on (a.id) a.public_id as id, a.name, f.digest, f.size, f.type, said(p.name, p.name_en) as uploaded_by, a.at
  from human_task t
  cross join lateral jsonb_path_query(t.form, '$.** ? (@.type() == "string" && @ like_regex "^[0-9a-f]{64}$")') v
  join stored_file f on f.digest = v #>> '{}'
  join attachment a on a.file_id = f.id join person p on p.id = a.uploaded_by_id
 where t.subject_id = :subject order by a.id limit :n
""")
SIGNATURES = text(f"""
select {SIGNER} as name, said(b.name, b.name_en) as on_behalf_of, s.meaning, s.outcome, s.signed_at as at, s.digest, s.act,
       t.stage, t.role, t.reason, t.public_id as task, r.definition_id
  from signature s left join human_task t on t.id = s.task_id left join process_run r on r.id = s.run_id
  left join person b on b.id = s.on_behalf_of_id
 where s.subject_id = :subject order by s.id desc limit :n
""")  # noqa: S608 - our own words


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectHead:
    """What it is called, whose it is, and where; `kind` is a word of the plant's software, `key` its key in the record."""

    key: int
    id: UUID
    kind: str
    number: str
    title: str | None
    opened_at: datetime
    owner: str | None
    owner_id: UUID | None
    owner_key: int | None
    site: str | None
    entity: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOf:
    """A run about it; `part` of another one, with how many open tasks and when the first of them is due."""

    id: UUID
    workflow_id: str
    process: str
    title: Text
    version: int
    status: str
    result: str | None
    result_title: Text | None
    started_at: datetime
    ended_at: datetime | None
    part: bool
    open: int
    due_at: datetime | None
    late: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    """Another subject: what it is called by (`titled`), what a run of it touches (`to`), or whose run touches it (`from`)."""

    role: str
    direction: str
    id: UUID
    kind: str
    number: str
    title: str | None
    run: UUID | None
    run_title: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileOf:
    """A file that a form about it names."""

    id: UUID
    name: str
    digest: str
    size: int
    type: str
    uploaded_by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedOf:
    """A signature about it: of a step (`stage`, `process`), or of an act that has none (`act`)."""

    name: str
    on_behalf_of: str | None
    meaning: str
    meaning_title: Text | None
    outcome: str
    outcome_title: Text | None
    at: datetime
    digest: str
    act: str | None
    stage_title: Text | None
    role: str | None
    reason: str | None
    task: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectDetail:
    """A subject with everything around it; of `runs` there are `runs_total`, the open ones first."""

    head: SubjectHead
    state: State
    tasks: Sequence[TaskView]
    runs: Sequence[RunOf]
    runs_total: int
    links: Sequence[Linked]
    files: Sequence[FileOf]
    signatures: Sequence[SignedOf]


def head(session: Session, key: UUID) -> SubjectHead:
    """The subject of that public id.  PRC-405."""
    row = session.connection().execute(HEAD, {"id": key}).mappings().one_or_none()
    if row is None:
        raise UNKNOWN()
    return SubjectHead(**row)


def detail(session: Session, principal: Principal, key: UUID) -> SubjectDetail:
    """Everything that is shown of it to this person."""
    about = head(session, key)
    given = {"subject": about.key, "n": MOST}

    def ask(query: Any) -> Sequence[Any]:
        return session.connection().execute(query, given).mappings().all()

    runs, links, signed = ask(RUNS), ask(LINKS), ask(SIGNATURES)
    ids = {row["definition_id"] for row in (*runs, *links, *signed)} - {None}
    known = definitions_of(session, ids)
    tasks = queries_tasks.open_about(session, principal, about.key, MOST)
    return SubjectDetail(
        head=about,
        state=state(runs, tasks),
        tasks=tasks,
        runs=tuple(_run(row, known[row["definition_id"]]) for row in runs),
        runs_total=runs[0]["total"] if runs else 0,
        links=tuple(_link(row, known) for row in links),
        files=tuple(FileOf(**row) for row in ask(FILES)),
        signatures=tuple(_signed(row, known) for row in signed),
    )


def state(runs: Sequence[Any], tasks: Sequence[TaskView]) -> State:
    """Where it stands, by its runs: the open ones come first."""
    if not runs:
        return "none"
    if any(one.overdue for one in tasks):
        return "late"
    return "open" if runs[0]["status"] == "running" else "ended"


def _run(row: Any, definition: Definition) -> RunOf:
    values = {name: value for name, value in row.items() if name not in {"definition_id", "total"}}
    end = next((one for one in definition.stages if row["result"] and one.result == row["result"]), None)
    return RunOf(
        **values,
        process=definition.key,
        title=definition.title,
        version=definition.version,
        result_title=end.title if end is not None else None,
    )


def _link(row: Any, known: dict[int, Definition]) -> Linked:
    return Linked(
        role=row["role"],
        direction=row["direction"],
        id=row["id"],
        kind=row["kind"],
        number=row["number"],
        title=row["title"],
        run=row["run"],
        run_title=known[row["definition_id"]].title if row["definition_id"] is not None else None,
    )


def _signed(row: Any, known: dict[int, Definition]) -> SignedOf:
    values = {name: value for name, value in row.items() if name not in {"definition_id", "stage"}}
    definition = known.get(row["definition_id"])
    stage = definition.find(row["stage"]) if definition is not None and row["stage"] else None
    outcome = stage.outcome(row["outcome"]) if stage is not None else None
    return SignedOf(
        **values,
        meaning_title=stage.signature.title if stage is not None and stage.signature is not None else None,
        outcome_title=outcome.title if outcome is not None else None,
        stage_title=stage.title if stage is not None else None,
    )
