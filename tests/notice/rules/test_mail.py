"""To whom a notice is mailed and what stands in it: nothing that is no address, nothing cut, one id for ever (REQ 79)."""

from datetime import date
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.mail import addresses as mail_addresses
from models.notice.rules import mail as notice_mail
from models.notice.rules.handling import MEASURES, Handling
from models.notice.rules.letter import LANGUAGES, Letter, Product, expiry, text
from models.recall.rules.markets import CONTRADICTIONS


def letter(**more: object) -> Letter:
    given: dict[str, object] = {
        "site": "苏州工厂", "number": "RC-2026-001", "title": "髋关节柄断裂", "reason": "投诉", "level": "II", "customer": "上海第一医院",
        "phone": "+86 512 6288 0100",
        "products": [Product("H-1", "30 件", "髋关节柄 12/14", "HIP-12", "06901234567892", "2031-10")], "link": "https://q.example/n/abc", "until": date(2027, 2, 20), "reminder": False, **more,
    }  # fmt: skip
    return Letter(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, ()),
        ("", ()),
        ("qa@hospital.test", ("qa@hospital.test",)),
        ("qa@hospital.test；采购 <buy@hospital.test>", ("qa@hospital.test", "buy@hospital.test")),
        ("qa@hospital.test, qa@hospital.test", ("qa@hospital.test",)),
        ("电话 021-1", ()),
        ("qa@localhost", ()),
        ("王@医院.test", ()),
        ("qa@hospital.test\nBcc: x@evil.test", ("qa@hospital.test", "x@evil.test")),
    ],
)
def test_addresses_are_found_in_what_people_wrote(text: str | None, found: tuple[str, ...]) -> None:
    assert mail_addresses.addresses(text) == found


@given(st.text())
def test_whatever_is_in_the_field_makes_no_other_header(text: str) -> None:
    message = EmailMessage()
    message["To"] = ", ".join(mail_addresses.addresses(text)) or "nobody@example.test"
    assert message.keys() == ["To"]
    assert "\n" not in str(message["To"])


@given(st.text())
def test_a_subject_is_one_line_whatever_the_title_holds(title: str) -> None:
    line = notice_mail.subject(letter(title=title))
    assert len(line) <= 200
    assert "\n" not in line
    assert "\r" not in line


def test_the_id_belongs_to_notice_and_kind() -> None:
    ids = {
        notice_mail.message_id(UUID(int=n), kind, "recall@example.com")
        for n in (1, 2)
        for kind in ("first", "reminder-1")
    }
    assert len(ids) == 4
    assert all(one.endswith("@example.com>") for one in ids)
    assert notice_mail.message_id(UUID(int=1), "first", "recall@example.com") in ids


def test_every_lot_and_the_link_stand_in_the_text_in_two_languages() -> None:
    lots = [Product(f"H-{n}", str(n)) for n in range(500)]
    said = notice_mail.body(letter(products=lots))
    assert all(one.lot_no in said for one in lots)
    assert said.count("https://q.example/n/abc") == 2
    assert "请立即停止使用" in said
    assert "Stop using" in said
    assert "还没有收到" not in said
    assert "还没有收到" in notice_mail.body(letter(reminder=True))


def test_a_real_letter_carries_what_the_guidance_asks_for() -> None:
    said = notice_mail.body(letter())
    for part in (
        "URGENT: MEDICAL DEVICE RECALL", "紧急：医疗器械召回", "+86 512 6288 0100", "06901234567892", "HIP-12", "髋关节柄 12/14", "2031-10", "30 件",
        "sub-recall", "次级召回", "Response form", "回执",
    ):  # fmt: skip
        assert part in said, part
    assert "URGENT: MEDICAL DEVICE RECALL" in notice_mail.subject(letter())


ORDERS = ("停止使用", "停止销售", "单独存放", "Stop using", "keep them apart", "URGENT", "紧急")


@given(st.text(max_size=30), st.text(max_size=30), st.booleans())
def test_a_drill_says_so_first_and_orders_nobody_to_stop(title: str, reason: str, reminder: bool) -> None:
    one = letter(title=title, reason=reason, reminder=reminder, drill=True)
    for language in LANGUAGES:
        said = text(one, language)
        assert "DRILL" in said.heading
        ours = " ".join((said.heading, *said.ask, said.link, said.closing))
        assert not [word for word in ORDERS if word in ours]
    assert "DRILL" in notice_mail.subject(one)
    assert "URGENT" not in notice_mail.subject(one).replace(title, "")
    assert notice_mail.body(one).index("DRILL") < 40


