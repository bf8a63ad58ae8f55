"""Opening a recall that holds its whole scope at once ÷ the same scope of a drill, and ÷ nothing but placing the holds.

    .venv/bin/python benchmarks/containment.py [--json] [--repeats N]

30,000 batches made of one material, in a plant with 100,000.  Ours is what the opening does in its transaction
(`models.recall.store.hold_and_notify.scoped`): name, lock, compute, keep the scope, hold every batch of it, audited.  A drill computes and
keeps the same scope and holds nothing; placing the holds alone is `models.hold.store.holds.place` (benchmarks/hold.py).
"""

import sys
from collections.abc import Callable
from functools import partial

from sqlalchemy import create_engine, text
from sqlmodel import Session

from benchmarks import _timing
from benchmarks.hold import CAUSE, FORGET, REASON, Bench, furnished
from benchmarks.inbox import cluster
from models.hold.store import holds
from models.kernel.store.act import act, now
from models.recall.store import hold_and_notify as outward
from models.recall.tables.recall import Recall
from runtime.postgres import SUPERUSER
from tests.support.plant.plant import SETUP

NAME = "hold"
SCOPE = 30_000
LINKS = text("""
insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at, source)
select :first, id, 'consume', 1, uom, now() - interval '90 days', 'native' from lot where id > :first order by id limit :many
""")
OPENED = text("""
insert into recall (recall_no, mode, title, reason, identifier, opened_by_id)
values ('B-' || :mode || '-' || :n, :mode, 'PEEK 棒料', '超差', 'B', :person) returning id
""")
CLEAN = (
    "set session_replication_role = replica; truncate recall_lot, recall_scope; set session_replication_role = origin"
)


def opened(bench: Bench, number: str, mode: str, count: list[int]) -> float:
    """Seconds of the opening's part that is about the scope; afterwards nothing of it is left."""
    count[0] += 1
    given = {"mode": mode, "n": count[0], "person": bench.person}
    with act(bench.engine, SETUP) as session:
        key = session.connection().execute(OPENED, given).scalar_one()

    def scope(session: Session) -> None:
        recall = session.get_one(Recall, key)
        found = outward.scoped(session, recall, [number], bench.person, now(session))
        if found.lots != SCOPE + 1:
            message = f"{found.lots} batches in a scope of {SCOPE + 1}"
            raise RuntimeError(message)

    took = _timing.seconds(partial(_do, bench, scope))
    bench.bare.execute(FORGET)
    bench.bare.execute(CLEAN)
    return took


def placed(bench: Bench, lots: list[int]) -> float:
    """Seconds of placing the same holds."""

    def place(session: Session) -> None:
        holds.place(
            session, lots, reason=REASON, cause=CAUSE, person_id=bench.person, now=now(session), recall_id=bench.recall
        )

    took = _timing.seconds(partial(_do, bench, place))
    bench.bare.execute(FORGET)
    return took


def _do(bench: Bench, work: Callable[[Session], None]) -> None:
    with act(bench.engine, SETUP) as session:
        work(session)


def main() -> None:
    """Seed, link, open, print."""
    given = _timing.arguments(repeats=5)
    with cluster() as server:
        bench = furnished(server)
        first = bench.lots[0]
        owner = create_engine(server.url(SUPERUSER, NAME))
        with owner.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            connection.execute(LINKS, {"first": first, "many": SCOPE})
        owner.dispose()
        bench.bare.execute("vacuum (analyze)")
        row = bench.bare.execute("select lot_no from lot where id = %s", (first,)).fetchone()
        number, count = str(row[0] if row else ""), [0]
        print(f"opening {number} with {SCOPE} batches", file=sys.stderr)
        cases = {
            "recall": partial(opened, bench, number, "recall", count),
            "drill": partial(opened, bench, number, "drill", count),
            "holds": partial(placed, bench, bench.lots[: SCOPE + 1]),
        }
        ours, drill, alone = _timing.medians(cases, given.repeats).values()
        bench.bare.close()
        bench.engine.dispose()
    ratios = {
        f"open a recall of {SCOPE} batches, all held at once ÷ compute and keep the same scope for a drill": ours
        / drill,
        f"open a recall of {SCOPE} batches, all held at once ÷ place the same holds alone": ours / alone,
    }
    _timing.report(ratios, given.repeats, as_json=given.json)


if __name__ == "__main__":
    main()
