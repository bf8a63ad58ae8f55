"""Clauses on a page: in the reader's language, and without the paragraphs that only the builders can look up."""

import re
from pathlib import Path

import pytest
import yaml

from models.kernel import refusal as refusals
from ui.frame.i18n import Words
from ui.frame.words.clauses import clause

ZH, EN = Words("zh"), Words("en")
CHINESE = re.compile(r"[\u3400-\u9fff]")
DEFINITIONS = Path(refusals.__file__).parents[2] / "definitions"
LAWS = sorted(
    set(re.findall(r"^ *law: (.+)$", "\n".join(p.read_text() for p in DEFINITIONS.glob("*.yaml")), re.MULTILINE))
)


def test_a_reader_of_english_gets_the_law_in_english() -> None:
    text = "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (产品放行); DESIGN 2.7"
    assert clause(EN, text) == "ISO 13485 8.2.6; GMP for Medical Devices (China), product release"
    assert clause(ZH, text) == "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (产品放行)"


@pytest.mark.parametrize("text", ["DESIGN 2.5", "REQ 89", "DESIGN 12; REQ 58", "STANDARDS C 72"])
def test_a_paragraph_of_our_own_design_is_not_said(text: str) -> None:
    assert clause(ZH, text) == ""


@pytest.mark.parametrize("law", LAWS)
def test_no_law_of_a_shipped_definition_stays_chinese_in_english(law: str) -> None:
    assert not CHINESE.search(clause(EN, yaml.safe_load(law)))
