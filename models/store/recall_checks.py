"""Effectiveness checks in the record: the draw, the drawn customers, what they said (21 CFR 7.42(b)(3))."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.rules import recall_checks as rules
from models.rules.recall_checks import Attempt, Progress, Strategy
from models.tables.recall_follow import RecallCheck, RecallCheckAttempt, RecallSample
from models.tables.recalls import Recall, RecallNotice, RecallScope

TOLD = text("""
select n.id, n.scope_version, c.customer_no from recall_notice n join customer c on c.id = n.customer_id
 where n.recall_id = :recall and not exists (
       select from recall_sample s where s.recall_id = n.recall_id and s.scope_version = n.scope_version)
 order by n.scope_version, n.id
""")
CHECKS = text("""
select k.id, k.public_id, s.scope_version, s.level, n.public_id as notice, n.sent_at, n.acknowledged_at, c.customer_no,
       c.name as customer, c.contact, c.phone, c.email
  from recall_check k join recall_sample s on s.id = k.sample_id join recall_notice n on n.id = k.notice_id
  join customer c on c.id = n.customer_id
 where s.recall_id = :recall order by s.scope_version, c.customer_no
""")
ATTEMPTS = text("""
select a.check_id, a.reached, a.channel, a.spoken_with, a.contacted_at, a.notice_received, a.acted, a.remark,
       p.name as recorded_by, a.recorded_at
  from recall_check_attempt a join person p on p.id = a.recorded_by_id
  join recall_check k on k.id = a.check_id join recall_sample s on s.id = k.sample_id
 where s.recall_id = :recall order by a.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckAttempt:
    """One try to reach a drawn customer."""

    reached: bool
    channel: str
    spoken_with: str | None
    contacted_at: datetime
    notice_received: bool | None
    acted: bool | None
    remark: str | None
    recorded_by: str
    recorded_at: datetime

    @property
    def said(self) -> Attempt:
        """As the rules see it."""
        return Attempt(self.reached, self.contacted_at, self.spoken_with, self.notice_received, self.acted)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRow:
    """A drawn customer with every try to reach them, the oldest first."""

    id: UUID
    scope_version: int
    level: str
    notice: UUID
    sent_at: datetime | None
    acknowledged_at: datetime | None
    customer_no: str
    customer: str
    contact: str | None
    phone: str | None
    email: str | None
    attempts: tuple[CheckAttempt, ...]

    @property
    def settled(self) -> Attempt | None:
        """What the customer said last; None while nobody was reached."""
        return rules.settled(one.said for one in self.attempts)


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleRow:
    """One draw: of how many customers, how many, by which seed."""

    scope_version: int
    level: str
    share: Any
    seed: str
    population: int
    size: int
    drawn_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Checks:
    """The effectiveness checks of a recall."""

    samples: tuple[SampleRow, ...]
    rows: tuple[CheckRow, ...]
    progress: Progress


def strategy_of(recall: Recall) -> Strategy | None:
    """What was decided; None where nobody has said how many are to be asked."""
    if recall.check_level is None or recall.check_share is None:
        return None
    return Strategy(recall.check_level, recall.check_share)


def draw(session: Session, recall: Recall, person_id: int, now: datetime) -> int:
    """Draw once for every version of the scope that customers were told of; answers how many were drawn."""
    chosen = strategy_of(recall)
    if chosen is None:
        return 0
    told: dict[int, dict[str, int]] = defaultdict(dict)
    for row in session.connection().execute(TOLD, {"recall": recall.id}).all():
        told[row.scope_version][row.customer_no] = row.id
    if not told:
        return 0
    return sum(_draw(session, recall, version, notices, chosen, person_id, now) for version, notices in told.items())


def _draw(
    session: Session,
    recall: Recall,
    version: int,
    notices: Mapping[str, int],
    chosen: Strategy,
    person_id: int,
    now: datetime,
) -> int:
    scope = session.exec(
        select(RecallScope).where(RecallScope.recall_id == recall.id, RecallScope.version == version)
    ).one()
    seed = rules.seed(recall.recall_no, scope.digest)
    drawn = rules.draw(seed, tuple(notices), chosen.share)
    sample = RecallSample(
        recall_id=recall.id,
        scope_version=version,
        level=chosen.level,
        share=chosen.share,
        seed=seed,
        population=len(notices),
        size=len(drawn),
        drawn_by_id=person_id,
        drawn_at=now,
    )
    session.add(sample)
    session.flush()
    session.add_all([RecallCheck(sample_id=sample.id, notice_id=notices[customer]) for customer in sorted(drawn)])
    session.flush()
    return len(drawn)


def find(session: Session, recall: Recall, check: UUID) -> tuple[RecallCheck, RecallNotice]:
    """One check of that recall with the notice that it is about; RCK-006."""
    found = session.exec(
        select(RecallCheck, RecallNotice)
        .join(RecallNotice, col(RecallNotice.id) == col(RecallCheck.notice_id))
        .where(RecallCheck.public_id == check, RecallNotice.recall_id == recall.id)
    ).first()
    if found is None:
        raise rules.UNKNOWN(recall=recall.recall_no)
    return found[0], found[1]


def keep(session: Session, row: RecallCheckAttempt) -> None:
    """Write one try down."""
    session.add(row)
    session.flush()


def view(session: Session, recall_id: int) -> Checks:
    """All of it, in three statements."""
    samples = session.exec(
        select(RecallSample).where(RecallSample.recall_id == recall_id).order_by(col(RecallSample.scope_version))
    ).all()
    attempts: dict[int, list[CheckAttempt]] = defaultdict(list)
    for row in session.connection().execute(ATTEMPTS, {"recall": recall_id}).mappings():
        attempts[row["check_id"]].append(CheckAttempt(**{key: row[key] for key in row if key != "check_id"}))
    rows = tuple(
        CheckRow(
            **{key: row[key] for key in row if key not in {"id", "public_id"}},
            id=row["public_id"],
            attempts=tuple(attempts[row["id"]]),
        )
        for row in session.connection().execute(CHECKS, {"recall": recall_id}).mappings()
    )
    return Checks(
        samples=tuple(
            SampleRow(
                scope_version=one.scope_version,
                level=one.level,
                share=one.share,
                seed=one.seed,
                population=one.population,
                size=one.size,
                drawn_at=one.drawn_at,
            )
            for one in samples
        ),
        rows=rows,
        progress=rules.progress([attempt.said for attempt in row.attempts] for row in rows),
    )
