"""How quality stands, in figures that each open the records behind them (ISO 13485 8.4; REQUIREMENTS 117).

Open findings by age, severity and owner; of those closed in the last days, how many were on time; of first inspections decided in
the last days, how many the batch passed (first-pass yield).  Days are the plant's own, so that the list behind a figure has as many rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.time.moments import Zone, day_begins, plant_day
from models.nonconformance.queries.list import AGE, TIMELY

DAYS = 90
"""The last days that rates are of, today among them."""
OPEN = text(f"""
select {AGE} as age, n.severity, said(w.name, w.name_en) as owner, count(*) as n
  from nonconformance n join subject b on b.id = n.subject_id left join person w on w.id = coalesce(n.owner_id, b.owner_id)
 where n.status = 'open' group by 1, 2, 3
""")  # noqa: S608 - our own words
RATES = text(f"""
select (select count(*) from nonconformance n where n.status = 'closed' and n.closed_at >= :since) as closed,
       (select count(*) from nonconformance n where n.status = 'closed' and n.closed_at >= :since and {TIMELY} = 'on_time') as on_time,
       (select count(*) from inspection i where i.revision = 1 and i.status <> 'open' and i.decided_at >= :since) as inspected,
       (select count(*) from inspection i where i.revision = 1 and i.status = 'accepted' and i.decided_at >= :since) as passed
""")  # noqa: S608 - our own words


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """`n` of `of`; without any there is no rate."""

    n: int
    of: int

    @property
    def percent(self) -> str:
        """With one digit, rounded down: one that was late never reads as a hundred percent."""
        return f"{self.n * 1000 // self.of / 10:.1f}" if self.of else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What is open, by age, severity and owner (empty: nobody's); and both rates since the day `since`."""

    open: int
    ages: Mapping[str, int]
    severities: Mapping[str, int]
    owners: tuple[tuple[str, int], ...]
    on_time: Rate
    first_pass: Rate
    since: date


def read(session: Session, now: datetime, zone: Zone) -> Figures:
    """Two statements, however much there is."""
    since = plant_day(now, zone) - timedelta(days=DAYS - 1)
    ages, severities, owners = dict[str, int](), dict[str, int](), dict[str, int]()
    for row in session.connection().execute(OPEN):
        for counted, key in ((ages, row.age), (severities, row.severity), (owners, row.owner or "")):
            counted[key] = counted.get(key, 0) + row.n
    rates = session.connection().execute(RATES, {"since": day_begins(since, zone)}).one()
    return Figures(
        open=sum(ages.values()),
        ages=ages,
        severities=severities,
        owners=tuple(sorted(owners.items(), key=lambda one: (-one[1], one[0]))),
        on_time=Rate(n=rates.on_time, of=rates.closed),
        first_pass=Rate(n=rates.passed, of=rates.inspected),
        since=since,
    )
