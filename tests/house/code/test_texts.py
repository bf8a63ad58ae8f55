"""Words in both languages have one type: `models.kernel.text.Text` (DESIGN 3); a bare pair is one more shape to learn."""

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CHINESE = re.compile("[\u3400-\u9fff]")
FOLDERS = ("activities", "api", "models", "runtime", "ui", "workflows")
STANDING = frozenset(
    {
        "models/definition/document.py",
        "models/definition/lint/reads.py",
        "models/definition/words.py",
        "models/kernel/units/names.py",
    }
)
"""Files with bare pairs in them: fewer with time, never more."""


def said(node: ast.expr) -> str:
    """What a literal says, without its facts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return ""


def pairs(tree: ast.AST) -> int:
    """How many tuples of two say the same thing in Chinese and in English and aren't taken apart where they stand."""
    found = 0
    apart = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and id(node) not in apart:
            zh, en = (said(one) for one in node.elts)
            found += bool(CHINESE.search(zh) and en and not CHINESE.search(en))
    return found


def test_words_in_both_languages_are_texts() -> None:
    found = Counter[str]()
    for file in (file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))):
        text = file.read_text(encoding="utf-8")
        # to parse takes long, and most files say nothing in Chinese
        if "migrations" not in file.parts and CHINESE.search(text) and (many := pairs(ast.parse(text))):
            found[file.relative_to(ROOT).as_posix()] = many
    assert found.keys() - STANDING == set(), "say Text(zh, en)"
    assert STANDING - found.keys() == set(), "take the line away"


def test_a_bare_pair_is_found() -> None:
    assert (
        pairs(
            ast.parse(
                'X = {"a": ("批次", "batch")}; Y = ("批次", f"batch {X}"); Z = Text("批次", "batch"); zh, en = "批次", "batch"'
            )
        )
        == 2
    )
