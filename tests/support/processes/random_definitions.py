"""Random process definitions that make sense, with every kind of stage, and somebody who carries them out in any order.

The definitions are built of blocks, as a process owner would draw them: a row of steps, ways back within the row, tracks that join.
What carries them out knows only the engine's own functions; it asks for much that is impossible, as people and clocks do.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.definition.document import Definition, Stage, StageKind
from models.definition.graph import edges
from models.kernel.refusal import Refusal
from models.process import engine as process
from models.process.many import for_each as process_many
from models.process.state import OpenStage, RunState, Step
from models.process.time.moments import SiteTime
from tests.support.definitions import NOBODY, NOW, answers, end, small, text

RESULTS = ("good", "bad")
CHILDREN = {"child": frozenset(RESULTS)}
"""What lint is told of the process that subprocesses run."""
FACT = "thing.happened"
LOTS = {
    "key": "lots",
    "title": text("lots"),
    "type": "table",
    "columns": [{"key": "lot", "title": text("lot"), "type": "text"}],
}
SLA = {
    "pick_up": "PT1H",
    "complete": "PT4H",
    "escalations": [{"after": "PT4H", "to_role": "quality_manager", "message": text("late")}],
}


@dataclass
class _Builder:
    choose: random.Random
    stages: list[dict[str, Any]] = field(default_factory=list)
    used: int = 0

    def key(self) -> str:
        self.used += 1
        return f"s{self.used}"

    def row(self, depth: int, leads_to: str, length: int) -> str:
        """Some blocks in a row; answers the first one's key.  Ways back stay in the row."""
        keys = [self.key() for _ in range(length)]
        for place, key in enumerate(keys):
            onward = [*keys[place + 1 :], leads_to]
            self.block(key, onward, keys[: place + 1], depth)
        return keys[0]

    def block(self, key: str, onward: list[str], back: list[str], depth: int) -> None:
        """One block: on to `onward[0]`, or further, or back."""
        makers: list[Callable[[str, list[str], list[str]], dict[str, Any]]] = [
            self.task, self.task, self.sign_off, self.wait, self.wait, self.action, self.subprocess, self.each, self.decision,
        ]  # fmt: skip
        if depth and self.choose.random() < 0.2:
            starts = [
                self.row(depth - 1, onward[0], self.choose.randint(1, 3)) for _ in range(self.choose.randint(2, 3))
            ]
            self.add(key, kind="parallel", tracks={"start": starts, "join": onward[0]})
            return
        stage = self.choose.choice(makers)(key, onward, back)
        if stage["kind"] not in {"decision", "parallel"} and self.choose.random() < 0.5:
            stage["sla"] = SLA
        self.add(key, **stage)

    def add(self, key: str, **stage: Any) -> None:
        self.stages.append({"key": key, **stage})

    def outcomes(self, onward: list[str], back: list[str]) -> list[dict[str, Any]]:
        other = self.choose.choice([*onward, *back])
        return [
            {"key": "yes", "title": text("yes"), "next": onward[0], "style": "positive"},
            {"key": "no", "title": text("no"), "next": other, "style": "negative", "reason_required": True},
        ]

    def task(self, _: str, onward: list[str], back: list[str]) -> dict[str, Any]:
        """A step whose answers a wait or a list may read."""
        form = [{"key": "day", "title": text("day"), "type": "date", "required": True}, LOTS]
        stage: dict[str, Any] = {"kind": "task", "role": "operator", "form": form}
        human = [one["key"] for one in self.stages if one["kind"] in {"task", "sign_off"}]
        if human and self.choose.random() < 0.3:
            stage |= {"not_same_as": [self.choose.choice(human)], "rounds": self.choose.choice(["last", "all"])}
        ways = {"outcomes": self.outcomes(onward, back)} if self.choose.random() < 0.4 else {"next": onward[0]}
        return stage | ways

    def sign_off(self, _: str, onward: list[str], back: list[str]) -> dict[str, Any]:
        signature = {"meaning": "approved", "title": text("approved")}
        return {
            "kind": "sign_off",
            "role": "qa_approver",
            "signature": signature,
            "outcomes": self.outcomes(onward, back),
        }

    def wait(self, _: str, onward: list[str], back: list[str]) -> dict[str, Any]:
        before = [one["key"] for one in self.stages if one["kind"] == "task"]
        until: dict[str, Any] = {"working": self.choose.random() < 0.5}
        if self.choose.random() < 0.6 or not before:
            until["after"] = self.choose.choice(["PT8H", "P2D", "P1W"])
        if before and (self.choose.random() < 0.5 or "after" not in until):
            until |= {"date": f"{self.choose.choice(before)}.day", "offset": self.choose.choice(["P0D", "P3D"])}
        match self.choose.randrange(3):
            case 0:
                return {"kind": "wait", "fact": FACT, "next": onward[0]}
            case 1:
                return {"kind": "wait", "until": until, "next": onward[0]}
            case _:
                late = self.choose.choice([*onward, *back])
                return {"kind": "wait", "fact": FACT, "until": until | {"elapsed": late}, "next": onward[0]}

    def action(self, _: str, onward: list[str], __: list[str]) -> dict[str, Any]:
        return {"kind": "action", "does": ["sample.count"], "next": onward[0]}

    def subprocess(self, _: str, onward: list[str], back: list[str]) -> dict[str, Any]:
        other = self.choose.choice([*onward, *back])
        return {"kind": "subprocess", "process": "child", "results": {"good": onward[0], "bad": other}}

    def each(self, _: str, onward: list[str], __: list[str]) -> dict[str, Any]:
        before = [one["key"] for one in self.stages if one["kind"] == "task"]
        rows = bool(before) and self.choose.random() < 0.5
        each: dict[str, Any] = {"rows": f"{self.choose.choice(before)}.lots"} if rows else {"links": "affected"}
        each |= {"enough": self.choose.randint(1, 3)} if self.choose.random() < 0.5 else {}
        return {"kind": "subprocess", "process": "child", "for_each": each, "next": onward[0]}

    def decision(self, key: str, onward: list[str], back: list[str]) -> dict[str, Any]:
        lists = [one["key"] for one in self.stages if "for_each" in one]
        branches = [_branch({"op": "eq", "fact": f"choice.{key}", "value": True}, self.choose.choice([*onward, *back]))]
        if lists:
            several = {"op": "ge", "fact": f"{self.choose.choice(lists)}.good", "value": 2}
            branches.append(_branch(several, self.choose.choice(onward)))
        return {"kind": "decision", "branches": branches, "next": onward[0]}


