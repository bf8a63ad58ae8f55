"""Signatures in the record: the attempt that was proven, the record that was shown, the signature that binds both."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from models.definition.document import Definition
from models.kernel import large_json as large
from models.person.store.passwords import ACCEPTED
from models.process.messages.process import By
from models.process.sign import statement as statements
from models.process.sign.sign import Attempt
from models.process.tables.process import HumanTask
from models.process.tables.signature import Signature, SignedRecord

ATTEMPT = text("""
select a.at, a.person_id, a.digest, a.meaning, a.result = :proven as proven,
       exists (select from signature s where s.attempt_id = a.id) as used,
       a.task_id, a.on_behalf_of_id, a.act, a.about, a.statement,
       (select coalesce(max(o.own_since) <= a.at, false) from account o
         where o.id = a.account_id and o.person_id = a.person_id and not o.disabled) as own,
       (select coalesce(json_agg(json_build_array(t.stage, s.outcome, s.person_id, s.on_behalf_of_id, s.digest, s.statement)
                                 order by s.id), '[]')
          from signature s join human_task t on t.id = s.task_id where s.run_id = :run) as signed
  from signing_attempt a where a.id = :attempt
""")
"""An attempt; `own`: whether its password was its owner's alone at that moment, and is now."""


OF_RUN = text("""
select t.stage, s.outcome, s.person_id, s.on_behalf_of_id, s.digest, s.statement
  from signature s join human_task t on t.id = s.task_id where s.run_id = :run order by s.id
""")


@dataclass(frozen=True)
class Signed:
    """A signature of a run: at which step, by whom, with which outcome, over which record and statement."""

    stage: str
    outcome: str
    person_id: int
    on_behalf_of_id: int | None
    digest: str
    statement: str | None


def canonical(record: dict[str, Any]) -> str:
    """The RFC 8785 form of a record; without fractions and odd names it is written four times faster."""
    return large.canonical(record).decode() if large.is_plain(record) else rfc8785.dumps(record).decode()


def digest(text: str) -> str:
    """SHA-256 of a canonical record, in hex."""
    return sha256(text.encode()).hexdigest()


def keep(session: Session, *texts: str) -> tuple[str, ...]:
    """Keep canonical records so that what was shown can be shown again; answers their digests."""
    rows = {digest(text): text for text in texts}
    values = [{"digest": sha, "canonical": text} for sha, text in rows.items()]
    session.connection().execute(insert(SignedRecord).values(values).on_conflict_do_nothing())
    return tuple(digest(text) for text in texts)


def of_task(session: Session, task_id: int) -> int:
    """The key of the signature that completes a task."""
    query = select(col(Signature.id)).where(col(Signature.task_id) == task_id)
    return int(session.connection().execute(query).scalar_one())


def of_run(session: Session, run_id: int) -> tuple[Signed, ...]:
    """The signatures of a run in their order."""
    rows = session.connection().execute(OF_RUN, {"run": run_id})
    return tuple(Signed(**row) for row in rows.mappings())


def said(by: By, signed: Iterable[Signed], **words: Any) -> str:
    """The canonical statement of a signature: what this person says about a record, after what others have `signed`.

    `words` are those of `models.process.sign.statement`.  A signature of form 1 stands there with the digest of its record.
    """
    earlier = [one.statement or one.digest for one in signed]
    return canonical(statements.statement(signer=by.name, on_behalf_of=by.on_behalf_of_name, earlier=earlier, **words))


def attempt(
    session: Session, attempt_id: int | None, run_id: int | None = None
) -> tuple[Attempt | None, tuple[Signed, ...]]:
    """An attempt as the rules see it, and the signatures of the run in their order."""
    if attempt_id is None:
        return None, ()
    row = (
        session.connection().execute(ATTEMPT, {"attempt": attempt_id, "run": run_id, "proven": ACCEPTED}).one_or_none()
    )
    return (None, ()) if row is None else (Attempt(*row[:-1]), tuple(Signed(*one) for one in row.signed))


def _yes(definition: Definition, stages: Collection[str], signed: Iterable[Signed]) -> list[Signed]:
    """The signatures by which people said yes at these steps."""
    positive = {
        (stage.key, outcome.key)
        for stage in definition.stages
        if stage.key in stages
        for outcome in stage.outcomes
        if outcome.style == "positive"
    }
    return [one for one in signed if (one.stage, one.outcome) in positive]


def signers(definition: Definition, signed: Iterable[Signed], digest: str, stage: str) -> frozenset[int]:
    """Everybody behind the positive signatures of a run's other steps on one record: signers and their principals.

    A step that was sent back is signed again, by the same person if need be; that never makes two people of one.
    """
    others = _yes(definition, [one.key for one in definition.stages if one.key != stage], signed)
    behind = [person for one in others if one.digest == digest for person in (one.person_id, one.on_behalf_of_id)]
    return frozenset(person for person in behind if person is not None)


def last_positive(definition: Definition, signed: Iterable[Signed], stages: Collection[str]) -> Signed | None:
    """The newest signature of a run that said yes at one of these steps."""
    return next(iter(reversed(_yes(definition, stages, signed))), None)


def sign(
    session: Session,
    task: HumanTask,
    by: By,
    *,
    attempt_id: int,
    meaning: str,
    outcome: str,
    record: str,
    statement: str,
    subject: str,
    zone: str,
) -> Signature:
    """Write the signature with the canonical record and statement behind it; the database checks it against its attempt once more."""
    return written(
        session,
        (record, statement),
        {
            "attempt_id": attempt_id,
            "task_id": task.id,
            "run_id": task.run_id,
            "lot_id": task.lot_id,
            "subject": subject,
            "person_id": by.person_id,
            "on_behalf_of_id": by.on_behalf_of,
            "printed_name": by.name,
            "meaning": meaning,
            "outcome": outcome,
            "digest": digest(record),
            "statement": digest(statement),
            "zone": zone,
        },
    )


def written(session: Session, texts: tuple[str, ...], row: dict[str, Any]) -> Signature:
    """The row of a signature, written in one statement with the texts behind it.

    What it is drawn from counts the texts, so they are there when its walls ask for them.
    """
    rows = {digest(text): text for text in texts}
    values = [{"digest": sha, "canonical": text} for sha, text in rows.items()]
    kept = insert(SignedRecord).values(values).on_conflict_do_nothing().returning(col(SignedRecord.digest)).cte("texts")
    first = select(func.count().label("many")).select_from(kept).subquery("first")
    columns = Signature.__table__.c  # type: ignore[attr-defined] # SQLModel says it of its tables only
    given = [literal(value, columns[name].type) for name, value in row.items()]
    drawn = select(*given).where(first.c.many >= 0)
    asked = insert(Signature).from_select(list(row), drawn, include_defaults=False).returning(Signature)
    made: Signature = session.execute(asked).scalar_one()
    return made
