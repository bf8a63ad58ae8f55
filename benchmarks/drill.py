"""A recall drill from a scan to a scope that two people have signed: a large plant ÷ a small one (REQ 14, 81).

    .venv/bin/python benchmarks/drill.py [--edges 1000000] [--json] [--repeats N]

Two complete Batchwrights (PostgreSQL, Temporal, worker, API, durable settings) run side by side, each with a plant of
`_graph`: one of `--edges` links, one as small as the generator makes.  孙召 scans a supplier's lot, a UDI, a serial or
our own number and reads the scope, signs it; 吴经理 reads and signs it: all over HTTP.  Both plants are asked for scopes
of the same size, in turns; the lots and customers of each must be those of the search in memory.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import _graph, _timing
from benchmarks._graph_load import load
from models.kernel.store import db
from models.kernel.store.act import Actor, act
from models.plant.store import plant
from runtime.demo.people.drill import COORDINATOR, MANAGER, Drill
from runtime.demo.people.office import Office, patiently
from runtime.postgres import DATABASE, SUPERUSER
from runtime.settings import Settings
from runtime.stack import ALL
from runtime.supervisor import running_stack
from tests.support.plant.plant import PASSWORD

SMALLEST = 90_000
CANDIDATES = 60
DI = "06901234567892"
SETUP = Actor(actor_id="service:demo", name="benchmark", source="benchmark", reason="benchmark")
# what a scanner may meet besides lot numbers
LABELS = (
    (
        f"insert into item_identifier (item_id, agency, code) select i.id, 'GS1', '{DI}' from item i where i.item_no = 'RAW'"  # noqa: S608 - our own number
        " on conflict do nothing"
    ),
    (
        "insert into serial_unit (serial_no, item_id, lot_id) select 'SN' || l.id, l.item_id, l.id from lot l"
        " where l.kind = 'raw' on conflict do nothing"
    ),
)
WAYS = ("supplier's lot", "UDI", "serial", "our lot")


def scanned(way: str, lot: int) -> str:
    """What the scanner reads of that lot."""
    return {
        "supplier's lot": f"P{lot * 7}",
        "UDI": f"(01){DI}(10)B{lot:08}",
        "serial": f"SN{lot + 1}",
        "our lot": f"B{lot:08}",
    }[way]


@dataclass
class Site:
    """A Batchwright at work with its truth."""

    name: str
    edges: int
    truth: _graph.Truth
    search: _graph.Search
    office: Office

    def size(self, lot: int) -> int:
        """Lots that a recall of this one concerns."""
        return len(self.search.answer(lot, forward=True)[0])

    def drill(self, way: str, lot: int) -> dict[str, float]:
        """One drill; seconds until the scope is there, and until two people have signed it."""
        drill = Drill(self.office)
        began = time.perf_counter()
        drill.open(scanned(way, lot), title="演练 / drill", reason="benchmark")
        seen = drill.view()
        there = time.perf_counter() - began
        drill.freeze()
        signed = time.perf_counter() - began
        self.check(lot, seen["row"], drill.view())
        return {"scope": there, "signed": signed}

    def check(self, lot: int, row: dict[str, Any], after: dict[str, Any]) -> None:
        """The scope is the truth's, whole and balanced, and two people stand behind it."""
        lots, lines = self.search.answer(lot, forward=True)
        customers = {self.truth.shipment_customer[self.truth.line_shipment[line]] for line in lines}
        assert (row["lots"], row["customers"]) == (len(lots), len(customers)), (self.name, lot, row)
        assert row["complete"], row
        assert row["balanced"], row
        assert {one["name"] for one in after["signatures"]} == {
            self.office[COORDINATOR].name,
            self.office[MANAGER].name,
        }, after["signatures"]


@contextmanager
def site(name: str, edges: int) -> Iterator[Site]:
    """A complete Batchwright on a folder of its own, with a plant of about so many links."""
    print(f"{name}: a plant of {edges} links", file=sys.stderr)
    truth = _graph.make(edges)
    with tempfile.TemporaryDirectory(prefix="batchwright-bench-") as home:
        settings = Settings.model_validate(
            {
                **Settings().model_dump(),
                "database_url": None,
                "database_owner_url": None,
                "temporal_address": None,
                "home": Path(home),
                "port": 0,
                "host": "127.0.0.1",
                "temporal_ui": False,
                "secure_cookies": False,
                "log_level": "warning",
            }
        )
        with running_stack(settings, ALL) as stack:
            engine = db.engine(str(stack.settings.database_url), pool_size=1)
            with act(engine, SETUP) as session:
                plant.found(session, PASSWORD, datetime.now(UTC))
            engine.dispose()
            assert stack.postgres is not None
            with stack.postgres.connect(SUPERUSER, DATABASE) as owner:
                load(owner, truth)
                owner.execute("set session_replication_role = replica")
                for statement in LABELS:
                    owner.execute(statement.encode())
                owner.execute("analyze")
            office = Office(stack.api_url, PASSWORD)
            patiently(lambda: office[COORDINATOR])
            yield Site(name, len(truth.parent), truth, _graph.Search(truth), office)
            office.close()


def pairs(large: Site, small: Site, many: int) -> list[tuple[int, int]]:
    """Ordinary material lots of both, whose scopes have as nearly as possible the same size."""
    theirs = {lot: small.size(lot) for lot in small.truth.ordinary("raw", CANDIDATES, 3)}
    chosen = []
    for lot in large.truth.ordinary("raw", many, 4):
        size = large.size(lot)
        nearest = min(theirs, key=lambda one: abs(theirs[one] - size))
        print(f"  scopes of {size} and {theirs.pop(nearest)} lots", file=sys.stderr)
        chosen.append((lot, nearest))
    return chosen


def measure(large: Site, small: Site, repeats: int) -> dict[str, float]:
    """The ratios; the first pair warms up."""
    measured: dict[tuple[str, str], list[float]] = {}
    for place, (lot, other) in enumerate(pairs(large, small, repeats + 1)):
        way = WAYS[place % len(WAYS)]
        order = [(large, lot), (small, other)] if place % 2 else [(small, other), (large, lot)]
        for one, key in order:
            took = one.drill(way, key)
            said = ", ".join(f"{what} after {seconds:.2f} s" for what, seconds in took.items())
            print(f"  {one.name}, {way} {scanned(way, key)}: {said}", file=sys.stderr)
            for what, seconds in took.items():
                if place:
                    measured.setdefault((one.name, what), []).append(seconds)
    median = {key: statistics.median(values) for key, values in measured.items()}
    for (name, what), seconds in median.items():
        print(f"  median, {name}: {what} after {seconds:.2f} s", file=sys.stderr)
    sizes = f"{large.edges} links ÷ {small.edges}, scopes of the same size"
    return {
        f"drill, scan to scope: {sizes}": median["large", "scope"] / median["small", "scope"],
        f"drill, scan to signed scope: {sizes}": median["large", "signed"] / median["small", "signed"],
    }


def main() -> None:
    """Start both, drill, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    began = time.perf_counter()
    with ExitStack() as running:
        small = running.enter_context(site("small", SMALLEST))
        large = running.enter_context(site("large", given.edges))
        ratios = measure(large, small, given.repeats)
    print(f"{time.perf_counter() - began:.0f} s in all", file=sys.stderr)
    _timing.report(ratios, given.repeats, as_json=given.json)


if __name__ == "__main__":
    main()
