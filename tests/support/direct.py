"""Acts straight at the record: the transaction of the activity without the workflow around it.

Races need hundreds of acts at the same instant and walls need lots in every state; both are about PostgreSQL, so
Temporal stays out of the way.  The functions are the ones that the activities call.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from models.messages.process import By, Receipt
from models.messages.seal import sealed
from models.store.act import Actor, act, now
from models.store.acts import (
    checking,
    classifying,
    completing,
    correcting,
    deciding,
    disposing,
    drilling,
    holding,
    inspecting,
    packing,
    permits,
    producing,
    recalling,
    receiving,
    reporting,
    reshaping,
    returning,
    shipping,
    stocking,
)
from tests.support.plant import SECRET, Plant, furnish
from tests.support.together import Sorted, in_line, split, together

ActFunction = Callable[[Session, Any, datetime], Receipt]
RESHAPING: dict[str, ActFunction] = {
    "split": reshaping.split,
    "merge": reshaping.merge,
    "repack": reshaping.repack,
    "disposition": disposing.propose,
}
PACKING: dict[str, ActFunction] = {"pack": packing.pack, "unpack": packing.unpack, "move": packing.move}
STOCK: dict[str, ActFunction] = {"register": stocking.register, "move": stocking.move}
ACTS: dict[str, ActFunction] = {
    "receive_lot": receiving.receive,
    "create_work_order": producing.create,
    "record_operation": producing.record,
    "record_results": inspecting.record,
    "complete_task": completing.complete,
    "ship": shipping.ship,
    "open_recall": recalling.begin,
    "plan_drill": drilling.plan,
    "acknowledge": recalling.acknowledge,
    "name_receivers": recalling.name_receivers,
    "draw_checks": checking.draw,
    "record_check": checking.record,
    "book_return": returning.book,
    "dispose_return": returning.dispose,
    "decide_lots": deciding.decide,
    "file_report": reporting.file,
    "record_class": classifying.record,
    "correct_link": correcting.correct,
    "place_hold": holding.place,
    "lift_hold": holding.lift,
    "decide_again": holding.decide_again,
    "pack": lambda session, command, moment: PACKING[command.kind](session, command, moment),
    "stock": lambda session, command, moment: STOCK[command.kind](session, command, moment),
    "reshape": lambda session, command, moment: RESHAPING[command.kind](session, command, moment),
}


def do(engine: Engine, name: str, command: Any) -> Receipt:
    """One act, one transaction."""
    by: By = command.by
    actor = Actor(
        actor_id=by.actor_id,
        name=by.name,
        source=by.source,
        on_behalf_of=by.on_behalf_of_name or "",
        reason=getattr(command, "reason", None) or "",
    )
    if name == "book_for_recall":
        name = command.act
    with act(engine, actor) as session:
        return permits.permitted(session, sealed(command), ACTS[name], now(session), SECRET)


def at_once(plant: Plant, *acts: tuple[str, Any]) -> Sorted:
    """Several acts start together: who did it, and who was told no."""
    return split(together(*_calls(plant, acts)))


def meet(plant: Plant, lot: str, first: int | None, *acts: tuple[str, Any]) -> Sorted:
    """Two acts meet at a lot, the first of them as `together.orders` says."""
    calls = _calls(plant, acts)
    if first is None:
        return split(together(*calls))
    return split(in_line(plant.engine, lot, *(calls[first:] + calls[:first])))


def _calls(plant: Plant, acts: Iterable[tuple[str, Any]]) -> list[Callable[[], Receipt]]:
    return [partial(do, plant.engine, name, command) for name, command in acts]


class Direct:
    """Stands where `workflows.start` stands; the last argument of every call is the command."""

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
