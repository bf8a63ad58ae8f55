"""The class of a recall market by market, and what is done with its goods, in words (21 CFR 7.41, 7.42; MDR Art. 87)."""

from models.notice.rules.handling import ACTIONS, DEPTHS, MEASURES
from models.recall.queries.views import RecallView
from models.recall.rules.markets import AGENCY, MarketClass
from ui.frame.i18n import Words
from ui.frame.parts import Fact
from ui.recall.page.recall import MarketLine
from ui.recall.view.list import class_of


def markets(words: Words, found: RecallView) -> tuple[MarketLine, ...]:
    """Each market that the scope reaches; a drill reaches the same."""
    return tuple(_line(words, one, decided=found.decided_at is not None) for one in found.classes)


def _line(words: Words, one: MarketClass, *, decided: bool) -> MarketLine:
    where = words(f"recall.where_{one.market.lower()}")
    if not decided:
        return MarketLine(where=where, text=words(f"recall.market_{one.market.lower()}"))
    if one.kind == AGENCY:
        proposed = class_of(words, one.proposed)
        text = words("recall.class_agency", level=class_of(words, one.level), proposed=proposed)
        return MarketLine(where=where, text=text, proof=f"{one.authority} · {one.reference}", at=one.at)
    return MarketLine(
        where=where,
        text=words(f"recall.class_by_{one.kind}", level=class_of(words, one.level)),
        proof=one.by or "",
        at=one.at,
        warn="" if one.approved else words("recall.class_since"),
    )


def handled(words: Words, found: RecallView) -> tuple[Fact, ...]:
    """What is done with the goods and down to whom, once it is decided."""
    if found.decided_at is None:
        return ()
    name = 0 if words.language == "zh" else 1
    how = found.handling
    what = f"{MEASURES[how.measure][name]} · {ACTIONS[how.action][name]}" if how.action and how.measure else ""
    return (
        Fact(label=words("recall.handling"), text=what or words("recall.not_recorded")),
        Fact(label=words("recall.depth"), text=DEPTHS[how.depth][name] if how.depth else words("recall.depth_all")),
    )
