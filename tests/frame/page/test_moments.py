"""Times and quantities as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.frame.i18n import Words, choose
from ui.frame.words.moments import Clock
from ui.frame.words.numbers import plain, quantity
from ui.lot.mark import lot_mark

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
ZH = Clock(Words("zh"), ZoneInfo("Asia/Shanghai"), NOW)
EN = Clock(Words("en"), ZoneInfo("Asia/Shanghai"), NOW)


def test_a_moment_is_iso_in_the_sites_zone() -> None:
    assert ZH.when(NOW) == "2026-11-21 14:05"
    assert ZH.day(datetime(2026, 11, 21, 17, 0, tzinfo=UTC)) == "2026-11-22"
    assert ZH.day(date(2031, 10, 31)) == "2031-10-31"
    assert ZH.iso(NOW) == "2026-11-21T06:05:00+00:00"


@pytest.mark.parametrize(
    ("gap", "zh", "en"),
    [
        (timedelta(seconds=3), "现在", "now"),
        (timedelta(minutes=1), "1 分钟后", "in 1 minute"),
        (timedelta(hours=3), "3 小时后", "in 3 hours"),
        (timedelta(hours=-3), "3 小时前", "3 hours ago"),
        (timedelta(hours=26), "26 小时后", "in 26 hours"),
        (timedelta(days=2), "2 天后", "in 2 days"),
        (timedelta(hours=41), "41 小时后", "in 41 hours"),
        (timedelta(hours=71), "2 天后", "in 2 days"),
        (timedelta(minutes=119, seconds=59), "119 分钟后", "in 119 minutes"),
        (timedelta(days=-95), "3 个月前", "3 months ago"),
        (timedelta(days=3660), "10 年后", "in 10 years"),
    ],
)
def test_how_far_away_in_words(gap: timedelta, zh: str, en: str) -> None:
    assert (ZH.relative(NOW + gap), EN.relative(NOW + gap)) == (zh, en)


UNITS = {"分钟": 60, "小时": 3600, "天": 86_400, "个月": 31 * 86_400, "年": 366 * 86_400}


@given(st.integers(0, 20 * 366 * 86_400))
def test_time_left_is_never_longer_than_true_and_never_less_than_half_of_it(seconds: int) -> None:
    for said in (ZH.relative(NOW + timedelta(seconds=seconds)), ZH.gap(NOW + timedelta(seconds=seconds))):
        if said in {"现在", "不到 1 分钟"}:
            assert seconds < 60
            continue
        number, unit = said.removesuffix("后").split(" ")
        assert int(number) * UNITS[unit] <= seconds <= 2 * int(number) * UNITS[unit]


def test_what_is_due_now_is_too_late() -> None:
    assert ZH.late(NOW)
    assert not ZH.soon(NOW)


def test_a_deadline_is_late_or_soon_or_neither() -> None:
    assert ZH.late(NOW - timedelta(seconds=1))
    assert ZH.soon(NOW + timedelta(hours=4))
    assert not ZH.soon(NOW + timedelta(hours=5))
    assert ZH.gap(NOW - timedelta(hours=2)) == "2 小时"


@pytest.mark.parametrize(
    ("value", "text"), [("480.000000", "480"), ("1284", "1,284"), ("0.650", "0.65"), ("1E+3", "1,000"), ("0", "0")]
)
def test_numbers_are_plain(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_a_unit_nobody_translated_is_shown_as_it_is() -> None:
    assert quantity(Words("zh"), Decimal(480), "EA") == "480 件"
    assert quantity(Words("en"), Decimal(480), "EA") == "480 pcs"
    assert quantity(Words("zh"), Decimal(3), "furlong") == "3 furlong"


def test_held_wins_over_everything_and_expired_over_released() -> None:
    assert lot_mark("released", held=True, expired=True).shape == "■"
    assert lot_mark("released", expired=True).shape == "✕"
    assert lot_mark("rejected", expired=True).key == "status.lot_rejected"


def test_the_language_asked_for_wins_over_the_remembered_one() -> None:
    assert [choose("en", "zh"), choose(None, "en"), choose("fr", None), choose(None, None)] == ["en", "en", "zh", "zh"]
