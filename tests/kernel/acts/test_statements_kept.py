"""What a connection has prepared stays with it from one transaction to the next: planning takes longer than doing."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from models.clock.store import clocks, moved_clock
from models.clock.store import signs_of_life as beats
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.order import queries as queries_orders
from models.process.queries import inbox as queries_tasks
from tests.support.plant.plant import Plant

PREPARED = text("select count(*) from pg_prepared_statements where statement = :statement")
ASKED = "select count(*) from process_run"


def read_often(engine: Engine) -> None:
    """Often enough for the driver to prepare it."""
    for _ in range(4):
        with reading(engine) as session:
            session.connection().execute(text(ASKED))


def kept(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(connection.execute(PREPARED, {"statement": ASKED}).scalar_one())


@pytest.mark.parametrize(
    "between",
    [
        read_often,
        lambda engine: beats.serving(engine, "quality"),
        lambda engine: beats.silence(engine, 1),
        clocks.look,
        clocks.now,
        moved_clock.now,
        lambda engine: queries_orders.lot_of_order(engine, "WO-1"),
        queries_tasks.snapshot,
    ],
    ids=["reading", "serving", "silence", "clocks", "clock", "moved clock", "order", "snapshot"],
)
def test_a_read_leaves_what_is_prepared(desk: Plant, between: Callable[[Engine], object]) -> None:
    read_often(desk.engine)
    assert kept(desk.engine) == 1
    between(desk.engine)
    assert kept(desk.engine) == 1


def test_a_refused_read_ends_without_it_and_the_next_prepares_it_again(desk: Plant) -> None:
    read_often(desk.engine)
    with pytest.raises(Refusal), reading(desk.engine):
        raise Refusal("TST-001", "clause", "不可以。", "No.")
    read_often(desk.engine)
    assert kept(desk.engine) == 1
