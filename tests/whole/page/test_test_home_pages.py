"""Every page and every printed sheet of a test home says so, and none of another home does (models/clock/rules.py)."""

import re
from dataclasses import replace

import pytest

from tests.samples.gallery import OUTSIDE
from tests.samples.pages import shell
from tests.samples.work import PAGES
from ui.frame.render import STATIC, render


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_whether_it_is_of_a_test_home(name: str) -> None:
    page, frame = PAGES[name]("zh"), shell("zh", f"/{name}", person=not name.startswith(OUTSIDE))
    for test in (True, False):
        said = render(page, replace(frame, test=test))
        band = re.search(r'<body[^>]*>\s*<a class="skip"[^\n]*\s*<aside class="test-band"[^>]*>([^<]*)', said)
        assert (band is not None) is test
        assert band is None or "TEST" in band[1]


def test_every_printed_sheet_of_a_test_home_is_marked() -> None:
    style = (STATIC / "app.css").read_text(encoding="utf-8")
    sheet = re.search(r"@page of-a-test-home \{ @top-center \{ content: \"([^\"]*)\"", style)
    assert sheet is not None
    assert "测试 TEST" in sheet[1]
    printed = style[style.index("@media print {\n  body") :]
    assert "body:has(> .test-band) { page: of-a-test-home; }" in printed
    assert not re.search(r"\.test-band[^{]*\{[^}]*display: none", printed)
