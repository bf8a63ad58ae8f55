"""Pages, routes and activities judge by the record's time: a test home's may have been moved (models/clock/rules.py)."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ASKS = re.compile(r"\bdatetime\.now\(|\bdate\.today\(|\butcnow\(|\btime\.time\(")
ALLOWED = {"ui/frame/record_time.py"}
"""The one place that knows which of the two clocks it is."""
SHADOWLESS = re.compile(r"\b(current_timestamp|localtimestamp|current_time|localtime)\b(?!=)", re.IGNORECASE)
"""What the test clock can't stand in for, because it is part of the language and no function."""


def test_the_server_is_asked_for_the_time_in_one_place() -> None:
    files = [
        file
        for folder in ("ui", "api", "activities", "models", "runtime/demo")
        for file in (ROOT / folder).rglob("*.py")
    ]
    found = {str(file.relative_to(ROOT)) for file in files if ASKS.search(file.read_text(encoding="utf-8"))}
    assert found <= ALLOWED


def test_no_statement_asks_for_a_time_that_a_test_home_cant_move() -> None:
    files = [*(ROOT / "models").rglob("*.py"), *(ROOT / "models").rglob("*.sql")]
    found = {str(file.relative_to(ROOT)) for file in files if SHADOWLESS.search(file.read_text(encoding="utf-8"))}
    assert found == set()
