"""Workflows and rules do the same on every replay; and the check that says so finds what it should."""

from pathlib import Path

import pytest

from tests.support.house import layers
from tests.support.house.determinism import check, check_folder

ROOT = Path(__file__).resolve().parents[3]


def test_nothing_in_workflows_and_rules_depends_on_clock_chance_order_or_outside() -> None:
    findings = check_folder(ROOT / "workflows")
    findings += [one for path in layers.pure() for one in check(path.read_text("utf-8"), str(path))]
    assert not findings, "\n".join(map(str, findings))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("from datetime import datetime\nx = datetime.now(tz)", "DET-001"),
        ("import datetime as dt\nx = dt.date.today()", "DET-001"),
        ("import datetime\nx = datetime.datetime.utcnow()", "DET-001"),
        ("import time\nx = time.time()", "DET-001"),
        ("from time import monotonic", "DET-001"),
        ("clock = datetime.now", "DET-001"),
        ("import uuid\nx = uuid.uuid4()", "DET-002"),
        ("from uuid import uuid4", "DET-002"),
        ("import random", "DET-002"),
        ("from secrets import token_hex", "DET-002"),
        ("import os\nx = os.urandom(8)", "DET-002"),
        ("for x in {1, 2}: pass", "DET-003"),
        ("def f(lots: set[str]):\n    for lot in lots: pass", "DET-003"),
        ("def f(lots: frozenset[str]):\n    return [lot for lot in lots]", "DET-003"),
        ("found = set(a)\nx = list(found)", "DET-003"),
        ("x = ', '.join({1, 2} | other)", "DET-003"),
        ("x = [*set(a)]", "DET-003"),
        ("x = tuple(a.union(b))", "DET-003"),
        ("x = {k: 1 for k in set(a)}", "DET-003"),
        ("x = hash('lot')", "DET-003"),
        ("x = open('f')", "DET-004"),
        ("x = Path('f').read_text()", "DET-004"),
        ("import os\nx = os.environ['A']", "DET-004"),
        ("import threading", "DET-004"),
    ],
)
def test_what_could_differ_is_found(source: str, code: str) -> None:
    assert {finding.code for finding in check(source)} == {code}


@pytest.mark.parametrize(
    "source",
    [
        "from temporalio import workflow\nx = workflow.now()\ny = workflow.uuid4()\nz = workflow.time()",
        "from datetime import datetime\ndef f(now: datetime): return now.date()",
        "from uuid import UUID\nx = UUID(text)",
        "for x in sorted({1, 2}): pass",
        "def f(lots: set[str]):\n    return sorted(lots), len(lots), 'a' in lots",
        "def f(lots: set[str]):\n    return any(lot == 'a' for lot in lots)",
        "def f(lots: set[str]):\n    return {lot.upper() for lot in lots}",
        "def f(lots: set[str]):\n    return {*lots, 'more'}",
        "def f(lots: list[str]):\n    for lot in lots: pass",
        "found = set(a)\nfound = sorted(found)\nfor x in found: pass",
        "class Duty:\n    roles: frozenset[str]\n\ndef f(roles: list[str]):\n    return ', '.join(x for x in roles)",
        "def f(roles: frozenset[str]):\n    return frozenset().union(*(given[role] for role in roles))",
        "for key in mapping: pass",
        "x = re.match('a', b)",
    ],
)
def test_what_is_the_same_every_time_is_left_alone(source: str) -> None:
    assert check(source) == []
