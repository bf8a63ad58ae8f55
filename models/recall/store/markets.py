"""The class of a recall in each market, in the record (21 CFR 7.41; 医疗器械召回管理办法; MDR Art. 87)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.notice.rules.handling import Handling
from models.recall.rules import markets as rules
from models.recall.rules.markets import Decided, MarketClass
from models.recall.store import clocks as recall_clocks
from models.recall.tables.follow_up import RecallMarket
from models.recall.tables.recall import Recall

ROWS = text("""
select m.market, m.kind, m.level, m.authority, m.reference, m.classified_at as at, said(p.name, p.name_en) as by
  from recall_market m join person p on p.id = m.recorded_by_id where m.recall_id = :recall order by m.id
""")


def keep(session: Session, recall: Recall, decided: Sequence[Decided], person_id: int, now: datetime) -> None:
    """What was decided or came by letter; what stood before stays in the record."""
    for one in decided:
        session.add(
            RecallMarket(
                recall_id=recall.id,
                market=one.market,
                kind=one.kind,
                level=one.level,
                authority=one.authority,
                reference=one.reference,
                classified_at=one.at or now,
                recorded_by_id=person_id,
                recorded_at=now,
            )
        )
    session.flush()


def of(session: Session, recall: Recall, markets: Sequence[str] | None = None) -> tuple[MarketClass, ...]:
    """How each market that the newest scope reaches stands."""
    rows = session.connection().execute(ROWS, {"recall": recall.id}).mappings()
    reached = recall_clocks.markets(session, recall) if markets is None else markets
    return rules.standing(reached, [Decided(**row) for row in rows], recall.recall_class)


def told_level(session: Session, recall: Recall, country: str | None) -> str | None:
    """The class that a letter to that country may name."""
    return rules.told_level(country, of(session, recall), recall.recall_class)


def record(session: Session, recall: Recall) -> dict[str, Any]:
    """What papers and the closing say of it: class by market, what is done with the goods, down to whom."""
    return {
        "markets": [_said(one) for one in of(session, recall)],
        "handling": handling(recall).as_dict(),
    }


def _said(one: MarketClass) -> dict[str, Any]:
    """One market as papers say it; paper shows its moment in the plant's zone."""
    said = asdict(one)
    at = said.pop("at")
    return said | {"classified_at": at.isoformat() if at else None}


def handling(recall: Recall) -> Handling:
    """What was decided to do with the goods."""
    return Handling(recall.action, recall.measure, recall.depth)
