"""A statement's time grows with what it is about, never with its square."""

import re

from tests.support.house.layers import MODELS, reaching

EACH_AGAINST_ALL = re.compile(
    r"<>\s*all\s*\(\s*cast\(:\w+ as (?:bigint|text)\[\]\)|not in \(select unnest"
    r"|not\s*\(\s*[\w.]+\s*=\s*any\s*\(\s*cast",
    re.IGNORECASE,
)
SHORT = frozenset({"exposure/store/facts.py"})
"""Lists that are short whatever the plant: kinds of facts, not keys of rows."""


def test_no_statement_holds_every_row_against_a_list_of_keys_to_leave_some_out() -> None:
    """`key <> all(:keys)` compares each row with every key as soon as the plan is made once for all parameters."""
    found = [
        f"{path.relative_to(MODELS)}: {match.group()}"
        for path in reaching()
        if str(path.relative_to(MODELS)) not in SHORT
        for match in EACH_AGAINST_ALL.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


OPENED = re.compile(r"engine\.connect\(\)|(?<![\w.])Session\(")
OWN_CONNECTION = frozenset({"act.py", "underway.py"})
"""Where transactions are opened for all others; and one connection that stays, without transactions."""


def test_what_is_only_read_ends_with_a_commit() -> None:
    """At a rollback, which ends a connection that nobody committed, the driver forgets every statement it has prepared."""
    found = [
        f"{path.relative_to(MODELS)}: {match.group()}"
        for path in reaching()
        if path.name not in OWN_CONNECTION
        for match in OPENED.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "open it with `reading`, `act` or `engine.begin`"
