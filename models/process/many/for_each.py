"""A stage that goes through many: one run for each item, and when enough of them have ended (DESIGN 6, *Many*).

The run remembers which items it has begun and how each has ended, by the name of the item: the number of a linked subject, or
the number of a row.  How often each result came is a fact (`stage.result`) that conditions read, so a decision behind the
stage says what three of five mean.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import rfc8785

from models.definition.document import Stage
from models.process.state import RunState


def rows(stage: Stage, state: RunState) -> dict[str, Mapping[str, Any]]:
    """The rows of the table that the stage goes through, by the number of each (from 1); equal rows are one."""
    if stage.for_each is None or stage.for_each.rows is None:
        return {}
    key, _, field = stage.for_each.rows.partition(".")
    table = state.forms.get(key, {}).get(field) or ()
    first: dict[bytes, str] = {}
    for number, row in enumerate(table, start=1):
        first.setdefault(rfc8785.dumps(row), str(number))
    return {number: table[int(number) - 1] for number in first.values()}


def begun(state: RunState, stage: Stage, items: Iterable[str], results: Collection[str]) -> RunState:
    """The state with every item open, the same item once, and no result counted yet."""
    counts = {f"{stage.key}.{result}": 0 for result in sorted(results)}
    return state.model_copy(
        update={
            "many": {**state.many, stage.key: dict.fromkeys(items)},
            "facts": {**state.facts, **counts},
        }
    )


def ended(state: RunState, stage: Stage, item: str, result: str) -> RunState:
    """The state with the item's result, counted."""
    items = {**state.many[stage.key], item: result}
    fact = f"{stage.key}.{result}"
    count = sum(one == result for one in items.values())
    return state.model_copy(update={"many": {**state.many, stage.key: items}, "facts": {**state.facts, fact: count}})


def waits_for(state: RunState, stage: Stage, item: str) -> bool:
    """Whether the stage has begun the item and not heard of its end."""
    items = state.many.get(stage.key, {})
    return item in items and items[item] is None


def complete(state: RunState, stage: Stage) -> bool:
    """Whether all have ended, or as many as are enough."""
    items = state.many.get(stage.key, {})
    enough = stage.for_each.enough if stage.for_each is not None else None
    return sum(one is not None for one in items.values()) >= min(enough or len(items), len(items))
