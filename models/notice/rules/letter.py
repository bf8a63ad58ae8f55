"""What a notice of a recall says, in one place for mail, paper and the page behind its link (21 CFR 7.49; REQUIREMENTS 77).

FDA's guidance on recall communications and 医疗器械召回管理办法 ask for: a heading that nobody overlooks, the product with
model, UDI-DI, lots and expiry, the quantity sent, what to do at once, to pass it on (sub-recall), how to answer, and a
telephone number.  A drill says DRILL and orders nobody to stop anything: who believed it would take good devices from patients.
So does whatever a test home sends, which says TEST.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from models.notice.rules.handling import ACTIONS, DEPTHS, MEASURES, UNSAID, Handling

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Product:
    """A lot of a notice: what it is, how it is labelled, and how much of it was sent."""

    lot_no: str
    quantity: str
    item: str = ""
    model: str = ""
    udi: str = ""
    expires: str = ""
    item_en: str = ""


@dataclass(frozen=True)
class Letter:
    """The facts of a notice, without markup.  `phone` is where the plant is reached, `link` where the answer is given.

    `level` is the class that may be named in the customer's `market`: in the European Union there is none, and the letter is
    a field safety notice (MDR Art. 89(8)).  `passed_by` is the customer of ours who passed the goods on; `unnamed` what was
    passed on to nobody named, of which a reminder asks.  `test`: out of a test home (models/clock/rules.py).
    """

    site: str
    phone: str
    number: str
    title: str
    reason: str
    level: str | None
    customer: str
    products: Sequence[Product]
    link: str
    until: date
    reminder: bool = False
    drill: bool = False
    market: str | None = None
    handling: Handling = UNSAID
    passed_by: str = ""
    unnamed: str = ""
    test: bool = False
    site_en: str = ""
    customer_en: str = ""
    passed_by_en: str = ""

    @property
    def real(self) -> bool:
        """Whether anybody is to do with goods what it says."""
        return not (self.drill or self.test)

    def read_in(self, language: Language) -> "Letter":
        """The letter with the names of that language; where there is no English one, the plant's own."""
        if language == "zh":
            return self
        return replace(
            self,
            site=self.site_en or self.site,
            customer=self.customer_en or self.customer,
            passed_by=self.passed_by_en or self.passed_by,
            products=[replace(one, item=one.item_en or one.item) for one in self.products],
        )


@dataclass(frozen=True, slots=True)
class Text:
    """The sentences of a letter in one language, ready to be set in whatever medium."""

    heading: str
    to: str
    asked: str
    intro: str
    reason: str
    ask: tuple[str, ...]
    link: str
    contact: str
    closing: str
    columns: tuple[str, ...]


HEADINGS = {"zh": "紧急：医疗器械召回通知", "en": "URGENT: MEDICAL DEVICE RECALL"}
FSN_HEADINGS = {"zh": "紧急：现场安全通知 (FSN)", "en": "URGENT: FIELD SAFETY NOTICE"}
DRILL_HEADINGS = {"zh": "召回演练（DRILL），不是真实召回", "en": "DRILL – THIS IS NOT A RECALL"}
TEST_HEADINGS = {"zh": "测试系统（TEST），不是真实召回", "en": "TEST SYSTEM – THIS IS NOT A RECALL"}
COLUMNS = {
    "zh": ("批号", "产品", "型号", "UDI-DI", "有效期至", "数量"),
    "en": ("Lot", "Product", "Model", "UDI-DI", "Expires", "Quantity"),
}
ORDERS = {
    "zh": (
        "请立即停止使用和销售上述批次，单独存放并标识。",
        "如已转发、转让或转售，请立即把本通知转给收到的单位，并把去向告知我们（次级召回）。",
        "请在收到后尽快填写回执：收到、已用、现存和将退回的数量，即使已全部用完。",
    ),
    "en": (
        "Stop using and selling these lots at once; keep them apart and mark them.",
        "If you passed any on, give this notice to the receivers at once and tell us who they are (sub-recall).",
        (
            "Please fill in the response form as soon as you can: how many you received, used, still have and will return,"
            " even when none is left."
        ),
    ),
}
STAYS = {
    "zh": "产品留在原处，不必退回；在下述处理措施完成之前，请停止使用上述批次并加以标识。",
    "en": "The goods stay where they are: send none back. Don't use these lots, and mark them, until the measure below is done.",
}
"""The first order of a correction, which takes nothing away (21 CFR 7.3(h), 806.2(d))."""
WARNED = {
    "zh": "产品留在原处，不必退回；请立即告知所有使用上述批次的人员，并只按上述原因中的说明使用。",
    "en": (
        "The goods stay where they are: send none back. Tell everybody who uses these lots at once, and use them only as the"
        " reason above says."
    ),
}
"""The first order of a mere warning."""
ANSWER = {
    "zh": "请在收到后尽快填写回执：收到、已用和现存的数量，即使已全部用完。",
    "en": (
        "Please fill in the response form as soon as you can: how many you received, used and still have, even when none is"
        " left."
    ),
}
DRILL_ORDERS = {
    "zh": (
        "请照常使用产品：不要停用、隔离、退回或销毁任何产品。",
        "请只告诉我们：这封信是否收到，以及假如是真实召回，贵方能找到多少。",
    ),
    "en": (
        "Go on using the products: don't stop using, set apart, return or destroy anything.",
        "Only tell us that this letter came, and how many you would find were it a recall.",
    ),
}


