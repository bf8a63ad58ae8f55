"""A code of the evidence means one thing: who reads it in a signed record finds one rule behind it."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from models.release.rules import evidence


def test_each_code_is_said_by_one_rule() -> None:
    """Whoever adds a rule takes a code that is free."""
    said: dict[str, set[str]] = defaultdict(set)
    for file in Path(evidence.__file__).parent.glob("*.py"):
        for rule in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(rule, ast.FunctionDef):
                for one in codes(rule):
                    said[one].add(f"{file.stem}.{rule.name}")
    assert len(said) > 40
    assert {code: rules for code, rules in said.items() if len(rules) > 1} == {}


def codes(rule: ast.FunctionDef) -> Iterator[str]:
    """What a rule calls its findings."""
    for call in ast.walk(rule):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            given = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "code")]
            yield from (
                str(one.value)
                for one in given
                if isinstance(one, ast.Constant) and re.fullmatch("EV-[A-Z]+-[0-9]+", str(one.value))
            )
