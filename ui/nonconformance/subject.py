"""What the page of a nonconformance or deviation says beside what every subject's page says."""

from sqlmodel import Session

from models.nonconformance import queries
from ui.frame.i18n import Words
from ui.frame.parts import Fact, lot_href
from ui.frame.status import mark
from ui.subject.shown import Panel, Shown


def _panel(words: Words, session: Session, key: int) -> Panel:
    row = queries.of_subject(session, key)
    facts = [Fact(label=words("lot.lot"), text=row.lot_no, href=lot_href(row.lot_no), code=True)]
    if row.run is not None:
        facts.append(
            Fact(label=words("nonconformance.run"), text=words("nonconformance.open_run"), href=f"/runs/{row.run}")
        )
    said = (
        ("nonconformance.value", row.value),
        ("nonconformance.limit", row.limit_text),
        ("nonconformance.said", row.said),
        ("nonconformance.cause", row.cause),
        ("nonconformance.disposition", words.known(f"fact.outcome_{row.disposition}", row.disposition or "")),
        ("nonconformance.opened_by", row.opened_by),
        ("nonconformance.decided_by", row.decided_by),
    )
    facts += [Fact(label=words(label), text=text) for label, text in said if text]
    if row.happened_at is not None:
        facts.append(Fact(label=words("nonconformance.happened"), moment=row.happened_at))
    return Panel(title=words("nonconformance.finding"), facts=tuple(facts), mark=mark("finding", row.status))


SHOWN = {"nonconformance": Shown(panel=_panel)}
