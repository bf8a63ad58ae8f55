"""On random days in a plant, a co-exposure equals what a clock that ticks through them sees (REQ 20)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.exposure.rules.window import Window
from models.exposure.store import exposure
from tests.support.graph import Plant, day
from tests.support.graph_work import Work
from tests.support.house.proves import proves
from tests.support.often import often

MakePlant = Callable[[], AbstractContextManager[Plant]]
END = 8
LOTS, MACHINES, PEOPLE, ROOMS = 3, ["M-0", "M-1"], ["P-0", "P-1"], ["R-0", "R-1"]


@dataclass(frozen=True)
class Run:
    lot: int
    starts: int
    lasts: int
    machines: frozenset[str]
    people: frozenset[str]
    room: str | None
    consumes: int | None
    load: str | None


_runs = st.lists(
    st.builds(
        Run,
        lot=st.integers(0, LOTS - 1),
        starts=st.integers(0, END),
        lasts=st.integers(0, 3),
        machines=st.frozensets(st.sampled_from(MACHINES)),
        people=st.frozensets(st.sampled_from(PEOPLE)),
        room=st.none() | st.sampled_from(ROOMS),
        consumes=st.none() | st.integers(0, LOTS - 1),
        load=st.none() | st.sampled_from(["C-1", "C-2"]),
    ),
    max_size=5,
)
_values = st.lists(
    st.tuples(st.integers(0, LOTS - 1), st.integers(0, END), st.sampled_from(MACHINES), st.sampled_from(PEOPLE)),
    max_size=4,
)
_moves = st.lists(  # lot, when, how much into the one room (negative: out of it)
    st.tuples(st.integers(0, LOTS - 1), st.integers(0, END), st.sampled_from([-2, -1, 1, 2])), max_size=6
)
_ends = st.tuples(st.none() | st.integers(0, END), st.none() | st.integers(1, END))
Thing = tuple[str, str]


def ticks(starts: float, ends: float | None) -> set[float]:
    """The moments of `[starts, ends)` on a clock that ticks twice in each unit; one without duration has one."""
    last = END + 20 if ends is None else ends
    return {starts, *(tick / 2 for tick in range(int(starts * 2), int(last * 2)))}


def events(runs: list[Run], values: list[tuple[int, int, str, str]], moves: list[tuple[int, int, int]]) -> list[tuple[set[float], set[Thing]]]:  # fmt: skip
    """Every event as its ticks and everybody who took part."""
    said = []
    for run in runs:
        there = {("lot", f"L{run.lot}"), *(("equipment", one) for one in run.machines)}
        there |= {("person", one) for one in run.people}
        there |= {("location", run.room)} if run.room else set()
        there |= {("load", run.load)} if run.load else set()
        if run.consumes is not None and run.consumes != run.lot:
            there.add(("lot", f"L{run.consumes}"))
        said.append((ticks(run.starts, run.starts + run.lasts), there))
    for lot, at, machine, person in values:
        said.append(({float(at)}, {("lot", f"L{lot}"), ("equipment", machine), ("person", person)}))
    for lot in range(LOTS):
        mine, lies, since = [one for one in moves if one[0] == lot], 0, 0
        for _, at, change in sorted(mine, key=lambda one: one[1]):
            if lies <= 0:
                since = at
            lies += change
            if lies <= 0:
                said.append((ticks(since, at), {("lot", f"L{lot}"), ("location", "R-0")}))
        if lies > 0:
            said.append((ticks(since, None), {("lot", f"L{lot}"), ("location", "R-0")}))
    return said


@proves("R20", "G 38")
@settings(max_examples=often(6, 600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=_runs, values=_values, moves=_moves, ends=_ends)
def test_every_exposure_equals_the_clock(
    new_plant: MakePlant,
    runs: list[Run],
    values: list[tuple[int, int, str, str]],
    moves: list[tuple[int, int, int]],
    ends: tuple[int | None, int | None],
) -> None:
    with new_plant() as plant:
        work = Work(plant)
        lots = [plant.lot(f"L{number}", "finished", 10) for number in range(LOTS)]
        for run in runs:
            eaten = [] if run.consumes in {None, run.lot} else [lots[run.consumes or 0]]
            work.run(
                lots[run.lot], day(run.starts), day(run.starts + run.lasts), machines=sorted(run.machines),
                people=sorted(run.people), room=run.room, consumes=eaten, load_no=run.load,
            )  # fmt: skip
        for lot, at, machine, person in values:
            work.measure(lots[lot], day(at), machine=machine, person=person)
        for lot, at, change in moves:
            came, left = ("R-0", None) if change > 0 else (None, "R-0")
            work.shift(lots[lot], abs(change), day(at), came, left)
        for name in MACHINES:
            work.machine(name)
        for name in PEOPLE:
            work.person(name)
        for name in ROOMS:
            work.room(name)
        since, until = ends
        if since is not None and until is not None and since >= until:
            until = since + 1
        open_ = Window(None if since is None else day(since), None if until is None else day(until))
        clock = ticks(-1 if since is None else since, END + 30 if until is None else until)
        said = events(runs, values, moves)
        loads = sorted({run.load for run in runs if run.load})
        things = [*(("lot", f"L{n}") for n in range(LOTS)), *(("equipment", one) for one in MACHINES)]
        things += [*(("person", one) for one in PEOPLE), *(("location", one) for one in ROOMS)]
        met = {}
        for thing in [*things, *(("load", one) for one in loads)]:
            expected = {other for when, there in said if thing in there and when & clock for other in there} - {thing}
            subject = exposure.find(plant.session, ":".join(thing))
            answer = exposure.answer(plant.session, subject, open_)
            assert {(one.sort, one.number) for one in answer.touches} == expected, thing
            assert {lot.lot_no for lot in answer.lots} == {number for sort, number in expected if sort == "lot"}
            met[thing] = expected
        for thing, others in met.items():
            assert all(thing in met[other] for other in others), "who met whom goes both ways"
