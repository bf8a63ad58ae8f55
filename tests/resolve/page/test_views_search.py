"""What the search page says of what it found (requirement 19)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from models.identifier.rules import identifiers
from models.resolve.rules import Hit, HitKind, Match, Resolution
from ui.frame.i18n import Language, Words
from ui.frame.render import Shell, render
from ui.resolve import view as views_search


@pytest.mark.parametrize(("language", "said"), [("zh", "只有相近的"), ("en", "only looks alike")])
def test_a_number_that_is_only_similar_is_not_said_to_be_the_one(language: Language, said: str) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    hit = Hit(HitKind.ITEM, "1", "H-2611-04", Match.GUESS, "髋关节柄")
    found = Resolution("H-2611-O4", identifiers.parse("H-2611-O4"), (hit,))
    page = views_search.page(Words(language), "H-2611-O4", found, None, {}, now, "Asia/Shanghai")
    frame = Shell(language=language, zone=ZoneInfo("Asia/Shanghai"), now=now, path="/search", csrf="")
    assert said in render(page, frame)


@pytest.mark.parametrize(("language", "said"), [("zh", "检验 FQC-1 不合格 · H-2611-04"), ("en", "H-2611-04")])
def test_a_nonconformance_is_not_named_in_chinese_on_an_english_page(language: Language, said: str) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    hit = Hit(HitKind.NONCONFORMANCE, "1", "NC-H-2611-04-1", Match.EXACT, "检验 FQC-1 不合格", "H-2611-04")
    found = Resolution("NC", identifiers.parse("NC"), (hit,))
    page = views_search.page(Words(language), "NC", found, None, {}, now, "Asia/Shanghai")
    assert page.hits[0].title == said
    english = {"1": "Inspection FQC-1 failed"}
    page = views_search.page(Words(language), "NC", found, None, {}, now, "Asia/Shanghai", english=english)
    assert page.hits[0].title == ("Inspection FQC-1 failed · H-2611-04" if language == "en" else said)
