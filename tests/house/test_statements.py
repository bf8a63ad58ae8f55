"""A statement's time grows with what it is about, never with its square."""

import re
from pathlib import Path

STORE = Path(__file__).resolve().parents[2] / "models/store"
EACH_AGAINST_ALL = re.compile(
    r"<>\s*all\s*\(\s*cast\(:\w+ as (?:bigint|text)\[\]\)|not in \(select unnest"
    r"|not\s*\(\s*[\w.]+\s*=\s*any\s*\(\s*cast",
    re.IGNORECASE,
)
SHORT = frozenset({"exposure_facts.py"})
"""Lists that are short whatever the plant: kinds of facts, not keys of rows."""


def test_no_statement_holds_every_row_against_a_list_of_keys_to_leave_some_out() -> None:
    """`key <> all(:keys)` compares each row with every key as soon as the plan is made once for all parameters."""
    found = [
        f"{path.name}: {match.group()}"
        for path in sorted(STORE.rglob("*.py"))
        if path.name not in SHORT
        for match in EACH_AGAINST_ALL.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
