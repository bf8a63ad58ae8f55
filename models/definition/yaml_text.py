"""Reads a process definition from YAML and says in plain words what is wrong with the text (DEF-001 to DEF-003).

YAML lets a later key quietly replace an earlier one, and an alias can blow a page up to gigabytes; both are refused,
because what people signed must be what they read.
"""

from collections.abc import Hashable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import yaml
from pydantic import ValidationError

from models.definition.document import Definition
from models.kernel.refusal import Kind

CLAUSE = "DESIGN 8; ISO 13485 4.2.4"
NOT_YAML = Kind(
    "DEF-001", CLAUSE, "第 {line} 行不是有效的 YAML: {problem}。", "Line {line} is not valid YAML: {problem}.", 422
)
TWICE = Kind(
    "DEF-002",
    CLAUSE,
    "第 {line} 行: 键「{key}」写了两次, 请只保留一处。",
    "Line {line}: the key “{key}” is written twice; keep one.",
    422,
)
SHAPE = Kind(
    "DEF-003",
    CLAUSE,
    "流程定义有 {count} 处不符合格式: {problems}",
    "The definition has {count} place(s) of the wrong shape: {problems}",
    422,
)

LARGEST = 200_000
"""Characters: twenty times the longest that ships, and read in two seconds; the reader of YAML takes eight for a million."""
DEEPEST = 40
"""Lists and maps inside each other: conditions nest, and nobody reads more; each level makes the reader slower."""
SHOWN = 20


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases, duplicate keys, binary fractions and dates."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise NOT_YAML(line=self.line + 1, problem="alias (*name)")
        self.depth += 1
        if self.depth > DEEPEST:
            raise NOT_YAML(line=self.line + 1, problem=f"deeper than {DEEPEST}")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise NOT_YAML(line=key.start_mark.line + 1, problem="key that is no word")
            if key.value in seen:
                raise TWICE(line=key.start_mark.line + 1, key=key.value)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    text = str(loader.construct_scalar(node))
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    return loader.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)


@lru_cache(maxsize=64)
def parse_yaml(text: str) -> Definition:
    """Read a definition; a `Refusal` (DEF-001 to DEF-003) names the place that is wrong."""
    # A start reads each text twice, once to see what is new and once to store it, and a definition is frozen.
    return read(text)


def read(text: str) -> Definition:
    """The definition in `text`."""
    if len(text) > LARGEST:
        raise NOT_YAML(line=1, problem=f"> {LARGEST} characters")
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        data = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NOT_YAML(line=mark.line + 1 if mark else 1, problem=error.problem or error.context or "?") from None
    except yaml.YAMLError as error:
        raise NOT_YAML(line=1, problem=str(error).splitlines()[0]) from None
    except (RecursionError, ValueError) as error:
        raise NOT_YAML(line=1, problem=type(error).__name__) from None
    finally:
        if loader is not None:
            loader.dispose()
    try:
        return Definition.model_validate(data)
    except ValidationError as error:
        raise SHAPE(count=error.error_count(), problems="; ".join(_places(error))) from None


def _places(error: ValidationError) -> list[str]:
    """`stages[2].role: …`, one line for each place."""
    lines = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False)[:SHOWN]:
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem["loc"]).lstrip(".")
        lines.append(f"{place or 'document'}: {problem['msg']}")
    return lines
