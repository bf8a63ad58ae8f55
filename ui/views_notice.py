"""What a customer reads of a recall: the letter in two languages, the answer page, the thanks (REQUIREMENTS 77)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from starlette.datastructures import FormData

from models.rules.refusals import Refusal
from models.store.deliveries import DeliveryRow
from models.store.queries_page_recalls import Reach
from models.store.views_recalls import NoticeView
from ui.forms import Sheet
from ui.i18n import LANGUAGES, Language, Words
from ui.numbers import quantity
from ui.pages.notice import AnsweredPage, AnswerPage, Letter, LetterPage, NoticeLot
from ui.parts import Draft, Fact
from ui.views_deliveries import waits, ways
from ui.views_recall_customers import said
from ui.views_recalls import class_of, href

NUMBERS = ("received", "on_hand", "used", "will_return")


def answer_page(
    words: Words, seen: NoticeView, site: str, token: str, form: FormData | None = None, refusal: Refusal | None = None
) -> AnswerPage:
    """What is recalled and the form, with what was typed after a refusal."""
    sheet, unit = Sheet(words, form, refusal), _unit(seen)
    return AnswerPage(
        site=site,
        token=token,
        number=seen.recall_no,
        title=seen.title,
        reason=seen.reason,
        level=class_of(words, seen.recall_class),
        customer=seen.notice.customer,
        lots=lots(words, seen),
        total=counted(words, seen, seen.notice.shipped),
        draft=Draft(key=f"notice-{seen.notice.id}"),
        fields=(
            sheet.field("name", words("notice.name"), required=True, autocomplete="name"),
            sheet.field("received", words("notice.received"), "decimal", required=True, unit=unit, help=words("notice.received_help")),
            *(sheet.field(key, words(f"notice.{key}"), "decimal", required=True, unit=unit) for key in NUMBERS[1:]),
            sheet.field("remark", words("notice.remark"), "long_text"),
        ),
        refusal=refusal,
    )  # fmt: skip


def answered_page(words: Words, seen: NoticeView, site: str, refusal: Refusal | None = None) -> AnsweredPage:
    """What was answered; with a refusal, why nothing more can be said."""
    notice = seen.notice
    facts: list[Fact] = []
    if notice.acknowledged_at is not None:
        facts = [
            Fact(label=words("notice.at"), moment=notice.acknowledged_at),
            Fact(label=words("notice.name"), text=notice.acknowledged_by or ""),
            *(Fact(label=words(f"notice.{key}"), text=counted(words, seen, getattr(notice, key))) for key in NUMBERS),
        ]
    return AnsweredPage(site=site, number=seen.recall_no, title=seen.title, facts=tuple(facts), refusal=refusal)


def lots(words: Words, seen: NoticeView) -> tuple[NoticeLot, ...]:
    """Every lot of the notice: a letter is never cut."""
    return tuple(
        NoticeLot(
            lot_no=line["lot_no"],
            item=seen.items.get(line["lot_no"], ""),
            quantity=quantity(words, Decimal(line["quantity"]), seen.units.get(line["lot_no"], "")).strip(),
        )
        for line in seen.notice.lines
    )


def counted(words: Words, seen: NoticeView, value: Decimal | None) -> str:
    """A number of the answer, with the unit when all lots are counted in one."""
    return quantity(words, value or Decimal(0), _unit(seen)).strip()


def _unit(seen: NoticeView) -> str:
    units = set(seen.units.values())
    return next(iter(units)) if len(units) == 1 else ""


def letter_page(
    words: Words,
    seen: NoticeView,
    site: str,
    link: str,
    until: date,
    reach: Mapping[str, Reach],
    *,
    sent: Sequence[DeliveryRow] = (),
    refusal: Refusal | None = None,
) -> LetterPage:
    """The printed notice; its link also as a code that a telephone reads."""
    from models.papers.qr import svg  # only letters draw codes

    notice = seen.notice
    return LetterPage(
        number=seen.recall_no,
        href=href(seen.recall_no),
        site=site,
        customer=notice.customer,
        contact=said(reach.get(notice.customer_no)),
        link=link,
        until=until,
        letters=tuple(_letter(language, seen, site, until) for language in LANGUAGES),
        qr=svg(link, title=words("delivery.scan")) if link else "",
        ways=ways(words, sent),
        post_href=f"{href(seen.recall_no)}/notices/{notice.id}/posted" if link and waits(sent) else "",
        refusal=refusal,
    )


def _letter(language: Language, seen: NoticeView, site: str, until: date) -> Letter:
    words = Words(language)
    level = words("notice.letter_level", level=class_of(words, seen.recall_class)) if seen.recall_class else ""
    drill = seen.mode == "drill"
    return Letter(
        language=language,
        heading=words("notice.letter_heading") + (f" · {words('notice.letter_drill')}" if drill else ""),
        to=words("notice.letter_to", customer=seen.notice.customer),
        intro=words("notice.letter_intro", site=site, title=seen.title, number=seen.recall_no, level=level),
        reason=words("notice.letter_reason", reason=seen.reason),
        ask=tuple(words(f"notice.letter_{key}") for key in ("stop", "forward", "answer")),
        link_intro=words("notice.letter_link", until=until.isoformat()),
        closing=words("notice.letter_closing"),
        lot=words("notice.lot"),
        item=words("notice.item"),
        quantity=words("notice.quantity"),
        lots=lots(words, seen),
        total=f"{words('notice.total')} {counted(words, seen, seen.notice.shipped)}",
    )
