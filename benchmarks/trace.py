"""A trace: ours ÷ a breadth-first search over arrays in memory, one query per node ÷ ours (REQ 11-13, 87; DESIGN 9).

    .venv/bin/python benchmarks/trace.py [--edges 100000|1000000|10000000] [--json] [--repeats N]

A plant from a seed (`_graph`) is copied into the real tables of an embedded PostgreSQL.  Every question is asked of
ordinary material lots and of hubs (forward, with what was shipped) and of ordinary finished lots (backward).  Before
anything is measured, each answer must equal the one of the search in memory, which never saw the database.  Besides: the
whole answer with evidence and completeness ÷ the closure, and the same questions in a plant a tenth of the size.
"""

# ruff: noqa: S608 - statements are put together from names of our own

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import event, text
from sqlmodel import Session

from benchmarks import _graph, _timing
from benchmarks._graph_load import load
from benchmarks.inbox import cluster
from models import migrations
from models.genealogy.store import alive as genealogy
from models.kernel.store.db import OPTIONS, engine
from models.trace.rules.trace import Direction
from models.trace.store import trace
from runtime.postgres import APPLICATION, OWNER, SUPERUSER, Postgres

ORDINARY, HUBS = 40, 4

# the closure and what was shipped of it, as keys: what the search in memory answers too
FORWARD = """
with closure as materialized (select lots_below(array[%s::bigint]) as lots)
select c.lots, array(select s.id from shipment_line s where s.lot_id = any(c.lots)) from closure c
"""
BACKWARD = "select lots_above(array[%s::bigint]), cast('{}' as bigint[])"
# what DESIGN 9 measured: one plain recursive statement with the same answer
RECURSIVE = f"""
with recursive closure (lot) as (
  select %s::bigint
  union
  select e.{{there}} from closure c join genealogy_edge e on e.{{here}} = c.lot where {genealogy.ALIVE}
)
select array_agg(c.lot), {{lines}} from (select lot from closure) c {{join}}
"""
RECURSIVE_FORWARD = RECURSIVE.format(
    here="parent_lot_id",
    there="child_lot_id",
    lines="array_agg(s.id)",
    join="left join shipment_line s on s.lot_id = c.lot",
)
RECURSIVE_BACKWARD = RECURSIVE.format(
    here="child_lot_id", there="parent_lot_id", lines="cast(null as bigint[])", join=""
)
ONE = "select e.{there} from genealogy_edge e where e.{here} = %s and " + genealogy.ALIVE
ONE_FORWARD = ONE.format(here="parent_lot_id", there="child_lot_id")
ONE_BACKWARD = ONE.format(here="child_lot_id", there="parent_lot_id")
SHIPPED = "select s.id from shipment_line s where s.lot_id = any(%s)"

Keys = tuple[set[int], set[int]]


@dataclass
class Site:
    """A plant in the database and in memory."""

    truth: _graph.Truth
    search: _graph.Search
    connection: psycopg.Connection[Any]
    url: str
    statements: int = 0

    def ask(self, query: str, *given: Any) -> list[Any]:
        """One statement, prepared, answered in binary."""
        self.statements += 1
        with self.connection.cursor(binary=True) as cursor:
            return cursor.execute(query.encode(), given, prepare=True).fetchall()

    def asker(self, query: str) -> Callable[[int], object]:
        """Asks the query of a lot."""
        return lambda lot: self.ask(query, lot + 1)

    def per_node(self, lot: int, *, forward: bool) -> Keys:
        """A query for each lot, and only one for all that was shipped: kinder than most programs are."""
        query = ONE_FORWARD if forward else ONE_BACKWARD
        seen, order = {lot + 1}, [lot + 1]
        for here in order:
            for (other,) in self.ask(query, here):
                if other not in seen:
                    seen.add(other)
                    order.append(other)
        return seen, {row[0] for row in self.ask(SHIPPED, order)} if forward else set()


def _keys(rows: list[Any]) -> Keys:
    lots, lines = rows[0]
    return set(lots), set(lines or ()) - {None}


def furnish(server: Postgres, edges: int) -> Site:
    """A database with a plant of so many links."""
    name = f"graph_{edges}"
    print(f"a plant of {edges} links", file=sys.stderr)
    truth = _graph.make(edges)
    with server.connect() as administration:
        server.create_database(administration, name)
    migrations.upgrade(server.url(OWNER, name))
    with server.connect(SUPERUSER, name) as owner:
        load(owner, truth)
    url = server.url(APPLICATION, name)
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True, options=OPTIONS)
    return Site(truth, _graph.Search(truth), connection, url)


@dataclass(frozen=True)
class Question:
    """Lots to ask about, and which way."""

    name: str
    lots: list[int]
    forward: bool

    @property
    def direction(self) -> Direction:
        """The same for a whole answer."""
        return Direction.FORWARD if self.forward else Direction.BACKWARD

    @property
    def ours(self) -> str:
        """Our closure."""
        return FORWARD if self.forward else BACKWARD

    @property
    def recursive(self) -> str:
        """A plain recursive statement."""
        return RECURSIVE_FORWARD if self.forward else RECURSIVE_BACKWARD