def heading(letter: Letter, language: Language) -> str:
    """What nobody overlooks."""
    if letter.test:
        return TEST_HEADINGS[language]
    if letter.drill:
        return DRILL_HEADINGS[language]
    return (FSN_HEADINGS if letter.market == "EU" else HEADINGS)[language]


def text(letter: Letter, language: Language) -> Text:
    """The letter in one language."""
    zh, letter = language == "zh", letter.read_in(language)
    until = letter.until.isoformat()
    orders = _orders(letter, language) + _handling(letter, zh=zh)
    return Text(
        heading=heading(letter, language),
        to=f"致：{letter.customer}" if zh else f"To: {letter.customer}",
        asked=_asked(letter, zh=zh) if letter.reminder else "",
        intro=_intro(letter, zh=zh),
        reason=f"原因：{letter.reason}" if zh else f"Reason: {letter.reason}",
        ask=orders,
        link=f"回执（无需账号，有效至 {until}）：" if zh else f"Response form (no account needed, until {until}):",
        contact=_contact(letter, zh=zh),
        closing="感谢配合。" if zh else "Thank you for your help.",
        columns=COLUMNS[language],
    )


def _orders(letter: Letter, language: Language) -> tuple[str, ...]:
    """What the reader is to do: nothing in a drill, and nothing of a correction goes away or comes back."""
    if not letter.real:
        return DRILL_ORDERS[language]
    if letter.handling.action != "correction":
        return ORDERS[language]
    first = (WARNED if letter.handling.measure == "warning" else STAYS)[language]
    return (first, *ORDERS[language][1:-1], ANSWER[language])


def _asked(letter: Letter, *, zh: bool) -> str:
    if letter.unnamed:
        if zh:
            return f"贵方回执中转给他人的还有 {letter.unnamed} 没有写明收货单位，请用下面的链接补充（名称、联系方式、数量）。"
        return (
            f"You passed {letter.unnamed} on without saying to whom: please name the receivers through the link below."
        )
    return "我们还没有收到贵方的回执。" if zh else "We have not had your answer yet."


def _intro(letter: Letter, *, zh: bool) -> str:
    level = (f"，{letter.level} 级" if zh else f", class {letter.level}") if letter.level else ""
    about = f"「{letter.title}」（{letter.number}{level}）" if zh else f"“{letter.title}” ({letter.number}{level})"
    if not letter.real:
        if zh:
            return f"{letter.site} 正在演练召回流程{about}。演练假定下列批次，{_came(letter, zh=True)}："
        return f"{letter.site} is exercising its recall process {about}. The drill supposes these lots. {_came(letter, zh=False)}:"
    if zh:
        return f"{letter.site} 就{about}召回下列批次，{_came(letter, zh=True)}："
    return f"{letter.site} recalls these lots for {about}. {_came(letter, zh=False)}:"


def _came(letter: Letter, *, zh: bool) -> str:
    """How the goods came to the reader: from us, or from a customer of ours who named them."""
    if letter.passed_by:
        if zh:
            return f"{letter.passed_by} 告知已转给贵方"
        return f"{letter.passed_by} tells us that they were passed on to you"
    return "记录显示曾发往贵方" if zh else "Our records show that they were sent to you"


def _handling(letter: Letter, *, zh: bool) -> tuple[str, ...]:
    """What is done with the goods, and down to whom it is to be passed on; a drill names it as what it supposes."""
    one, said = letter.handling, list[str]()
    name = 0 if zh else 1
    if one.action and one.measure:
        what = f"{MEASURES[one.measure][name]} · {ACTIONS[one.action][name]}"
        said.append(f"处理措施：{what}" if zh else f"Measure: {what}")
    if one.depth:
        down = DEPTHS[one.depth][name]
        said.append(f"通知的深度：直至{down}" if zh else f"Depth: down to {down}")
    if not letter.real:
        return tuple(f"假如是真实召回，{one}" if zh else f"Were it a recall: {one}" for one in said)
    return tuple(said)


def _contact(letter: Letter, *, zh: bool) -> str:
    if not letter.phone:
        return ""
    return f"联系电话：{letter.phone}（{letter.site}）" if zh else f"Telephone: {letter.phone} ({letter.site})"


def row(product: Product, language: Language) -> str:
    """A product in a line of plain text, with what its label says."""
    names = COLUMNS[language]
    parts = (product.lot_no, product.item, product.model, product.udi, product.expires, product.quantity)
    said = [f"{name} {part}" for name, part in zip(names, parts, strict=True) if part]
    return "; ".join(said)


def expiry(day: date | None, precision: str) -> str:
    """As the label prints it: a day, or a month where the label has no day (21 CFR 801.18)."""
    return "" if day is None else day.isoformat()[: 7 if precision == "month" else 10]
