"""The small values that pages are made of."""

from pathlib import Path

import pytest
import yaml

from models.release.rules.batch_record import Deviation
from ui.frame import status
from ui.frame.i18n import Language, Words
from ui.frame.rows import titles

SHIPPED = sorted((Path(__file__).parents[3] / "definitions").glob("*.yaml"))
STANDS = {
    "agree",
    "verified",
    "effective",
    "accept",
    "accepted",
    "accept_and_check",
    "approve",
    "close",
    "freeze",
    "helped",
    "keep",
    "release",
    "restore",
    "unfounded",
}
"""Outcomes that stand behind the goods, the change or the recall; every other one stops or undoes something."""


@pytest.mark.parametrize(("language", "said"), [("zh", "检验 FQC-1 不合格"), ("en", "Inspection FQC-1 failed")])
def test_an_open_nonconformance_is_named_in_the_readers_language(language: Language, said: str) -> None:
    one = Deviation(
        number="NC-1", kind="nonconformance", code="", about="", zh="检验 FQC-1 不合格", en="Inspection FQC-1 failed",
        outcome="", cause=None, reason=None, decided_by=None, decided_at=None,
    )  # fmt: skip
    assert titles(Words(language), [one]) == {"NC-1": said}


def test_only_a_signature_that_stands_behind_something_has_a_green_edge() -> None:
    stages = [stage for one in SHIPPED for stage in yaml.safe_load(one.read_text(encoding="utf-8")).get("stages", ())]
    signed = {one["key"] for stage in stages if stage.get("signature") for one in stage.get("outcomes") or ()}
    assert signed > STANDS
    assert {key for key in signed if status.decided(key) == "good"} == STANDS
    assert {status.decided(key) for key in ("failed", "reject", "reject_part")} == {"bad"}
