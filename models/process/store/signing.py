"""Signatures in the record: the attempt that was proven, the record that was shown, the signature that binds both."""

from collections.abc import Collection
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from models.definition.document import Definition
from models.kernel import large_json as large
from models.process.messages.process import By
from models.process.sign import statement as statements
from models.process.sign.sign import Attempt
from models.process.tables.process import HumanTask
from models.process.tables.signature import Signature, SignedRecord, SigningAttempt

OWN = text(
    "select coalesce(max(own_since) <= :at, false) from account where id = :account and person_id = :person and not disabled"
)
"""Whether the password of an attempt was its owner's alone at that moment, and is now."""


def canonical(record: dict[str, Any]) -> str:
    """The RFC 8785 form of a record; without fractions and odd names it is written four times faster."""
    return large.canonical(record).decode() if large.is_plain(record) else rfc8785.dumps(record).decode()


def digest(text: str) -> str:
    """SHA-256 of a canonical record, in hex."""
    return sha256(text.encode()).hexdigest()


def keep(session: Session, text: str) -> str:
    """Keep the canonical record so that what was shown can be shown again; answers its digest."""
    sha = digest(text)
    session.execute(insert(SignedRecord).values(digest=sha, canonical=text).on_conflict_do_nothing())
    return sha


def said(session: Session, by: By, run_id: int | None, **words: Any) -> str:
    """The canonical statement of a signature: what this person says about a record, after what others have said.

    `words` are those of `models.process.sign.statement`.  A signature of form 1 stands there with the digest of its record.
    """
    earlier: list[str] = []
    if run_id is not None:
        rows = session.exec(
            select(Signature.statement, Signature.digest).where(Signature.run_id == run_id).order_by(col(Signature.id))
        ).all()
        earlier = [own or record for own, record in rows]
    return canonical(statements.statement(signer=by.name, on_behalf_of=by.on_behalf_of_name, earlier=earlier, **words))


def attempt(session: Session, attempt_id: int | None) -> Attempt | None:
    """An attempt as the rules see it."""
    if attempt_id is None:
        return None
    row = session.get(SigningAttempt, attempt_id)
    if row is None:
        return None
    used = session.exec(select(Signature.id).where(Signature.attempt_id == attempt_id)).first() is not None
    return Attempt(
        row.result,
        row.at,
        row.person_id,
        row.digest,
        row.meaning,
        used,
        row.task_id,
        row.on_behalf_of_id,
        row.act,
        row.about,
        row.statement,
        session.connection()
        .execute(OWN, {"account": row.account_id, "person": row.person_id, "at": row.at})
        .scalar_one(),
    )


def _yes(definition: Definition, stages: Collection[str]) -> list[tuple[str, str]]:
    """The steps and outcomes by which people say yes."""
    return [
        (stage.key, outcome.key)
        for stage in definition.stages
        if stage.key in stages
        for outcome in stage.outcomes
        if outcome.style == "positive"
    ]


def signers(session: Session, definition: Definition, run_id: int, digest: str, stage: str) -> frozenset[int]:
    """Everybody behind the positive signatures of a run's other steps on one record: signers and their principals.

    A step that was sent back is signed again, by the same person if need be; that never makes two people of one.
    """
    others = [one.key for one in definition.stages if one.key != stage]
    rows = session.exec(
        select(Signature.person_id, Signature.on_behalf_of_id)
        .join(HumanTask, col(HumanTask.id) == col(Signature.task_id))
        .where(
            Signature.run_id == run_id,
            Signature.digest == digest,
            tuple_(col(HumanTask.stage), col(Signature.outcome)).in_(_yes(definition, others)),
        )
    ).all()
    return frozenset(one for row in rows for one in row if one is not None)


def last_positive(session: Session, definition: Definition, run_id: int, stages: Collection[str]) -> Signature | None:
    """The newest signature of a run that said yes at one of these steps."""
    return session.exec(
        select(Signature)
        .join(HumanTask, col(HumanTask.id) == col(Signature.task_id))
        .where(
            Signature.run_id == run_id,
            tuple_(col(HumanTask.stage), col(Signature.outcome)).in_(_yes(definition, stages)),
        )
        .order_by(col(Signature.id).desc())
        .limit(1)
    ).first()


def sign(
    session: Session,
    task: HumanTask,
    by: By,
    *,
    attempt_id: int,
    meaning: str,
    outcome: str,
    digest: str,
    statement: str,
    subject: str,
    zone: str,
) -> Signature:
    """Write the signature; the database checks it against its attempt once more."""
    row = Signature(
        attempt_id=attempt_id,
        task_id=task.id,
        run_id=task.run_id,
        lot_id=task.lot_id,
        subject=subject,
        person_id=by.person_id,
        on_behalf_of_id=by.on_behalf_of,
        printed_name=by.name,
        meaning=meaning,
        outcome=outcome,
        digest=digest,
        statement=statement,
        zone=zone,
    )
    session.add(row)
    session.flush()
    return row
