"""Effectiveness checks in the record: the draw, the drawn customers, what they said (21 CFR 7.42(b)(3))."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.identifier.rules.identity import identity_key
from models.notice.tables.notices import RecallNotice
from models.recall.rules import checks as rules
from models.recall.rules.checks import Attempt, Progress, Strategy
from models.recall.tables.follow_up import RecallCheck, RecallCheckAttempt, RecallSample
from models.recall.tables.recall import Recall, RecallScope

TOLD = text("""
select n.id, n.scope_version, case when n.parent_id is null then c.customer_no else n.public_id::text end as customer_no
  from recall_notice n join customer c on c.id = n.customer_id
 where n.recall_id = :recall and not exists (
       select from recall_sample s where s.recall_id = n.recall_id and s.scope_version = n.scope_version)
 order by n.scope_version, n.id
""")
CHECKS = text("""
select k.id, k.public_id, s.scope_version, s.level, n.public_id as notice, n.sent_at, n.acknowledged_at, c.customer_no,
       coalesce(n.receiver, said(c.name, c.name_en)) as customer, coalesce(n.parent_id, 0) <> 0 as further,
       case when n.parent_id is null then c.contact else n.contact end as contact,
       case when n.parent_id is null then c.phone else n.phone end as phone,
       case when n.parent_id is null then c.email else n.email end as email
  from recall_check k join recall_sample s on s.id = k.sample_id join recall_notice n on n.id = k.notice_id
  join customer c on c.id = n.customer_id
 where s.recall_id = :recall order by s.scope_version, c.customer_no, n.id
""")
WAVES = text("select count(*) from recall_sample where recall_id = :recall and scope_version = :version")
ATTEMPTS = text("""
select a.check_id, a.reached, a.channel, a.spoken_with, a.contacted_at, a.notice_received, a.acted, a.remark,
       said(p.name, p.name_en) as recorded_by, a.recorded_at
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
    """A drawn customer with every try to reach them, the oldest first; `further` are those whom a customer passed goods on to."""

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
    further: bool = False

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
    wave: int = 0


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


def draw_further(
    session: Session, recall: Recall, named: Sequence[RecallNotice], person_id: int | None, now: datetime
) -> int:
    """Draw from receivers whom one answer names, by the share that was decided; a wave of its own.

    Before the customers themselves were drawn nothing is: they are all drawn from together then.
    """
    chosen, version = strategy_of(recall), named[0].scope_version
    waves = session.connection().execute(WAVES, {"recall": recall.id, "version": version}).scalar_one()
    if chosen is None or not waves:
        return 0
    notices = {identity_key(one.receiver or ""): one.id for one in named}
    return _draw(session, recall, version, notices, chosen, person_id, now, wave=waves)


def _draw(
    session: Session,
    recall: Recall,
    version: int,
    notices: Mapping[str, int],
    chosen: Strategy,
    person_id: int | None,
    now: datetime,
    *,
    wave: int = 0,
) -> int:
    scope = session.exec(
        select(RecallScope).where(RecallScope.recall_id == recall.id, RecallScope.version == version)
    ).one()
    seed = rules.seed(recall.recall_no, scope.digest)
    drawn = rules.draw(seed, tuple(notices), chosen.share)
    sample = RecallSample(
        recall_id=recall.id,
        scope_version=version,
        wave=wave,
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
        select(RecallSample)
        .where(RecallSample.recall_id == recall_id)
        .order_by(col(RecallSample.scope_version), col(RecallSample.wave))
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
                wave=one.wave,
            )
            for one in samples
        ),
        rows=rows,
        progress=rules.progress([attempt.said for attempt in row.attempts] for row in rows),
    )
