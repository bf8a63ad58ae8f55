"""Times and quantities as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ui.i18n import Words, choose
from ui.moments import Clock
from ui.numbers import plain, quantity
from ui.status import lot_mark

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
        (timedelta(days=-90), "3 个月前", "3 months ago"),
        (timedelta(days=3650), "10 年后", "in 10 years"),
    ],
)
def test_how_far_away_in_words(gap: timedelta, zh: str, en: str) -> None:
    assert (ZH.relative(NOW + gap), EN.relative(NOW + gap)) == (zh, en)


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
