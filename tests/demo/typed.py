"""What the demo's people type: a note in both languages stands as it was typed, for every reader (21 CFR 11.10(b))."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.demo.walk import CHINESE
from tests.support.servers.stack import ROOT

SAID = ROOT / "runtime"
DEMO = SAID / "demo"
HISTORY = re.compile(r"工序 \d+ .+ [A-Z][a-z].*")
"""Notes of the brought-over history: step, what was done in Chinese, and the same in English."""


def in_both_languages() -> tuple[str, ...]:
    """Every text of the demo that says the same in Chinese and in English, the longest first."""
    found = {one.strip() for one in _texts() if CHINESE.search(one) and re.search("[A-Za-z]{4}", one)}
    return tuple(sorted(found, key=lambda one: (-len(one), one)))


def _texts() -> Iterator[str]:
    for file in sorted(SAID.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for file in sorted((DEMO / "data").glob("*.jsonl")):
        yield from _values(file)


def _values(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield from (one for one in json.loads(line).get("fields", {}).values() if isinstance(one, str))
