"""What became true of a subject, newest first, with what each fact caused and why not; and what a run told or was caused by (DESIGN 6a)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.definition import store as definitions
from models.definition.document import Definition, FieldType, Text
from models.kernel.request import cursor, read_cursor
from models.process import kinds
from models.process.kind import FactKind
from models.process.queries import subject as subjects

HEAD = text("""
select s.id, s.kind, s.number, said(t.title, t.title_en) as title
  from subject s join subject t on t.id = coalesce(s.titled_by_id, s.id) where s.public_id = :id
""")
COLUMNS = """
select f.id, f.public_id, f.name, f.values, f.once, f.happened_at, f.recorded_at, said(p.name, p.name_en) as who, p.public_id as who_id,
       r.public_id as run, r.workflow_id, r.definition_id, s.public_id as subject, s.kind, s.number
  from fact f join subject s on s.id = f.subject_id
  left join person p on p.id = f.person_id left join process_run r on r.id = f.run_id
"""
OF_SUBJECT = text(
    f"{COLUMNS} where f.subject_id = :key and f.id < coalesce(cast(:after as bigint), 9223372036854775807) order by f.id desc limit :n"
)
OF_RUN = text(f"""
{COLUMNS} where f.run_id = :key or f.id in (select c.fact_id from cause c where c.run_id = :key) order by f.id desc limit :n
""")  # noqa: S608 - our own words
CAUSES = text("""
select c.fact_id, c.definition_id, c.trigger, c.stage, c.code, c.because_zh, c.because_en, r.public_id as run, r.workflow_id,
       said(p.name, p.name_en) as owner, p.public_id as owner_id
  from cause c left join process_run r on r.id = c.run_id left join person p on p.id = c.owner_id
 where c.fact_id = any(:facts) order by c.id
""")
COUNTS = text("""
select count(*), count(*) filter (where exists (select from cause c where c.fact_id = f.id and c.run_id is not null)) from fact f
""")
MOST = 50
"""Facts of a run that are shown; a run tells a handful."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CauseView:
    """What a trigger of a definition, or a wait of a run, made of the fact: `because` says why it did, or why it didn't.

    `title` is what the trigger, or the step that waited, is called; `process` the definition that it stands in.
    """

    process: str
    process_title: Text
    title: Text
    code: str
    caused: bool
    because: Text
    run: UUID | None
    workflow_id: str | None
    owner: str | None
    owner_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidView:
    """A value of a fact: what people call it, and what it is, in words where it is one of a few."""

    name: Text
    value: Text | str | int | bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FactView:
    """A fact: what, of what it was told (`once`), when it happened, when and by whom it was told, in which run; and what it caused.

    `said` are its `values` in words, in the order in which its kind declares them.
    """

    id: UUID
    name: str
    title: Text
    values: Mapping[str, Any]
    once: str | None
    subject: UUID
    kind: str
    number: str
    happened_at: datetime
    recorded_at: datetime
    who: str | None
    who_id: UUID | None
    run: UUID | None
    workflow_id: str | None
    run_title: Text | None
    said: tuple[SaidView, ...]
    causes: tuple[CauseView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FactList:
    """Facts of one subject, the newest first."""

    kind: str
    number: str
    title: str | None
    items: tuple[FactView, ...]
    next: str | None


def counts(session: Session) -> tuple[int, int]:
    """How many facts there are, and how many of them caused something: began, joined or moved a run."""
    total, caused = session.connection().execute(COUNTS).one()
    return total, caused


def of_subject(session: Session, subject: UUID, *, limit: int = MOST, after: str | None = None) -> FactList:
    """The facts of that subject.  Three statements; raises PRC-405 where there is none."""
    head = session.connection().execute(HEAD, {"id": subject}).one_or_none()
    if head is None:
        raise subjects.UNKNOWN()
    last = read_cursor(after, (int,))[0] if after else None
    rows = _rows(session, OF_SUBJECT, key=head.id, after=last, n=limit + 1)
    following = cursor([rows[limit - 1].id]) if len(rows) > limit else None
    return FactList(
        kind=head.kind, number=head.number, title=head.title, items=_views(session, rows[:limit]), next=following
    )


def of_run(session: Session, run_id: int) -> tuple[FactView, ...]:
    """The facts that a run told, and those that began it, moved it or were taken up by it.  Two statements."""
    return _views(session, _rows(session, OF_RUN, key=run_id, n=MOST))


def _rows(session: Session, statement: TextClause, **given: Any) -> Sequence[Any]:
    return session.connection().execute(statement, given).all()


def _views(session: Session, rows: Sequence[Any]) -> tuple[FactView, ...]:
    causes: dict[int, list[CauseView]] = {row.id: [] for row in rows}
    if causes:
        for one in _rows(session, CAUSES, facts=list(causes)):
            causes[one.fact_id].append(_cause(session, one))
    return tuple(_view(session, row, tuple(causes[row.id])) for row in rows)


def _view(session: Session, row: Any, causes: tuple[CauseView, ...]) -> FactView:
    kind = next((one for one in kinds.facts() if one.name == row.name), None)
    ran = definitions.by_key(session, row.definition_id) if row.definition_id is not None else None
    return FactView(
        id=row.public_id,
        title=kind.title if kind is not None else Text(zh=row.name, en=row.name),
        run_title=ran.title if ran is not None else None,
        said=_said(kind, ran, row.values) if kind is not None else (),
        causes=causes,
        **{name: getattr(row, name) for name in _SAME},
    )


def _said(kind: FactKind, ran: Definition | None, values: Mapping[str, Any]) -> tuple[SaidView, ...]:
    """The values that the kind has names for; one that is an outcome of the run's steps is said as they say it."""
    outcomes = {one.key: one.title for stage in ran.stages for one in stage.outcomes} if ran is not None else {}
    return tuple(
        SaidView(name=name, value=kind.answers.get(key, outcomes).get(values[key], values[key]))
        if kind.values[key] is FieldType.CHOICE
        else SaidView(name=name, value=values[key])
        for key, name in kind.names.items()
        if values.get(key, "") != ""
    )


_SAME = (
    "name", "values", "once", "subject", "kind", "number", "happened_at", "recorded_at", "who", "who_id", "run", "workflow_id",
)  # fmt: skip


def _cause(session: Session, row: Any) -> CauseView:
    definition = definitions.by_key(session, row.definition_id)
    title = definition.triggers[row.trigger].title if row.stage is None else definition.stage(row.stage).title
    return CauseView(
        process=definition.key,
        process_title=definition.title,
        title=title,
        code=row.code,
        caused=row.run is not None,
        because=Text(zh=row.because_zh, en=row.because_en),
        run=row.run,
        workflow_id=row.workflow_id,
        owner=row.owner,
        owner_id=row.owner_id,
    )
