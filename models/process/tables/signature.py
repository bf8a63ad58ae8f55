"""Electronic signatures (21 CFR 11.50, 11.70, 11.200): attempts, the records that were shown, and signatures.

All three are append-only by privilege and by trigger.
"""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from models.kernel.columns import UUID, SQLModel, count, datetime, instant, key, public_key, ref, subject_ref, words


class SigningAttempt(SQLModel, table=True):
    """Somebody tried to sign: who, what digest, what came of it.  Written before anything else happens.

    An act that has no task names itself (`lift_hold`) and what it is about (the hold).
    """

    __tablename__ = "signing_attempt"
    id: int = key()
    public_id: UUID = public_key()
    task_id: int | None = ref("human_task.id", nullable=True)
    act: str | None = words(nullable=True)
    about: str | None = words(nullable=True)
    person_id: int = ref("person.id")
    account_id: int = ref("account.id")
    on_behalf_of_id: int | None = ref("person.id", nullable=True, index=False)
    meaning: str = words()
    digest: str = words()
    statement: str | None = words(nullable=True)
    result: str = words()
    at: datetime = instant(now=True)


class SignedRecord(SQLModel, table=True):
    """The canonical record (RFC 8785 JSON) behind a digest: what was shown can be shown again, byte for byte."""

    __tablename__ = "signed_record"
    id: int = key()
    digest: str = words(unique=True)
    canonical: str = words()
    at: datetime = instant(now=True)


class Signature(SQLModel, table=True):
    """A person's signature on one record; the printed name is a snapshot.

    It belongs to a task of a run, or to an act without one: then `act` and `about` name it as its attempt does.

    `digest` is that of the record, the same for all who sign it; `statement` that of what this person said about it:
    meaning, outcome, form, reason, and what others had said before.  Both texts are `signed_record`s.  Form 1, of before,
    has no statement.
    """

    __tablename__ = "signature"
    __table_args__ = (
        CheckConstraint(
            "(task_id is null) = (subject = 'act') and (run_id is null) = (task_id is null)"
            " and (act is null) = (task_id is not null) and (about is null) = (act is null)",
            name="task_or_act",
        ),
        UniqueConstraint("attempt_id"),
        UniqueConstraint("task_id"),
        Index("ix_signature_about", "about", postgresql_where="about is not null"),
    )
    id: int = key()
    public_id: UUID = public_key()
    attempt_id: int = ref("signing_attempt.id", index=False)
    task_id: int | None = ref("human_task.id", nullable=True)
    run_id: int | None = ref("process_run.id", nullable=True)
    act: str | None = words(nullable=True)
    about: str | None = words(nullable=True)
    lot_id: int | None = ref("lot.id", nullable=True)
    subject_id: int | None = subject_ref(nullable=True)
    subject: str = words()
    person_id: int = ref("person.id")
    on_behalf_of_id: int | None = ref("person.id", nullable=True, index=False)
    printed_name: str = words()
    meaning: str = words()
    outcome: str = words()
    digest: str = words()
    form: int = count(2)
    statement: str | None = words(nullable=True)
    signed_at: datetime = instant(now=True)
    zone: str = words()
