"""Whatever is consumed and corrected in whatever order: every trace is complete and balanced, and the past stays.

REQUIREMENTS 13, 21, 25.  Against an account kept apart: what of each lot went into each batch is what was said last.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.order.messages.routing import PlannedStep
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.often import often
from tests.support.plant.correcting import correcting, used
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import in_stock

NUMBERS = count(1)
SEQS = tuple(range(1, 7))
STEPS = tuple(PlannedStep(seq=seq, code=f"S{seq}", title_zh="工序", title_en="Step") for seq in SEQS)
MATERIALS, BATCHES, THERE = 3, 2, 20
DENIED = {"STK-001", "LNK-009", "LOT-002"}

_material = st.integers(0, MATERIALS - 1)
_quantity = st.integers(1, 12)
_use = st.tuples(
    st.just("use"), st.integers(0, BATCHES - 1), st.lists(st.tuples(_material, _quantity), min_size=1, max_size=2)
)
_correct = st.tuples(
    st.just("correct"), st.integers(0, 99), st.lists(st.tuples(_material, _quantity), min_size=1, max_size=3)
)
_acts = st.lists(st.one_of(_use, _correct, _correct), min_size=2, max_size=9)


@dataclass
class Story:
    """A few batches of a few materials, and what was said to have gone into them."""

    plant: Plant
    name: str = field(default_factory=lambda: f"A{next(NUMBERS)}")
    links: dict[int, tuple[int, int, Decimal]] = field(default_factory=dict)
    """By key: batch, material, quantity."""
    done: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    seen: list[tuple[datetime, str, str]] = field(default_factory=list)

    def material(self, number: int) -> str:
        return f"{self.name}-R{number}"

    def batch(self, number: int) -> str:
        return f"{self.name}-B{number}"

    def begin(self) -> None:
        async def make() -> None:
            for number in range(MATERIALS):
                await self.plant.material(self.material(number), THERE)
            for number in range(BATCHES):
                await self.plant.order(self.batch(number), steps=STEPS)

        asyncio.run(make())

    def act(self, what: tuple[str, int, list[tuple[int, int]]]) -> None:
        kind, number, lots = what
        try:
            self.use(number, lots) if kind == "use" else self.correct(number, lots)
        except Refusal as refusal:
            if refusal.code not in DENIED:
                raise

    def use(self, batch: int, lots: list[tuple[int, int]]) -> None:
        if self.done[batch] == len(SEQS) - 1:
            return
        consumes = tuple({"lot_no": self.material(one), "quantity": quantity} for one, quantity in lots)
        command = self.plant.operation(self.batch(batch), SEQS[self.done[batch]], consumes=consumes)
        do(self.plant.engine, "record_operation", command)
        self.done[batch] += 1
        keys = self.rows("select max(id) from genealogy_edge")[0][0]
        for key, (one, quantity) in zip(range(keys - len(lots) + 1, keys + 1), lots, strict=True):
            self.links[key] = (batch, one, Decimal(quantity))

    def correct(self, number: int, lots: list[tuple[int, int]]) -> None:
        if not self.links:
            return
        key = sorted(self.links)[number % len(self.links)]
        batch, wrong, _ = self.links[key]
        right = dict(lots)
        command = correcting(
            self.plant,
            self.batch(batch),
            self.material(wrong),
            *(used(self.material(one), quantity) for one, quantity in right.items()),
            link=key,
        )
        done = do(self.plant.engine, "correct_link", command)
        del self.links[key]
        for made, (one, quantity) in zip(done.data["links"], right.items(), strict=True):
            self.links[made] = (batch, one, Decimal(quantity))

    def rows(self, query: str, **given: Any) -> list[Any]:
        with reading(self.plant.engine) as session:
            return list(session.connection().execute(text(query), given).all())

    def check(self) -> None:
        """Everything adds up now."""
        gone: dict[int, Decimal] = defaultdict(Decimal)
        into: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for batch, material, quantity in self.links.values():
            gone[material] += quantity
            into[self.material(material), self.batch(batch)] += quantity
        for number in range(MATERIALS):
            assert in_stock(self.plant, self.material(number)) == THERE - gone[number]
        assert self.rows("select count(*) from stock where quantity < 0") == [(0,)]
        with reading(self.plant.engine) as session:
            names = [self.material(number) for number in range(MATERIALS)]
            names += [self.batch(batch) for batch in {batch for batch, _, _ in self.links.values()}]
            for name in names:
                found = trace.trace_identifier(session, name, Direction.BOTH)
                assert (found.complete, found.balanced, found.findings) == (True, True, ()), name
                linked: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
                for edge in found.edges:
                    linked[edge.parent, edge.child] += edge.quantity or 0
                assert {one: into[one] for one in linked} == dict(linked)

    def remember(self) -> None:
        """What is known now, as it is answered now."""
        now = self.rows("select clock_timestamp()")[0][0]
        for number in range(BATCHES):
            self.seen.append((now, self.batch(number), self.as_of(now, self.batch(number))))
        self.seen.append((now, self.material(0), self.as_of(now, self.material(0))))

    def as_of(self, moment: datetime, name: str) -> str:
        with reading(self.plant.engine) as session:
            return trace.trace_identifier(session, name, Direction.BOTH, moment.isoformat()).digest


@pytest.mark.slow
@settings(max_examples=often(2, 100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_acts)
def test_every_trace_adds_up_and_the_past_stays(desk: Plant, acts: list[Any]) -> None:
    story = Story(desk)
    story.begin()
    for one in acts:
        story.act(one)
        story.check()
        story.remember()
    assert [story.as_of(moment, name) for moment, name, _ in story.seen] == [digest for _, _, digest in story.seen]
