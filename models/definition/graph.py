"""The ways through a definition as a graph: what leads where, what can be reached, what can't be gone round.

Lint, floor and picture ask the same graph.  A parallel group is read as "any of its tracks": whatever must lie on every
way is then required of each track, which is stricter than the engine and therefore safe.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from models.definition.condition import Facts, possible
from models.definition.document import Definition, Stage, StageKind, Text


@dataclass(frozen=True)
class Edge:
    """One way from a stage to the next.  `label` is an outcome, result, branch number, `next`, `elapsed` or `track`."""

    source: str
    target: str
    label: str
    title: Text
    positive: bool = False


RESULTS = {
    "accepted": Text(zh="合格", en="accepted"),
    "rejected": Text(zh="拒收", en="rejected"),
    "released": Text(zh="放行", en="released"),
    "rework": Text(zh="返工", en="rework"),
    "held": Text(zh="冻结", en="on hold"),
    "closed": Text(zh="关闭", en="closed"),
    "done": Text(zh="完成", en="done"),
}
"""The words for common results; any other result is shown by its key."""

_NO_TEXT = Text()
_OTHERWISE = Text(zh="否则", en="otherwise")
_HAPPENED = Text(zh="已发生", en="it happened")
_ELAPSED = Text(zh="时间到", en="time is up")


def leaving(stage: Stage) -> Iterator[Edge]:
    """The ways out of a stage, in the order they are written, including ways to stages that don't exist."""
    match stage.kind:
        case StageKind.END:
            return
        case StageKind.DECISION:
            for number, branch in enumerate(stage.branches):
                yield Edge(stage.key, branch.next, str(number), branch.title)
            if stage.next is not None:
                yield Edge(stage.key, stage.next, "next", _OTHERWISE)
        case StageKind.SUBPROCESS if stage.for_each is None:
            for result, target in stage.results.items():
                yield Edge(stage.key, target, result, RESULTS.get(result, Text(zh=result, en=result)))
        case StageKind.PARALLEL:
            for target in stage.tracks.start if stage.tracks else ():
                yield Edge(stage.key, target, "track", _NO_TEXT)
        case _ if stage.kind.human and stage.outcomes:
            for outcome in stage.outcomes:
                positive = outcome.style == "positive"
                yield Edge(stage.key, outcome.next, outcome.key, outcome.title, positive)
        case _:
            yield from _onward(stage)


def _onward(stage: Stage) -> Iterator[Edge]:
    """The way on, and of a wait the way that it takes when its time comes first."""
    elapsed = stage.until.elapsed if stage.kind is StageKind.WAIT and stage.until is not None else None
    if stage.next is not None:
        yield Edge(stage.key, stage.next, "next", _HAPPENED if elapsed else _NO_TEXT)
    if elapsed is not None:
        yield Edge(stage.key, elapsed, "elapsed", _ELAPSED)


def edges(definition: Definition) -> tuple[Edge, ...]:
    """Every way of the definition."""
    return tuple(edge for stage in definition.stages for edge in leaving(stage))


def possible_edges(definition: Definition, facts: Facts) -> tuple[Edge, ...]:
    """The ways that remain when these facts are known: branches that can't hold and what stands behind one that must."""
    kept: list[Edge] = []
    for stage in definition.stages:
        taken = False
        for edge in leaving(stage):
            if stage.kind is not StageKind.DECISION or edge.label == "next":
                kept += [] if taken else [edge]
                continue
            truths = possible(stage.branches[int(edge.label)].when, facts)
            if not taken and True in truths:
                kept.append(edge)
            taken = taken or truths == {True}
    return tuple(kept)


def reached(start: str, ways: Iterable[Edge]) -> frozenset[str]:
    """Every stage that can be reached from `start`, itself included."""
    onward: dict[str, list[str]] = {}
    for edge in ways:
        onward.setdefault(edge.source, []).append(edge.target)
    seen = {start}
    todo = [start]
    while todo:
        fresh = [target for target in onward.get(todo.pop(), ()) if target not in seen]
        seen.update(fresh)
        todo += fresh
    return frozenset(seen)


def leads_to(ends: Iterable[str], ways: Iterable[Edge]) -> frozenset[str]:
    """Every stage from which one of `ends` can be reached, these included."""
    backward: dict[str, list[str]] = {}
    for edge in ways:
        backward.setdefault(edge.target, []).append(edge.source)
    seen = set(ends)
    todo = sorted(seen)
    while todo:
        fresh = [source for source in backward.get(todo.pop(), ()) if source not in seen]
        seen.update(fresh)
        todo += fresh
    return frozenset(seen)


def goes_round(start: str, ways: Iterable[Edge], gate: Callable[[Edge], bool], goals: Iterable[str]) -> bool:
    """Whether one of `goals` can be reached without ever taking a way that is a `gate`."""
    return not reached(start, (edge for edge in ways if not gate(edge))).isdisjoint(goals)


def leaves(*keys: str, consenting: bool = False) -> Callable[[Edge], bool]:
    """The gate of the ways out of these stages; with `consenting` only those of positive outcomes."""
    return lambda edge: edge.source in keys and (edge.positive or not consenting)