def _branch(when: dict[str, Any], target: str) -> dict[str, Any]:
    return {"when": when, "next": target, "title": text("way")}


def build(choose: random.Random) -> Definition:
    """A definition that may make sense; lint says."""
    builder = _Builder(choose)
    start = builder.row(2, "finished", choose.randint(1, 6))
    return small(*builder.stages, end("finished", "closed"), start=start, language=2)


@dataclass
class Carrier:
    """Carries a definition out: people, facts, clocks and ends of children in any order, possible or not."""

    definition: Definition
    choose: random.Random
    site: SiteTime
    now: datetime = NOW
    log: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    old: list[tuple[str, datetime]] = field(default_factory=list)
    state: RunState = field(init=False)

    def __post_init__(self) -> None:
        self.distance = _distances(self.definition)
        self.taken(process.start(self.definition, {}, self.now))

    def taken(self, step: Step) -> None:
        """What whoever opens stages does at once: hand a list its items."""
        self.state = step.state
        for stage in step.opened:
            self.kinds.add(stage.kind)
            here = next((one for one in self.state.open if one.key == stage.key), None)
            if here is not None and stage.kind is StageKind.WAIT:
                self.old.append((here.key, here.opened_at))
            if here is not None and stage.for_each is not None:
                items = [str(self.choose.randint(1, 4)) for _ in range(self.choose.randint(0, 5))]
                self.taken(process.spread(self.definition, self.state, stage.key, items, self.now, RESULTS))

    def anything(self) -> None:
        """One command, timer, fact or end of a child; refused where it makes no sense."""
        self.now += timedelta(minutes=self.choose.choice([1, 60, 60 * 24]))
        stage = self.choose.choice(self.definition.stages)
        if self.state.open and self.choose.random() < 0.7:
            stage = self.definition.stage(self.choose.choice(self.state.open).key)
        result = self.choose.choice([*RESULTS, "strange"])
        ways: list[Callable[[], Step]] = [
            lambda: self.person(stage, self.choose.choice(["yes", "no", None]), self.choose.choice("abc")),
            lambda: process.fact(self.definition, self.state, FACT, self.now, self.choices(self.choose.random() < 0.5)),
            lambda: self.clock(stage),
            lambda: process.child_result(
                self.definition, self.state, stage.key, result, self.now, item=self.choose.choice(["1", "2", None])
            ),
            lambda: process.done(self.definition, self.state, stage.key, self.now),
            lambda: Step(state=process.raised(self.definition, self.state, stage.key, self.choose.randint(1, 2))),
        ]
        try:
            self.taken(self.choose.choice(ways)())
        except Refusal as refusal:
            self.refused.add(refusal.code)

    def person(self, stage: Stage, outcome: str | None, who: str) -> Step:
        outcome = outcome if stage.outcomes else None
        form = answers(stage) | ({"day": (self.now + timedelta(days=2)).strftime("%Y-%m-%d")} if stage.form else {})
        return process.complete(self.definition, self.state, stage.key, outcome, form, [who], self.now, NOBODY)

    def clock(self, stage: Stage) -> Step:
        """The timer of this stage, or one of a round that is over."""
        key, opened_at = self.choose.choice(self.old) if self.old and self.choose.random() < 0.3 else (stage.key, None)
        return process.elapse(self.definition, self.state, key, self.now, opened_at=opened_at, site=self.site)

    def choices(self, value: bool) -> dict[str, bool]:
        """The facts that decisions go by."""
        return {f"choice.{one.key}": value for one in self.definition.stages if one.kind is StageKind.DECISION}

    def nearer(self, ways: dict[str, str]) -> str:
        """The way from which an end is nearest."""
        return min(ways, key=lambda label: self.distance[ways[label]])

    def finish(self) -> None:
        """Go to an end by what the stages that are open take, never asking for what can't be."""
        for number in range(400):
            if self.state.result is not None:
                return
            one = self.state.open[0]
            self.now += timedelta(minutes=1)
            self.taken(self.possible(one, number))

    def possible(self, one: OpenStage, number: int) -> Step:
        stage = self.definition.stage(one.key)
        ways = {edge.label: edge.target for edge in edges(self.definition) if edge.source == one.key}
        # decisions behind this step go where the end is near
        facts = {
            f"choice.{each.key}": self.distance[each.branches[0].next]
            < min(self.distance[str(each.next)], self.distance[each.key])  # a way back to itself is no way
            for each in self.definition.stages
            if each.kind is StageKind.DECISION
        }
        self.state = process.fact(self.definition, self.state, "nobody.waits", self.now, facts).state
        if stage.kind.human:
            return self.person(stage, self.nearer(ways) if stage.outcomes else None, f"person {number}")
        if stage.kind is StageKind.ACTION:
            return process.done(self.definition, self.state, one.key, self.now)
        if stage.for_each is not None:
            item = next(item for item, result in self.state.many[one.key].items() if result is None)
            return process.child_result(self.definition, self.state, one.key, "good", self.now, item=item)
        if stage.kind is StageKind.SUBPROCESS:
            return process.child_result(self.definition, self.state, one.key, self.nearer(ways), self.now)
        moment = process.until(stage, one.opened_at, self.state, self.site)
        if moment is not None and (stage.fact is None or self.nearer(ways) == "elapsed"):
            self.now = max(self.now, moment.at)
            return process.elapse(
                self.definition, self.state, one.key, self.now, opened_at=one.opened_at, site=self.site
            )
        return process.fact(self.definition, self.state, str(stage.fact), self.now)


def _distances(definition: Definition) -> dict[str, int]:
    """For each stage the fewest steps to an end."""
    ends = [stage.key for stage in definition.stages if stage.kind is StageKind.END]
    distance, todo = dict.fromkeys(ends, 0), deque(ends)
    while todo:
        key = todo.popleft()
        for edge in edges(definition):
            if edge.target == key and edge.source not in distance:
                distance[edge.source] = distance[key] + 1
                todo.append(edge.source)
    return distance


def state_of(carrier: Carrier) -> dict[str, Any]:
    """What must be true of a state at any time; raised as an AssertionError by whoever asks."""
    keys = [one.key for one in carrier.state.open]
    many = {
        key: process_many.complete(carrier.state, carrier.definition.stage(key))
        for key in keys
        if carrier.definition.stage(key).for_each
    }
    return {
        "twice open": len(keys) != len(set(keys)),
        "stuck": not keys and carrier.state.result is None,
        "past": any(many.values()),
    }
