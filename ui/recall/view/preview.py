"""What holding everything, or telling the customers, would do: counted and shown before it is done (21 CFR 7.49)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import quote

from sqlmodel import Session

from models.kernel.mail import addresses as mail_addresses
from models.kernel.time import moments
from models.notice.rules.handling import DEPTHS
from models.person.queries.site import site_names
from models.recall.queries import recalls as queries_recalls
from models.recall.rules import depth as recall_depth
from models.recall.rules.depth import LeftOut
from models.recall.store import preview as recall_preview
from models.recall.store import recalls
from models.recall.store.preview import Recipient, Telling
from models.recall.tables.recall import Recall
from ui.frame.first_rows import Folding
from ui.frame.i18n import Words
from ui.frame.parts import Amount
from ui.frame.words.numbers import quantity
from ui.notice.view.notice import letters
from ui.recall.page.recall import StepPreview, Told, Untold
from ui.recall.view.list import href

FIRST = 10
"""Recipients to begin with; the button stands below them."""


@dataclass(frozen=True)
class Reader:
    """Who looks: in which language and zone, whether mail can go out, and which table they unfolded."""

    words: Words
    zone: str
    mails: bool
    folding: Folding


def preview(session: Session, reader: Reader, number: str, effect: str) -> StepPreview:
    """What the step of that effect would do."""
    recall = recalls.get(session, number)
    return _holding(session, reader, recall) if effect == recall_preview.HOLD else _telling(session, reader, recall)


def _holding(session: Session, reader: Reader, recall: Recall) -> StepPreview:
    words = reader.words
    seen = recall_preview.holding(session, recall, recalls.newest_scope(session, recall.id))
    drill = recall.mode == "drill"
    lines = [words("recall.hold_drill" if drill else "recall.hold_lots", n=seen.lots, held=seen.held)]
    much = _much(words, seen.amounts)
    lines.append(words("recall.hold_house", much=much, places=seen.places) if much else words("recall.hold_none"))
    if seen.errands:
        lines.append(words("recall.hold_errands", n=seen.errands))
    return StepPreview(lines=tuple(lines), warnings=(), seen=seen.digest)


def _telling(session: Session, reader: Reader, recall: Recall) -> StepPreview:
    words, drill = reader.words, recall.mode == "drill"
    seen = recall_preview.telling(session, recall, recalls.newest_scope(session, recall.id))
    everybody = seen.recipients
    untold, untold_cut = reader.folding.cut("left_out", seen.left_out, FIRST)
    nobody = StepPreview(
        lines=(),
        warnings=(),
        seen=seen.digest,
        left_out=tuple(_untold(words, one) for one in untold),
        left_out_cut=untold_cut,
    )
    if not everybody:
        return replace(nobody, lines=(words("recall.tell_none"), *_depth(words, seen)))
    mailed = sum(one.mailed for one in everybody) if reader.mails else 0
    lines = [words("recall.tell_all", n=len(everybody), much=_much(words, _sums(everybody)))]
    lines.append(
        words("recall.tell_drill") if drill else words("recall.tell_ways", mail=mailed, paper=len(everybody) - mailed)
    )
    lines += _depth(words, seen)
    shown, cut = reader.folding.cut("preview", everybody, FIRST)
    first = queries_recalls.letter(session, recall.recall_no, everybody[0].customer_no)
    site = site_names(session)
    until = moments.plant_day(first.notice.link_expires_at, reader.zone)
    return replace(
        nobody,
        lines=tuple(lines),
        warnings=_warnings(reader, everybody),
        site=words.name(*site),
        recipients=tuple(_told(reader, recall.recall_no, one) for one in shown),
        cut=cut,
        letters=letters(first, site, until),
    )


def _depth(words: Words, seen: Telling) -> list[str]:
    """Down to whom, how many are told because nobody knows their level, and what lies with those who are not told."""
    if not recall_depth.limits(seen.depth):
        return []
    down = DEPTHS[str(seen.depth)].say(words.language)
    said = [words("recall.tell_depth", depth=down)]
    if seen.unknown:
        said.append(words("recall.tell_unknown", n=seen.unknown))
    if seen.left_out:
        total: dict[str, Decimal] = {}
        for uom, some in (pair for one in seen.left_out for pair in one.quantities):
            total[uom] = total.get(uom, Decimal(0)) + Decimal(some)
        much = _much(words, sorted(total.items()))
        said.append(words("recall.tell_left_out", n=len(seen.left_out), much=much))
    return said


def _untold(words: Words, one: LeftOut) -> Untold:
    return Untold(
        number=one.customer_no,
        name=one.customer,
        why=one.zh if words.language == "zh" else one.en,
        lots=one.lots,
        quantity=tuple(Amount(value=Decimal(some), unit=uom) for uom, some in one.quantities),
    )


def _warnings(reader: Reader, everybody: tuple[Recipient, ...]) -> tuple[str, ...]:
    words = reader.words
    without = sum(not one.mailed for one in everybody)
    lost = sum(one.unreachable for one in everybody)
    said = [words("recall.tell_no_address", n=without)] if without else []
    said += [words("recall.tell_unreachable", n=lost)] if lost else []
    return (*said, *(() if reader.mails else (words("recall.tell_no_server"),)))


def _told(reader: Reader, number: str, one: Recipient) -> Told:
    words = reader.words
    if not one.mailed:
        way, tone = words("delivery.bad_address" if one.email else "delivery.no_address"), "hold"
    elif not reader.mails:
        way, tone = words("delivery.to_print"), "hold"
    else:
        way, tone = words("recall.by_mail", to=", ".join(mail_addresses.addresses(one.email))), "muted"
    return Told(
        number=one.customer_no,
        name=words.name(one.name, one.name_en),
        contact=" · ".join(part for part in (one.contact, one.phone) if part),
        way=way,
        tone=tone,
        lots=len(one.lines),
        quantity=tuple(Amount(value=value, unit=unit) for unit, value in _sums([one])),
        href=f"{href(number)}/letters/{quote(one.customer_no)}",
    )


def _sums(some: Iterable[Recipient]) -> tuple[tuple[str, Decimal], ...]:
    total: dict[str, Decimal] = {}
    for one in some:
        for _, value, unit in one.lines:
            total[unit] = total.get(unit, Decimal(0)) + value
    return tuple(sorted(total.items()))


def _much(words: Words, amounts: Iterable[tuple[str, Decimal]]) -> str:
    return " + ".join(quantity(words, value, unit) for unit, value in amounts)
