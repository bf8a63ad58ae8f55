"""Which test proves which capability and which rule: what tests say by `@proves("R35", "S 19", "11.10(e)")`, as one page.

Read from the sources, without running them: requirements and standards are pages of docs/design, and a test's words are plain
text.  `tests/support/house/proves.py` refuses an id that isn't known while tests are collected.
"""

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DESIGN = ROOT / "docs" / "design"
TESTS = ROOT / "tests"
_CAPABILITY = re.compile(r'^\| <a id="r\d+"></a>(R\d+) \| ([^|]+) \|', re.MULTILINE)
_RULE = re.compile(r'^\| <a id="[a-z]\d+"></a>([A-Z] \d+) \| ([^|]+) \| ([^|]+) \|', re.MULTILINE)
_CASE = re.compile(r'^\| <a id="case\d+"></a>(case \d+) \| ([^|]+) \| ([^|]+) \|', re.MULTILINE)
_READ = re.compile(r"\[[^\]]*\]")
"""How a text was read: `[2nd]`, `[R]`."""

HEAD = """\
# What tests prove 测试证明了什么

A test says by `@proves(…)` which capability of [Requirements](../design/requirements.md), which rule or audited case of
[Standards](../design/standards.md) or which clause of a law it proves something of. A row says that the named tests pass, no
more: it can have parts that no test names yet.

测试以 `@proves(…)` 标明其所证明的需求、规则或条款；一行只说明所列测试通过，其余部分可能尚无测试指名。"""


@dataclass(frozen=True)
class Proof:
    """A test and the ids that it says it proves."""

    file: str
    test: str
    ids: tuple[str, ...]


@functools.cache
def capabilities() -> dict[str, str]:
    """`R35` and what it asks, in the order of the page."""
    return {key: words.strip() for key, words in _CAPABILITY.findall(_page("requirements"))}


@functools.cache
def rules() -> dict[str, str]:
    """`S 19` and the duty, in the order of the page."""
    return {key: words.strip() for key, _, words in _RULE.findall(_page("standards"))}


@functools.cache
def cases() -> dict[str, str]:
    """`case 8`, what went wrong there and what is so here, in the order of the page."""
    return {key: f"{wrong.strip()}: {here.strip()}" for key, wrong, here in _CASE.findall(_page("standards"))}


@functools.cache
def clauses() -> dict[str, tuple[str, ...]]:
    """A clause as it stands beside rules (`11.10(e)`, `Annex 11 §9`), and those rules."""
    found: dict[str, list[str]] = {}
    for key, cell, _ in _RULE.findall(_page("standards")):
        for part in re.split(r"[;,]", _READ.sub("", cell)):
            if any(sign.isdigit() for sign in part):
                found.setdefault(part.strip(), []).append(key)
    return {clause: tuple(keys) for clause, keys in found.items()}


def known(key: str) -> bool:
    """Whether an id is a capability, a rule, the clause of one, or a case of an audit."""
    return any(key in asked for asked in (capabilities(), rules(), clauses(), cases()))


def _page(name: str) -> str:
    return (DESIGN / f"{name}.md").read_text(encoding="utf-8")


def proofs(folder: Path = TESTS) -> list[Proof]:
    """What tests say, in the order of files and lines."""
    return [
        Proof(path.relative_to(folder.parent).as_posix(), test, ids)
        for path in sorted(folder.rglob("test_*.py"))
        if "@proves(" in (text := path.read_text(encoding="utf-8"))
        for test, ids in _said(ast.parse(text))
    ]


def _said(module: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            ids = tuple(
                argument.value
                for one in node.decorator_list
                if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "proves"
                for argument in one.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
            if ids:
                yield node.name, ids


def page() -> str:
    """Requirement, rule and clause by test, and those that no test names yet."""
    said = proofs()
    sections = (
        *_section("Capabilities 能力", "requirements", capabilities(), said),
        *_section("Rules 规则", "standards", rules(), said),
        *_section("Cases of a real audit 真实稽查案例", "standards", cases(), said),
        *_clauses(said),
    )
    return "\n\n".join((HEAD, *sections))


def _section(title: str, name: str, asked: dict[str, str], said: list[Proof]) -> Iterator[str]:
    proven = {key: tests for key in asked if (tests := _tests(key, said))}
    yield f"## {title}"
    yield "| | asked | proven by |\n|---|---|---|\n" + "\n".join(
        f"| [{key}](../design/{name}.md#{key.lower().replace(' ', '')}) | {asked[key]} | {tests} |"
        for key, tests in proven.items()
    )
    yield f"{len(proven)} of {len(asked)}. No test names {', '.join(key for key in asked if key not in proven)}."


def _clauses(said: list[Proof]) -> Iterator[str]:
    yield "## Clauses 条款"
    yield "| | of rule | proven by |\n|---|---|---|\n" + "\n".join(
        f"| {clause} | {', '.join(keys)} | {tests} |"
        for clause, keys in clauses().items()
        if (tests := _tests(clause, said))
    )


def _tests(key: str, said: list[Proof]) -> str:
    return "<br>".join(f"[{_words(one.test)}](../../{one.file})" for one in said if key in one.ids)


def _words(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")
