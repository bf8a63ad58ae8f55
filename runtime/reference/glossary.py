"""Writes docs/reference/glossary.md: the words of docs/reference/glossary.yaml, then those that the code has tables of (DESIGN 5)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from models.exposure.rules import exposure
from models.lot.rules import held
from models.lot.rules.open_hold import KIND_NAMES
from models.packing import rules as packing
from models.person.rules import shipped_roles
from models.place import rules as places
from models.resolve import rules as resolve
from runtime.reference.states import LIVES

TERMS = Path(__file__).resolve().parents[2] / "docs" / "reference" / "glossary.yaml"


def glossary() -> str:
    """A row for each term, a list for each table of words."""
    terms: list[list[str]] = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    rows = [f"| {en} | {zh} | {meaning} |" for en, zh, meaning in sorted(terms, key=lambda one: one[0].casefold())]
    parts = [
        "# Glossary 术语",
        "The same words in code, database, API, pages and docs. 代码、数据库、接口、页面与文档使用同一套术语。",
        "\n".join(["| term | 中文 | meaning |", "| --- | --- | --- |", *rows]),
    ]
    for title, words in _tables():
        parts += [f"## {title}", "\n".join(f"- {zh} {en}" for zh, en in words)]
    return "\n\n".join(parts)


def _tables() -> Iterable[tuple[str, Iterable[tuple[str, str]]]]:
    """What the code calls its own things."""
    for life in LIVES:
        yield (
            f"States of a {life.title[1].casefold()} {life.title[0]}状态",
            [(life.word(state, "zh"), life.word(state, "en")) for state in life.states],
        )
    named: tuple[tuple[str, Mapping[Any, tuple[str, str]]], ...] = (
        ("Roles 角色", shipped_roles.NAMES),
        ("Kinds of holds 冻结类型", KIND_NAMES),
        ("What a hold forbids or allows 冻结时的操作", held.ACT_WORDS),
        ("Kinds of places 库位用途", places.KIND_NAMES),
        ("Logistic units 包装单元", packing.KIND_NAMES),
        ("What an identifier can be 编号所指", resolve.HIT_NAMES),
        ("What things can be exposed to 共同暴露的事物", exposure.SORT_NAMES),
    )
    for title, words in named:
        yield title, words.values()
