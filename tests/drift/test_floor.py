"""What no draft of limits or of an alert can edit away (DESIGN 2.7)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.definition.document import Definition
from models.drift.floor import check_alert, check_limits

FOLDER = Path(__file__).parents[2] / "definitions"


def shipped(key: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))
    return found


def stage(text: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in text["stages"] if one["key"] == key)


def codes(text: dict[str, Any], check: Callable[[Definition], Any]) -> set[str]:
    return {one.code for one in check(Definition.model_validate(text))}


@pytest.mark.parametrize(
    ("key", "check", "signed"), [("drift-limits", check_limits, "freeze"), ("supplier-alert", check_alert, "conclude")]
)
def test_a_second_person_of_quality_signs(key: str, check: Callable[[Definition], Any], signed: str) -> None:
    assert codes(shipped(key), check) == set()
    alone = shipped(key)
    stage(alone, signed)["not_same_as"] = []
    assert codes(alone, check) == {"FLR-045"}
    plain = shipped(key)
    stage(plain, signed)["kind"] = "task"
    assert codes(plain, check) == {"FLR-044"}


def test_an_alert_begins_by_itself() -> None:
    shy = {"op": "eq", "fact": "supplier.drift.rules", "value": "WE-1"}
    for triggers in ([], [{**shipped("supplier-alert")["triggers"][0], "when": shy}]):
        assert codes({**shipped("supplier-alert"), "triggers": triggers}, check_alert) == {"FLR-046"}
