"""Holding a recall's lots in one transaction ÷ a bare COPY of the same rows, and row by row ÷ holding them at once.

    .venv/bin/python benchmarks/hold.py [--json] [--repeats N]

1,000, 10,000 and 90,000 lots of a plant with 100,000 (REQUIREMENTS 77; aims: ≤ 2 from 9,000 lots on, ≥ 20).
Ours is what the recall's act calls, `models.hold.store.holds.place`, from the actor to the commit: locks, hold rows, their audit
events with leaf hashes, the checks of the walls.  COPY puts the very hold and audit rows that ours wrote, keys and hashes
included, into tables of the same columns, defaults and indexes, without triggers and foreign keys.  Row by row is the same
act for one lot after the other in one transaction, and besides, to be hard on us, nothing but one plain insert for each
(both past the same walls); of 10,000 and 90,000 lots they do 3,000, and the time is multiplied.  No lot has a process under
way: a fact for each that has would come on top.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import psycopg
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from benchmarks import _timing
from benchmarks.inbox import cluster
from benchmarks.seed import LOTS
from models import migrations
from models.hold.store import holds
from models.kernel.store.act import act, now
from runtime.postgres import APPLICATION, OWNER, SUPERUSER, Postgres
from tests.support.plant.plant import SETUP, furnish
from tests.support.servers.database import know_tests

NAME = "hold"
SIZES = (1_000, 10_000, 90_000)
REGISTER = 100_000
SAMPLE = 3_000  # of a scope that is held row by row
TABLES = ("hold", "audit_event")
REASON, CAUSE = "R-26-001 PEEK 棒料", "recall"

RECALL = text("""
insert into recall (recall_no, mode, title, reason, identifier, opened_by_id)
select 'R-26-001', 'recall', 'PEEK 棒料', '超差', 'B0000001', min(id) from person returning id, opened_by_id
""")
ONE = text("""
insert into hold (lot_id, recall_id, reason, cause, placed_by_id, placed_at)
values (:lot, :recall, :reason, :cause, :person, :now)
""")
# the walls forbid it to everybody but the superuser who leaves them out
FORGET = "set session_replication_role = replica; truncate hold, audit_event; set session_replication_role = origin"
COUNTED = """
select (select count(*) from hold where lifted_at is null),
       (select count(*) from audit_event where table_name = 'hold' and leaf is not null)
"""


@dataclass
class Bench:
    """A plant with one recall, and the rows of each hold as COPY takes them."""

    engine: Engine
    bare: psycopg.Connection  # as the superuser
    lots: list[int]
    recall: int
    person: int
    rows: dict[int, dict[str, bytes]] = field(default_factory=dict)

    def at_once(self, size: int) -> float:
        """Seconds of our hold."""
        took = _timing.seconds(partial(self._do, partial(self.place, self.lots[:size])))
        self._put_away(size, keep=True)
        return took

    def one_by_one(self, size: int, work: Callable[[list[int], Session], None]) -> float:
        """Seconds of as many single steps."""
        sample = self.lots[: min(size, SAMPLE)]
        took = _timing.seconds(partial(self._do, partial(work, sample)))
        self._put_away(len(sample), keep=False)
        return took * size / len(sample)

    def copied(self, size: int) -> float:
        """Seconds of COPY with the rows of our last hold."""

        def copy() -> None:
            with self.bare.transaction():
                for table in TABLES:
                    with self.bare.cursor().copy(f"copy bare_{table} from stdin".encode()) as into:
                        into.write(self.rows[size][table])

        took = _timing.seconds(copy)
        self.bare.execute("truncate bare_hold, bare_audit_event")
        return took

    def _do(self, work: Callable[[Session], None]) -> None:
        with act(self.engine, SETUP) as session:
            work(session)

    def place(self, lots: list[int], session: Session) -> None:
        """The act."""
        holds.place(
            session,
            lots,
            reason=REASON,
            cause=CAUSE,
            person_id=self.person,
            now=now(session),
            recall_id=self.recall,
        )

    def step_by_step(self, lots: list[int], session: Session) -> None:
        """The act, lot by lot."""
        for lot in lots:
            self.place([lot], session)

    def insert(self, lots: list[int], session: Session) -> None:
        """The least that holds a lot."""
        given = {"recall": self.recall, "reason": REASON, "cause": CAUSE, "person": self.person, "now": now(session)}
        connection = session.connection()
        for lot in lots:
            connection.execute(ONE, {"lot": lot, **given})

    def _put_away(self, size: int, *, keep: bool) -> None:
        """Every lot must be held and audited; then the tables are empty for whoever comes next."""
        counted = self.bare.execute(COUNTED).fetchone()
        if counted != (size, size):
            message = f"{counted} holds and audit events for {size} lots"
            raise RuntimeError(message)
        if keep:
            self.rows[size] = {table: self._dump(table) for table in TABLES}
        self.bare.execute(FORGET)

    def _dump(self, table: str) -> bytes:
        with self.bare.cursor().copy(f"copy {table} to stdout".encode()) as out:
            return b"".join(bytes(part) for part in out)


def furnished(server: Postgres) -> Bench:
    """A plant of released lots, a recall, and bare tables of the same shape."""
    print(f"seeding {REGISTER} lots", file=sys.stderr)
    with server.connect() as administration:
        server.create_database(administration, NAME)
    migrations.upgrade(server.url(OWNER, NAME))
    know_tests(server, NAME)
    engine = create_engine(server.url(APPLICATION, NAME))
    furnish(engine)
    with act(engine, SETUP) as session:
        recall, person = session.connection().execute(RECALL).one()
    owner = create_engine(server.url(SUPERUSER, NAME))
    with owner.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(LOTS, {"lots": REGISTER})
    owner.dispose()
    bare = server.connect(database=NAME)
    for table in TABLES:
        bare.execute(f"create table bare_{table} (like {table} including all)".encode())
    bare.execute("vacuum (analyze)")
    lots = [row[0] for row in bare.execute("select id from lot order by id").fetchall()]
    return Bench(engine, bare, lots, recall, person)


def measure(bench: Bench, repeats: int) -> dict[str, float]:
    """The ratios."""
    bench.at_once(SIZES[0])  # connections and plans are there from now on
    bench.bare.execute(FORGET)
    ratios: dict[str, float] = {}
    for size in SIZES:
        cases = {
            f"{size} at once": partial(bench.at_once, size),
            f"{size} by COPY": partial(bench.copied, size),
            f"{size} row by row": partial(bench.one_by_one, size, bench.step_by_step),
            f"{size} single inserts": partial(bench.one_by_one, size, bench.insert),
        }
        ours, copied, steps, inserts = _timing.medians(cases, repeats).values()
        ratios[f"hold {size} lots, each audited: ours ÷ COPY of the same hold and audit rows"] = ours / copied
        ratios[f"hold {size} lots, each audited: row by row ÷ ours"] = steps / ours
        ratios[f"hold {size} lots, each audited: one plain insert for each ÷ ours"] = inserts / ours
    return ratios


def main() -> None:
    """Seed, hold, print."""
    given = _timing.arguments(repeats=5)
    with cluster() as server:
        bench = furnished(server)
        ratios = measure(bench, given.repeats)
        bench.bare.close()
        bench.engine.dispose()
    _timing.report(ratios, given.repeats, as_json=given.json)


if __name__ == "__main__":
    main()
