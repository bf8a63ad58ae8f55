"""To whom a notice is mailed and what stands in it: nothing that is no address, nothing cut, one id for ever (REQ 79)."""

from datetime import date
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import notice_mail
from models.rules.notice_mail import Letter


def letter(**more: object) -> Letter:
    given: dict[str, object] = {
        "site": "苏州工厂", "number": "RC-2026-001", "title": "髋关节柄断裂", "reason": "投诉", "level": "II", "customer": "上海第一医院",
        "lines": [("H-1", "30")], "link": "https://q.example/n/abc", "until": date(2027, 2, 20), "reminder": False, **more,
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
    assert notice_mail.addresses(text) == found


@given(st.text())
def test_whatever_is_in_the_field_makes_no_other_header(text: str) -> None:
    message = EmailMessage()
    message["To"] = ", ".join(notice_mail.addresses(text)) or "nobody@example.test"
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
    lots = [(f"H-{n}", str(n)) for n in range(500)]
    text = notice_mail.body(letter(lines=lots))
    assert all(lot in text for lot, _ in lots)
    assert text.count("https://q.example/n/abc") == 2
    assert "请立即停止使用" in text
    assert "Stop using" in text
    assert "还没有收到" not in text
    assert "还没有收到" in notice_mail.body(letter(reminder=True))
