"""How a supplier has delivered, in points of a hundred: what loses how many, as data (ISO 13485 7.4.1, 8.4; REQUIREMENTS 51).

The score is 100 less what is lost in each area.  An area loses

    most × min(1, Σ weight × number ÷ base)

where `number` counts the records of a figure in the time, and `base` those that it is a share of (one at least).  Nothing is estimated,
smoothed or carried over from another time: whoever has the records and this table has the score.  Where nothing was decided and nothing is
lost there is none, for a hundred points for nothing would be a lie.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from models.kernel.refusal import Kind
from models.kernel.text import Text

CLAUSE = "ISO 13485 7.4.1, 8.4; REQUIREMENTS 51"
BACKWARDS = Kind(
    "SUP-021",
    CLAUSE,
    "统计期的开始 {since} 晚于结束 {until}，请改正日期。",
    "The time begins on {since}, after its end {until}; mend the days.",
    422,
)
WHOLE = 100
DAYS = 365
"""The time that a score is of where nobody says: the last days at the plant, today among them."""


class Figure(StrEnum):
    """What is counted.  A lot, nonconformance, request or alert is in one figure of its kind and in no other."""

    FIRST = "lot_first"
    AGAIN = "lot_again"
    CONCEDED = "lot_conceded"
    FAILED = "lot_failed"
    REJECTED = "lot_rejected"
    UNDECIDED = "lot_undecided"
    MINOR = "nc_minor"
    MAJOR = "nc_major"
    CRITICAL = "nc_critical"
    ON_TIME = "scar_on_time"
    LATE = "scar_late"
    WAITING = "scar_waiting"
    ALERT = "alert"
    NO_CERTIFICATE = "no_certificate"


NAMES: Mapping[Figure, Text] = {
    Figure.FIRST: Text("首次检验合格", "accepted at first"),
    Figure.AGAIN: Text("再次检验后合格", "accepted when inspected again"),
    Figure.CONCEDED: Text("让步接收", "accepted by concession"),
    Figure.FAILED: Text("不合格待处置", "failed, not disposed of yet"),
    Figure.REJECTED: Text("拒收", "rejected"),
    Figure.UNDECIDED: Text("尚未判定", "not decided yet"),
    Figure.MINOR: Text("轻微不合格", "minor nonconformances"),
    Figure.MAJOR: Text("一般不合格", "major nonconformances"),
    Figure.CRITICAL: Text("严重不合格", "critical nonconformances"),
    Figure.ON_TIME: Text("纠正要求按时答复", "requests answered on time"),
    Figure.LATE: Text("纠正要求逾期", "requests that were late"),
    Figure.WAITING: Text("纠正要求未到期", "requests that aren't due"),
    Figure.ALERT: Text("来货波动预警", "alerts"),
    Figure.NO_CERTIFICATE: Text("收货时缺证书", "came without the certificate"),
}
"""In the order in which they are read."""
DECIDED = (Figure.FIRST, Figure.AGAIN, Figure.CONCEDED, Figure.FAILED, Figure.REJECTED)
RECEIVED = (*DECIDED, Figure.UNDECIDED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """So many points can be lost at `most`, by these figures with their weights, as a share of how many records of `base` there are."""

    key: str
    title: Text
    most: int
    base: tuple[Figure, ...]
    weights: Mapping[Figure, Fraction]


AREAS = (
    Area(
        key="lots",
        title=Text("来货批次", "Lots"),
        most=50,
        base=DECIDED,
        weights={
            Figure.AGAIN: Fraction(1, 4),
            Figure.CONCEDED: Fraction(1, 2),
            Figure.FAILED: Fraction(1),
            Figure.REJECTED: Fraction(1),
        },
    ),
    Area(
        key="nonconformances",
        title=Text("不合格", "Nonconformances"),
        most=20,
        base=RECEIVED,
        weights={Figure.MINOR: Fraction(1, 10), Figure.MAJOR: Fraction(1, 2), Figure.CRITICAL: Fraction(2)},
    ),
    Area(
        key="requests",
        title=Text("纠正要求", "Corrective action requests"),
        most=15,
        base=(Figure.ON_TIME, Figure.LATE),
        weights={Figure.LATE: Fraction(1)},
    ),
    Area(
        key="alerts",
        title=Text("来货波动", "Alerts"),
        most=10,
        base=RECEIVED,
        weights={Figure.ALERT: Fraction(5)},
    ),
    Area(
        key="certificates",
        title=Text("证书", "Certificates"),
        most=5,
        base=RECEIVED,
        weights={Figure.NO_CERTIFICATE: Fraction(1)},
    ),
)
"""How points are lost.

- *lots*, 50: the share of the decided lots that weren't accepted at first.  A rejected one counts whole, as does one that failed
  until it is decided otherwise; one by concession half, one that took another inspection a quarter: all lots rejected loses all fifty.
- *nonconformances*, 20: per lot received, a critical one counts as two, a major one half, a minor one a tenth.  What was not confirmed isn't
  counted.  A rejected lot has its nonconformance too: that it was rejected and how grave it was are two questions.
- *requests*, 15: the share of the corrective action requests due that the supplier answered late or hasn't answered.
- *alerts*, 10: per lot received, an alert counts as five, so one alert in five lots loses all ten; a false alarm isn't counted.
- *certificates*, 5: the share of lots received that came without the certificate which their approval asks for.
"""


class Band(StrEnum):
    """How a score is read at a glance."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    NONE = "none"


BANDS = ((90, Band.GOOD), (75, Band.FAIR), (0, Band.POOR))
"""From so many points on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """What an area has lost, exactly."""

    area: Area
    points: Fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """Points of a hundred, exactly; None where nothing was decided and nothing is lost."""

    points: Fraction | None
    lost: tuple[Lost, ...]

    @property
    def text(self) -> str:
        """With one digit, rounded down: who has lost anything never reads as a hundred."""
        return "" if self.points is None else tenths(self.points, up=False)

    @property
    def band(self) -> Band:
        """How it is read at a glance."""
        return Band.NONE if self.points is None else next(band for least, band in BANDS if self.points >= least)


def tenths(points: Fraction, *, up: bool) -> str:
    """With one digit; what is lost is rounded `up`, so that it never reads as nothing."""
    n = -(points * -10 // 1) if up else points * 10 // 1
    return f"{n // 10}.{n % 10}"


def area_lost(area: Area, counts: Mapping[Figure, int]) -> Fraction:
    """The points that an area loses."""
    base = max(1, sum(counts.get(one, 0) for one in area.base))
    return area.most * min(Fraction(1), sum(w * counts.get(one, 0) for one, w in area.weights.items()) / Fraction(base))


def score(counts: Mapping[Figure, int]) -> Score:
    """The score of so many records of each figure."""
    lost = tuple(Lost(area=one, points=area_lost(one, counts)) for one in AREAS)
    gone = sum((one.points for one in lost), Fraction(0))
    judged = gone > 0 or any(counts.get(one, 0) for one in DECIDED)
    return Score(points=WHOLE - gone if judged else None, lost=lost)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Days of the plant, both of them in it."""

    since: date
    until: date


def period(since: date | None, until: date | None, today: date) -> Period:
    """The time that is asked for: up to today, and as long as a score is where nobody says; SUP-021 where it ends before it begins."""
    last = until or today
    first = since or last - timedelta(days=DAYS - 1)
    if first > last:
        raise BACKWARDS(since=first, until=last)
    return Period(since=first, until=last)
