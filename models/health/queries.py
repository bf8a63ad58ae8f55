"""The newest trace health check, its history, and the findings that stand (requirement 26); a statement for each."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.health.rules import NO_CHECK, SEVERITY, sentence
from models.kernel.request import cursor, read_cursor

RUNS = text("""
select r.id as key, r.public_id as id, r.at, r.seconds, r.cause, said(p.name, p.name_en) as asked_by, r.lots, r.edges, r.findings,
       r.appeared, r.cleared, r.score
  from trace_health_run r left join person p on p.id = r.asked_by_id order by r.id desc limit :n
""")
SCORES = text("""
select s.family, s.lots, s.gap, s.balance, s.doubt, s.score, s.codes, b.score as before
  from trace_health_score s
  left join trace_health_score b on b.family = s.family
   and b.run_id = (select max(r.id) from trace_health_run r where r.id < s.run_id)
 where s.run_id = :run order by s.score, s.family
""")
FINDINGS = text("""
select t.id as key, l.lot_no, said(i.name, i.name_en) as item, t.family, t.code, t.facts, r.at as since
  from trace_finding t join lot l on l.id = t.lot_id join item i on i.id = l.item_id
  join trace_health_run r on r.id = t.found_run_id
 where t.cleared_run_id is null and t.id > :after and (cast(:code as text) is null or t.code = :code)
   and (cast(:family as text) is null or t.family = :family)
 order by t.id limit :n
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckView:
    """One check: `at` is the moment whose record it judged."""

    id: UUID
    at: datetime
    seconds: Decimal
    cause: str
    asked_by: str | None
    lots: int
    edges: int
    findings: int
    appeared: int
    cleared: int
    score: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FamilyView:
    """An item family: its lots, how many have which worst finding, the score now and in the check before."""

    family: str
    lots: int
    gap: int
    balance: int
    doubt: int
    score: int
    before: int | None
    codes: dict[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthView:
    """The newest check with its families, the worst first; `history` has the newest first and begins with it."""

    check: CheckView
    families: tuple[FamilyView, ...]
    history: tuple[CheckView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingFinding:
    """A finding that stands, and since which check."""

    lot_no: str
    item: str
    family: str
    code: str
    severity: str
    since: datetime
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingsPage:
    """One page of findings."""

    items: tuple[StandingFinding, ...]
    next: str | None


def newest(session: Session, *, history: int = 60) -> HealthView:
    """The newest check; TRC-030 where there is none yet."""
    rows = session.connection().execute(RUNS, {"n": history}).mappings().all()
    if not rows:
        raise NO_CHECK()
    families = session.connection().execute(SCORES, {"run": rows[0]["key"]}).mappings()
    checks = tuple(CheckView(**_without_key(row)) for row in rows)
    return HealthView(check=checks[0], families=tuple(FamilyView(**one) for one in families), history=checks)


def findings(
    session: Session, *, code: str | None = None, family: str | None = None, after: str | None = None, limit: int = 50
) -> FindingsPage:
    """The findings that stand, the longest known first."""
    start = read_cursor(after, (int,))[0] if after else 0
    given = {"after": start, "code": code, "family": family, "n": limit + 1}
    rows = session.connection().execute(FINDINGS, given).all()
    items = []
    for row in rows[:limit]:
        zh, en = sentence(row.code, row.lot_no, row.facts)
        items.append(
            StandingFinding(
                lot_no=row.lot_no,
                item=row.item,
                family=row.family,
                code=row.code,
                severity=SEVERITY[row.code],
                since=row.since,
                zh=zh,
                en=en,
            )
        )
    following = cursor([rows[limit - 1].key]) if len(rows) > limit else None
    return FindingsPage(items=tuple(items), next=following)


def _without_key(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "key"}