def questions(truth: _graph.Truth) -> list[Question]:
    """Ordinary material forward, ordinary products backward, hubs forward whose eight blocks are whole."""
    whole = [hub for hub in truth.hubs if hub + _graph.HUB_BLOCKS * _graph.BLOCK < truth.lots]
    return [
        Question("ordinary lots forward", truth.ordinary("raw", ORDINARY, 1), forward=True),
        Question("ordinary lots backward", truth.ordinary("finished", ORDINARY, 2), forward=False),
        Question("hub lots forward", whole[len(whole) // 2 :][:HUBS], forward=True),
    ]


def verify(site: Site, question: Question) -> float:
    """Each way to ask has the answer of the search in memory; answers how many lots it has, on average."""
    sizes = []
    for lot in question.lots:
        lots, lines = site.search.answer(lot, forward=question.forward)
        truth = {each + 1 for each in lots}, {each + 1 for each in lines}
        for query in (question.ours, question.recursive):
            assert _keys(site.ask(query, lot + 1)) == truth, (question.name, lot, query)
        assert site.per_node(lot, forward=question.forward) == truth, (question.name, lot)
        sizes.append(len(lots))
    return statistics.mean(sizes)


def timed(question: Question, way: Callable[[int], object]) -> Callable[[], float]:
    """Seconds for all lots of the question, the mean of one."""

    def run() -> float:
        began = time.perf_counter()
        for lot in question.lots:
            way(lot)
        return (time.perf_counter() - began) / len(question.lots)

    return run


def measure(site: Site, small: Site | None, repeats: int) -> dict[str, float]:
    """The ratios of all questions."""
    ratios: dict[str, float] = {}
    fewer = questions(small.truth) if small is not None else []
    for place, question in enumerate(questions(site.truth)):
        size = verify(site, question)
        print(f"{question.name}: {size:.0f} lots each; every answer equals the search in memory", file=sys.stderr)
        cases = _cases(site, question)
        if small is not None:
            print(f"  a tenth of the data: {verify(small, fewer[place]):.0f} lots each", file=sys.stderr)
            cases["closure, a tenth of the data"] = timed(fewer[place], small.asker(question.ours))
        with whole_answers(site, question) as (whole, statements):
            cases["whole answer"] = whole
            median = _timing.medians(cases, repeats)
            ratios |= _ratios(question.name, median)
            ratios[f"{question.name}, statements: whole answer"] = statements()
        ratios[f"{question.name}, statements: query per node ÷ closure"] = count(site, question)
    return ratios


def _cases(site: Site, question: Question) -> dict[str, Callable[[], float]]:
    searches = {lot: site.search.prepared(lot, forward=question.forward) for lot in question.lots}
    return {
        "closure": timed(question, site.asker(question.ours)),
        "search in memory": timed(question, lambda lot: searches[lot]()),
        "recursive query": timed(question, site.asker(question.recursive)),
        "query per node": timed(question, lambda lot: site.per_node(lot, forward=question.forward)),
    }


def _ratios(name: str, median: dict[str, float]) -> dict[str, float]:
    closure = median["closure"]
    found = {
        f"{name}: closure with shipments ÷ search in memory": closure / median["search in memory"],
        f"{name}: plain recursive query ÷ search in memory": median["recursive query"] / median["search in memory"],
        f"{name}: query per node ÷ closure with shipments": median["query per node"] / closure,
        f"{name}: whole answer ÷ closure with shipments": median["whole answer"] / closure,
    }
    if "closure, a tenth of the data" in median:
        found[f"{name}: all links ÷ a tenth of them"] = closure / median["closure, a tenth of the data"]
    return found


def count(site: Site, question: Question) -> float:
    """Statements of a query per node, on average; ours is one."""
    site.statements = 0
    for lot in question.lots:
        site.per_node(lot, forward=question.forward)
    return site.statements / len(question.lots)


@contextmanager
def whole_answers(site: Site, question: Question) -> Iterator[tuple[Callable[[], float], Callable[[], float]]]:
    """The product's own trace: evidence, customers, balances, completeness; and how many statements one takes."""
    connected = engine(site.url, pool_size=1)
    sent: list[str] = []
    event.listen(connected, "before_cursor_execute", lambda *said: sent.append(str(said[2])))
    with Session(connected) as session:
        session.connection().execute(text("select 1"))

        answered = timed(question, lambda lot: trace.trace(session, [lot + 1], question.direction))

        def statements() -> float:
            sent.clear()
            trace.trace(session, [question.lots[0] + 1], question.direction)
            return len(sent)

        check(session, site, question)
        yield answered, statements
    connected.dispose()


def check(session: Session, site: Site, question: Question) -> None:
    """The whole answer has the same lots, what each customer got is the truth's, and nothing is missing."""
    for lot in question.lots[:HUBS]:
        lots, _ = site.search.answer(lot, forward=question.forward)
        offsets, of_lot = site.search.lines
        sold = lots if question.forward else {lot}  # what was shipped of a product's materials is not its story
        lines = [line for each in sold for line in of_lot[offsets[each] : offsets[each + 1]]]
        answer = trace.trace(session, [lot + 1], question.direction)
        assert set(answer.lot_nos()) == {f"B{each:08}" for each in lots}
        shipped: dict[str, int] = {}
        for line in lines:
            customer = f"C-{site.truth.shipment_customer[site.truth.line_shipment[line]] + 1:04}"
            shipped[customer] = shipped.get(customer, 0) + site.truth.line_quantity[line]
        ours: dict[str, int] = {}
        for row in answer.customers:
            ours[row.customer_no] = ours.get(row.customer_no, 0) + int(row.shipped)
        assert ours == shipped
        assert answer.complete, answer.findings[:3]
        assert answer.balanced, answer.findings[:3]


def main() -> None:
    """Make the plants, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    began = time.perf_counter()
    with cluster() as server:
        small = furnish(server, given.edges // 10) if given.edges >= 1_000_000 else None
        site = furnish(server, given.edges)
        ratios = measure(site, small, given.repeats)
    print(f"{time.perf_counter() - began:.0f} s in all", file=sys.stderr)
    _timing.report(ratios, given.repeats, as_json=given.json)


if __name__ == "__main__":
    main()
