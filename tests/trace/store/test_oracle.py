"""On any graph, with loops and corrections, a trace equals the closure computed by brute force (STANDARDS G 31)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.release.store import batch_record
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.graph import Plant, day
from tests.support.house.proves import proves
from tests.support.often import often

MakePlant = Callable[[], AbstractContextManager[Plant]]
LOTS = 9
Link = tuple[int, int, int]  # parent, child, day

_links = st.lists(
    st.tuples(st.integers(0, LOTS - 1), st.integers(0, LOTS - 1), st.integers(1, 6)).filter(
        lambda link: link[0] != link[1]
    ),
    max_size=22,
)
_mistaken = st.lists(  # parent, child, whether it was a mistake that the lot beside it replaced
    st.tuples(st.integers(0, LOTS - 1), st.integers(0, LOTS - 1), st.booleans()).filter(lambda one: one[0] != one[1]),
    min_size=4,
    max_size=14,
)
_corrected = st.dictionaries(st.integers(0, 21), st.integers(1, 6), max_size=5)  # which link, on which day


def closure(links: set[tuple[int, int]], start: int) -> set[int]:
    """What can be reached from the start, by trying every path of every length (Warshall)."""
    reach = [[(one, other) in links for other in range(LOTS)] for one in range(LOTS)]
    for middle in range(LOTS):
        for one in range(LOTS):
            for other in range(LOTS):
                reach[one][other] = reach[one][other] or (reach[one][middle] and reach[middle][other])
    return {start} | {other for other in range(LOTS) if reach[start][other]}


@proves("R11", "R12", "G 31")
@settings(max_examples=often(6, 600), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=_links, corrected=_corrected, start=st.integers(0, LOTS - 1), then=st.none() | st.integers(0, 6))
def test_every_trace_equals_brute_force(
    new_plant: MakePlant, links: list[Link], corrected: dict[int, int], start: int, then: int | None
) -> None:
    with new_plant() as plant:
        lots = [plant.raw(f"L{number}") for number in range(LOTS)]
        names = [lot.lot_no for lot in lots]
        rows = [plant.edge(lots[one], lots[other], 1, at=day(at)) for one, other, at in links]
        # a correction says the same link again: what matters is which row counts when
        known = [(one, other, at, corrected.get(place)) for place, (one, other, at) in enumerate(links)]
        for place, at in corrected.items():
            if place < len(links):
                one, other, _ = links[place]
                replaced = (one, (other + 1) % LOTS) if (other + 1) % LOTS != one else (one, other)
                plant.edge(lots[replaced[0]], lots[replaced[1]], 1, at=day(at), supersedes_id=rows[place].id)
                known.append((*replaced, at, None))
        alive = {
            (one, other)
            for one, other, at, gone in known
            if (then is None or at <= then) and (gone is None or (then is not None and gone > then))
        }
        reverse = {(other, one) for one, other in alive}
        above, below = closure(reverse, start), closure(alive, start)
        as_of = None if then is None else day(then)

        def ask(direction: Direction, of: int = start) -> set[str]:
            answer = trace.trace(plant.session, [lots[of].id], direction, as_of)
            assert len(answer.lot_nos()) == len(set(answer.lot_nos()))
            return set(answer.lot_nos())

        assert ask(Direction.BACKWARD) == {names[lot] for lot in above}
        assert ask(Direction.FORWARD) == {names[lot] for lot in below}
        assert ask(Direction.BOTH) == {names[lot] for lot in above | below}
        for lot in above:
            assert names[start] in ask(Direction.FORWARD, lot), "forward(backward(x)) contains x"

        answer = trace.trace(plant.session, [lots[start].id], Direction.BOTH, as_of)
        links_found = {(edge.parent, edge.child) for edge in answer.edges}
        inside = {(one, other) for one, other in alive if other in above or one in below}
        assert links_found == {(names[one], names[other]) for one, other in inside}


@settings(max_examples=often(6, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=_mistaken)
def test_what_a_release_rests_on_are_the_lots_that_a_trace_finds(
    new_plant: MakePlant, edges: list[tuple[int, int, bool]]
) -> None:
    """The batch record and the trace agree about what is upstream, and how far, also after corrections."""
    with new_plant() as plant:
        lots = [plant.raw(f"L{number}") for number in range(LOTS)]
        for parent, child, mistake in edges:
            row = plant.edge(lots[parent], lots[child], 1)
            if mistake:
                plant.edge(lots[(child + 1) % LOTS], lots[child], 1, supersedes_id=row.id)
        for lot in lots:
            plant.hold(lot, day(1))
        for start in lots:
            answer = trace.trace(plant.session, [start.id], Direction.BACKWARD)
            upstream = {node.lot_no: abs(node.depth) for node in answer.nodes if node.lot_no != start.lot_no}
            record = batch_record.build(plant.session, start)
            assert record.ancestors == len(upstream)
            assert {issue.lot_no: issue.depth for issue in record.ancestor_issues} == upstream
            assert {parent.lot_no for parent in record.parents} == {no for no, depth in upstream.items() if depth == 1}


def test_a_chain_of_five_thousand_lots_is_followed_to_its_end(new_plant: MakePlant) -> None:
    from sqlalchemy import text

    with new_plant() as plant:
        first = plant.raw("CHAIN-0", 1)
        plant.session.connection().execute(
            text(
                "with made as (insert into lot (lot_no, item_id, kind, status, quantity)"
                " select 'CHAIN-' || n, :item, 'raw', 'released', 1 from generate_series(1, 5000) n returning id)"
                " insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity)"
                " select coalesce(lag(id) over (order by id), :first), id, 'split', 1 from made"
            ),
            {"item": first.item_id, "first": first.id},
        )
        answer = trace.trace(plant.session, [first.id], Direction.FORWARD)
        assert len(answer.nodes) == 5001
        assert answer.nodes[-1].depth == 5000
