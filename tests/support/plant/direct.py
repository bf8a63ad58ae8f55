"""Acts straight at the record: the transaction of the activity without the workflow around it.

Races need hundreds of acts at the same instant and walls need lots in every state; both are about PostgreSQL, so
Temporal stays out of the way.  The functions are the ones that the activities call.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Engine, TextClause

from models.kernel.store.act import Actor, act, now
from models.permit import acts as permits
from models.person.messages import sealed
from models.process.acts import table
from models.process.messages.process import By, Receipt
from tests.support.plant.plant import SECRET, Plant, furnish
from tests.support.servers.together import LOCK, Sorted, in_line, split, together

ACTS = table.collect()


def do(engine: Engine, door: str, command: Any) -> Receipt:
    """One act, one transaction; `door` is how `workflows.temporal.start` calls it, the command itself says what it asks for."""
    del door
    with under_way(engine, command) as receipt:
        return receipt


@contextmanager
def under_way(engine: Engine, command: Any) -> Iterator[Receipt]:
    """One act that isn't committed yet: it is when the block ends."""
    by: By = command.by
    actor = Actor(
        actor_id=by.actor_id,
        name=by.name,
        source=by.source,
        on_behalf_of=by.on_behalf_of_name or "",
        reason=getattr(command, "reason", None) or "",
        person_id=by.person_id,
        session_id=by.session_id,
    )
    with act(engine, actor) as session:
        yield permits.permitted(session, sealed(command), ACTS[command.act], now(session), SECRET)


def at_once(plant: Plant, *acts: tuple[str, Any]) -> Sorted:
    """Several acts start together: who did it, and who was told no."""
    return split(together(*_calls(plant, acts)))


def meet(plant: Plant, lot: str, first: int | None, *acts: tuple[str, Any], lock: TextClause = LOCK) -> Sorted:
    """Two acts meet at a lot (or what else of that number `lock` holds), the first of them as `together.orders` says."""
    calls = _calls(plant, acts)
    if first is None:
        return split(together(*calls))
    return split(in_line(plant.engine, lot, *(calls[first:] + calls[:first]), lock=lock))


def _calls(plant: Plant, acts: Iterable[tuple[str, Any]]) -> list[Callable[[], Receipt]]:
    return [partial(do, plant.engine, name, command) for name, command in acts]


class Direct:
    """Stands where `workflows.temporal.start` stands; the last argument of every call is the command."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any) -> Receipt:
            return do(self._engine, name, arguments[-1])

        return call


def direct(engine: Engine) -> Plant:
    """A furnished plant without Temporal."""
    furnish(engine)
    return beside(engine)


def beside(engine: Engine) -> Plant:
    """The same, on a plant that is furnished already."""
    client: Any = None
    return Plant(engine, client, Direct(engine))