def test_an_expiry_is_written_as_the_label_prints_it() -> None:
    assert [expiry(date(2031, 10, 31), "month"), expiry(date(2031, 10, 5), "day"), expiry(None, "day")] == [
        "2031-10",
        "2031-10-05",
        "",
    ]


def test_a_letter_to_the_union_is_a_field_safety_notice_and_says_what_is_done_with_the_goods() -> None:
    made = letter(level=None, market="EU", handling=Handling("correction", "software", "user"))
    said = {language: text(made, language) for language in LANGUAGES}
    assert said["en"].heading == "URGENT: FIELD SAFETY NOTICE"
    assert said["zh"].heading.startswith("紧急：现场安全通知")
    assert "class" not in said["en"].intro
    assert said["en"].ask[-2:] == (
        "Measure: software update · correction (the goods stay where they are)",
        "Depth: down to users and consumers",
    )
    assert said["zh"].ask[-2].startswith("处理措施：软件更新")
    assert text(letter(market="EU", drill=True), "en").heading.startswith("DRILL")


@pytest.mark.parametrize("drill", [True, False])
def test_a_letter_out_of_a_test_home_says_so_first_and_orders_nothing(drill: bool) -> None:
    one = letter(test=True, drill=drill)
    assert notice_mail.subject(one).startswith("TEST 测试")
    assert ("DRILL" in notice_mail.subject(one)) is drill
    assert "URGENT" not in notice_mail.subject(one)
    said = notice_mail.body(one)
    assert said.startswith("测试系统（TEST），不是真实召回")
    assert "TEST SYSTEM – THIS IS NOT A RECALL" in said
    for order in ("立即停止", "Stop using", "召回下列批次", "recalls these lots"):
        assert order not in said


def test_each_half_of_a_letter_has_the_names_of_its_language() -> None:
    product = Product("H-1", "30", "髋关节柄 12/14", item_en="Hip stem 12/14")
    both = letter(
        site_en="Suzhou plant", customer_en="First Hospital", products=[product], passed_by="远安经销", passed_by_en="Yuan'an Supply"
    )  # fmt: skip
    chinese, english = notice_mail.body(both).split("-" * 60)
    for zh, en in (("苏州工厂", "Suzhou plant"), ("上海第一医院", "First Hospital"), ("髋关节柄 12/14", "Hip stem 12/14"), ("远安经销", "Yuan'an Supply")):  # fmt: skip
        assert zh in chinese
        assert en not in chinese
        assert en in english
        assert zh not in english
    chinese, english = notice_mail.body(letter()).split("-" * 60)
    assert "To: 上海第一医院" in english, "without an English name, the plant's own: never blank"


HANDLINGS = [
    Handling(action, measure, depth)
    for action in ("correction", "removal", None)
    for measure in (MEASURES if action else [None])
    for depth in ("user", "wholesale", None)
    if (measure, action) not in CONTRADICTIONS
]


@pytest.mark.parametrize("market", ["CN", "US", "EU", None])
@pytest.mark.parametrize("handling", HANDLINGS)
def test_a_letter_about_a_correction_sends_nothing_away_and_one_about_a_removal_does(
    handling: Handling, market: str | None
) -> None:
    said = notice_mail.body(letter(handling=handling, market=market, level=None))
    stays = handling.action == "correction"
    for asked in ("will return", "将退回", "keep them apart", "单独存放"):
        assert (asked in said) is not stays, asked
    for asked in ("send none back", "不必退回"):
        assert (asked in said) is stays, asked
    assert said.count("sub-recall") == said.count("次级召回") == 1
    # after a mere warning the goods stay in use, as the reason says
    stops = "停止使用" in said and ("Stop using" in said or "Don't use these lots" in said)
    assert stops is (handling.measure != "warning")


@pytest.mark.parametrize("handling", HANDLINGS)
def test_a_drill_supposes_what_would_be_done_with_the_goods_and_asks_for_none_of_it(handling: Handling) -> None:
    for language, supposed in zip(LANGUAGES, ("假如是真实召回，", "Were it a recall: "), strict=True):
        said = text(letter(handling=handling, drill=True), language)
        assert len(said.ask) == 2 + bool(handling.action) + bool(handling.depth)
        assert all(one.startswith(supposed) for one in said.ask[2:])


def test_the_subject_of_a_mail_to_the_union_is_the_heading_of_its_letter() -> None:
    for market in ("CN", "US", "EU", None):
        made = letter(market=market)
        assert notice_mail.subject(made).startswith(text(made, "en").heading), market
