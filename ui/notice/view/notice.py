"""What a customer reads of a recall: the letter in two languages, the answer page, the thanks (REQUIREMENTS 77)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.notice.rules import letter as notice_letter
from models.notice.rules.letter import Product
from models.notice.store.deliveries import DeliveryRow
from models.partner import rules as market
from models.recall.queries.contacts import Reach
from models.recall.queries.views import NoticeRow, NoticeView
from ui.frame.form.forms import Sheet
from ui.frame.i18n import LANGUAGES, Language, Words
from ui.frame.parts import Draft, Fact
from ui.frame.words.numbers import quantity
from ui.notice.page.letter import Letter, NoticeLot
from ui.notice.page.notice import AnsweredPage, AnswerPage, LetterPage, NamingPage
from ui.notice.view.deliveries import waits, ways
from ui.recall.view.customers import said
from ui.recall.view.list import class_of, href

NUMBERS = ("received", "on_hand", "used", "will_return")
SHOWN = (*NUMBERS, "passed_on")


def answer_page(
    words: Words,
    seen: NoticeView,
    site: tuple[str, str],
    until: date,
    token: str,
    form: FormData | None = None,
    refusal: Refusal | None = None,
) -> AnswerPage:
    """What is recalled and the form, with what was typed after a refusal."""
    sheet, unit = Sheet(words, form, refusal), _unit(seen)
    said = notice_letter.text(facts_of(seen, site, until), words.language)
    return AnswerPage(
        site=words.name(*site),
        token=token,
        number=seen.recall_no,
        title=seen.title,
        reason=seen.reason,
        level=class_of(words, seen.recall_class),
        customer=words.name(seen.notice.customer, seen.notice.customer_en),
        lots=lots(words, seen),
        total=counted(words, seen, seen.notice.shipped),
        draft=Draft(key=f"notice-{seen.notice.id}"),
        do_now=said.ask[0],
        contact=said.contact,
        drill=seen.mode == "drill",
        fields=(
            sheet.field("name", words("notice.name"), required=True, autocomplete="name"),
            sheet.field("received", words("notice.received"), "decimal", required=True, unit=unit, help=words("notice.received_help")),
            *(sheet.field(key, words(f"notice.{key}"), "decimal", required=True, unit=unit) for key in NUMBERS[1:]),
            sheet.field("passed_on", words("notice.passed_on"), "decimal", unit=unit, help=words("notice.passed_help")),
            sheet.field("receivers", words("notice.receivers"), "long_text", help=words("notice.receivers_help")),
            sheet.field("remark", words("notice.remark"), "long_text"),
        ),
        refusal=refusal,
    )  # fmt: skip


def naming_page(
    words: Words,
    seen: NoticeView,
    site: tuple[str, str],
    until: date,
    token: str,
    form: FormData | None = None,
    refusal: Refusal | None = None,
) -> NamingPage:
    """Answered, but not whom all of what was passed on went to: more receivers can be named."""
    sheet = Sheet(words, form, refusal)
    said = notice_letter.text(facts_of(seen, site, until), words.language)
    return NamingPage(
        site=words.name(*site),
        token=token,
        number=seen.recall_no,
        title=seen.title,
        customer=words.name(seen.notice.customer, seen.notice.customer_en),
        ask=words("notice.name_now", n=counted(words, seen, seen.notice.unnamed - seen.notice.waiting)),
        contact=said.contact,
        facts=_answer_facts(words, seen),
        draft=Draft(key=f"notice-{seen.notice.id}-names"),
        fields=(
            sheet.field("name", words("notice.name"), default=seen.notice.acknowledged_by or "", required=True),
            sheet.field("receivers", words("notice.receivers"), "long_text", required=True, help=words("notice.receivers_help")),
        ),
        refusal=refusal,
    )  # fmt: skip


def _answer_facts(words: Words, seen: NoticeView) -> tuple[Fact, ...]:
    """What was answered, and who is named."""
    notice = seen.notice
    named = [
        f"{words.name(one.customer, one.customer_en)} {counted(words, seen, one.shipped)}" for one in seen.receivers
    ]
    return (
        Fact(label=words("notice.at"), moment=notice.acknowledged_at),
        Fact(label=words("notice.name"), text=notice.acknowledged_by or ""),
        *(
            Fact(label=words(f"notice.{key}"), text=counted(words, seen, getattr(notice, key)))
            for key in (SHOWN if notice.passed_on else NUMBERS)
        ),
        *([Fact(label=words("notice.named"), text=words("list.comma").join(named))] if named else []),
        *(
            [
                Fact(
                    label=words("notice.waiting"),
                    text=words("notice.waiting_for", n=counted(words, seen, notice.waiting)),
                )
            ]
            if notice.waiting
            else []
        ),
    )


def answered_page(
    words: Words, seen: NoticeView, site: tuple[str, str], refusal: Refusal | None = None
) -> AnsweredPage:
    """What was answered; with a refusal, why nothing more can be said."""
    facts = _answer_facts(words, seen) if seen.notice.acknowledged_at is not None else ()
    return AnsweredPage(
        site=words.name(*site),
        number=seen.recall_no,
        title=seen.title,
        facts=facts,
        next_step=words("notice.thanks_drill" if seen.mode == "drill" else "notice.thanks_next"),
        refusal=refusal,
    )


def lots(words: Words, seen: NoticeView) -> tuple[NoticeLot, ...]:
    """Every lot of the notice, as its label names it: a letter is never cut.

    Which of several batches a receiver got isn't known: at most so much of each.
    """
    known = {one.lot_no: one for one in seen.products}
    most = "≤ " if seen.notice.parent is not None and len(seen.notice.lines) > 1 else ""
    return tuple(
        NoticeLot(
            lot_no=line["lot_no"],
            item=_item(words, seen, known, line["lot_no"]),
            quantity=most + quantity(words, Decimal(line["quantity"]), seen.units.get(line["lot_no"], "")).strip(),
            **_label(known.get(line["lot_no"])),
        )
        for line in seen.notice.lines
    )


def _item(words: Words, seen: NoticeView, known: Mapping[str, Product], lot_no: str) -> str:
    one = known.get(lot_no)
    return words.name(seen.items.get(lot_no, ""), one.item_en if one else None)


def _label(one: Product | None) -> dict[str, str]:
    return {} if one is None else {"model": one.model, "udi": one.udi, "expires": one.expires}


def facts_of(seen: NoticeView, site: tuple[str, str], until: date, link: str = "") -> notice_letter.Letter:
    """What a letter is made of."""
    return notice_letter.Letter(
        site=site[0],
        site_en=site[1],
        phone=seen.phone,
        number=seen.recall_no,
        title=seen.title,
        reason=seen.reason,
        level=seen.recall_class,
        customer=seen.notice.customer,
        customer_en=seen.notice.customer_en or "",
        products=seen.products,
        link=link,
        until=until,
        drill=seen.mode == "drill",
        test=seen.test,
        market=market.market(seen.notice.country),
        handling=seen.handling,
        passed_by=seen.notice.passed_by or "",
        passed_by_en=seen.notice.passed_by_en or "",
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
    site: tuple[str, str],
    link: str,
    until: date,
    reach: Mapping[str, Reach],
    *,
    sent: Sequence[DeliveryRow] = (),
    unsent: bool = False,
    refusal: Refusal | None = None,
) -> LetterPage:
    """The printed notice; its link also as a code that a telephone reads.  Nobody has been sent an `unsent` one yet."""
    from models.paper.qr import svg  # only letters draw codes

    notice = seen.notice
    return LetterPage(
        number=seen.recall_no,
        href=href(seen.recall_no),
        site=words.name(*site),
        customer=words.name(notice.customer, notice.customer_en),
        contact=reached(notice, reach),
        link=link,
        until=until,
        letters=letters(seen, site, until),
        qr=svg(link, title=words("delivery.scan")) if link else "",
        ways=ways(words, sent),
        post_href=f"{href(seen.recall_no)}/notices/{notice.id}/posted" if link and waits(sent) else "",
        no_phone=not seen.phone,
        unsent=unsent,
        refusal=refusal,
    )


def reached(notice: NoticeRow, reach: Mapping[str, Reach]) -> str:
    """How the one whom a letter is for is reached: our own customer by what we know of them, a receiver as they were named."""
    if notice.parent is None:
        return said(reach.get(notice.customer_no))
    return said(Reach(notice.customer, notice.contact, notice.phone, notice.email))


def letters(seen: NoticeView, site: tuple[str, str], until: date) -> tuple[Letter, ...]:
    """The notice in every language."""
    return tuple(_letter(language, seen, site, until) for language in LANGUAGES)


def _letter(language: Language, seen: NoticeView, site: tuple[str, str], until: date) -> Letter:
    words, said = Words(language), notice_letter.text(facts_of(seen, site, until), language)
    return Letter(
        language=language,
        heading=said.heading,
        to=said.to,
        intro=said.intro,
        reason=said.reason,
        ask=said.ask,
        link_intro=said.link,
        closing=said.closing,
        columns=said.columns,
        lots=lots(words, seen),
        total=f"{words('notice.total')} {counted(words, seen, seen.notice.shipped)}",
        contact=said.contact,
    )
