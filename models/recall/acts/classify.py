"""The letter of an agency gives a recall its class there (21 CFR 7.41(b)); the firm's proposal stays in the record."""

from datetime import datetime

from sqlmodel import Session

from models.process.messages.process import Receipt
from models.recall.messages.follow_up import RecordClass
from models.recall.rules import markets as rules
from models.recall.store import clocks as recall_clocks
from models.recall.store import markets as recall_markets
from models.recall.store import recalls


def record(session: Session, command: RecordClass, now: datetime) -> Receipt:
    """Keep what the letter says; also after the recall was closed, and again where the agency changes its mind."""
    recall = recalls.get(session, command.recall_no, lock=True)
    at = rules.check_agency(
        recall.recall_no,
        command.market,
        command.authority,
        command.reference,
        command.classified_at,
        markets=recall_clocks.markets(session, recall),
        status=recall.status,
        decided_at=recall.decided_at,
        now=now,
    )
    said = rules.Decided(
        command.market, rules.AGENCY, command.level, command.authority.strip(), command.reference.strip(), at
    )
    recall_markets.keep(session, recall, [said], command.by.person_id, now)
    data = {"recall_no": recall.recall_no, "market": command.market, "level": command.level}
    return Receipt(act="record_class", at=now, data=data)


ACTS = {"record_class": record}
