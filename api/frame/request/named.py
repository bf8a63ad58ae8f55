"""Numbers in a request's body, as in an address: the register's own number stands before the command travels (REQ 19).

So the id of an act, the process that it goes to and what it writes are those of the thing, however its number was typed.
Pages come through here too (`ui.frame.form.forms.read`), and tests walk all fields of all requests.
"""

import typing
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from fastapi import Depends
from pydantic import BaseModel
from sqlmodel import Session
from starlette.requests import HTTPConnection

from api.frame.deps import engine
from api.frame.request import paths
from api.frame.request.shapes import Names
from models.identifier.rules import scanned_field as scanned
from models.identifier.rules.scanned_field import Asked
from models.item.store import items
from models.kernel.store.act import reading
from models.lot import tables as lot_tables
from models.order.queries import lot_of_order
from models.packing import rules as packing
from models.packing import tables as packing_tables
from models.register.rules import Register
from models.register.store import numbers

T = TypeVar("T", bound=BaseModel)
Use = Callable[[Names, str, str | None], str]


@dataclass
class Understood:
    """What stood for what was typed, where that isn't the same."""

    numbers: dict[str, str] = field(default_factory=dict)


def canonical(session: Session, given: T, lot_no: str | None = None, understood: Understood | None = None) -> T:
    """The request with the register's own numbers; `lot_no` is the batch that it is about, for its serial numbers.

    TRC-003 where several fold to what was typed and none is exactly it, ID-033 where there is none and others are near.  Where
    nothing is near either, the number stays as it was typed, and the act says what it doesn't know.
    """
    if not names_things(type(given)):
        return given
    named = _replaced(session, given, lot_no, understood, lambda register: register.item is None)
    return _replaced(session, named, lot_no, understood, lambda register: register.item is not None)


def _replaced(
    session: Session, given: T, lot_no: str | None, understood: Understood | None, among: Callable[[Register], bool]
) -> T:
    """Serial numbers come after the batches that they are of."""
    asked: dict[tuple[Names, str | None], dict[str, str]] = defaultdict(dict)

    def ask(names: Names, typed: str, lot: str | None) -> str:
        number = _number(names.register, typed) if among(names.register) else None
        if number is not None:
            asked[names, lot if names.register.item is not None else None][typed] = number
        return typed

    _walk(given, lot_no, ask)
    known = {(names, lot): _known(session, names, lot, typed) for (names, lot), typed in asked.items()}

    def use(names: Names, typed: str, lot: str | None) -> str:
        found = known.get((names, lot if names.register.item is not None else None), {}).get(typed, typed)
        if understood is not None and found != typed:
            understood.numbers[typed] = found
        return found

    return typing.cast("T", _walk(given, lot_no, use)) if known else given


def _known(session: Session, names: Names, lot_no: str | None, typed: dict[str, str]) -> dict[str, str]:
    found = numbers.all_meant(session, names.register, typed.values(), lot_no)
    for number in typed.values():
        if number not in found and not names.begins:
            numbers.check_near(session, names.register, number, lot_no)
    return {one: found[number] for one, number in typed.items() if number in found}


def _number(register: Register, typed: str) -> str | None:
    """What to look for; None for a label that the act reads by itself, to compare it with what it is on."""
    if register is not packing_tables.UNITS and register is not items.ITEMS:
        return typed
    scan = scanned.seen(typed)
    if register is items.ITEMS:  # an identifier means its item, another code holds the item's own number
        return typed if scan is None or scan.di_candidates else scanned.number(typed, Asked.ITEM)
    return packing.read_number(typed) if scan is None else None


def _walk(given: BaseModel, lot_no: str | None, use: Use) -> BaseModel:
    """The same request with what `use` says of each number that names a thing; itself where nothing changes."""
    fields = named_fields(type(given))
    own = fields.get("lot_no")
    if own is not None and own.register is lot_tables.LOTS:
        lot_no = getattr(given, "lot_no", None) or lot_no
    changed: dict[str, Any] = {}
    for name in type(given).model_fields:
        told = getattr(given, name)
        new = _value(told, fields.get(name), lot_no, use)
        if new is not told:
            changed[name] = new
    return given.model_copy(update=changed) if changed else given


def _value(told: Any, names: Names | None, lot_no: str | None, use: Use) -> Any:
    if isinstance(told, str):
        return told if names is None else use(names, told, lot_no)
    if isinstance(told, BaseModel):
        return _walk(told, lot_no, use)
    if not isinstance(told, tuple | list) or not told:
        return told
    new = type(told)(_value(one, names, lot_no, use) for one in told)
    return told if all(one is other for one, other in zip(new, told, strict=True)) else new


@cache
def named_fields(shape: type[BaseModel]) -> dict[str, Names]:
    """The fields of a request that name a thing that there is."""
    hints = typing.get_type_hints(shape, include_extras=True)
    said = {name: next(_marks(hints[name]), None) for name in shape.model_fields}
    return {name: one for name, one in said.items() if one is not None}


@cache
def names_things(shape: type[BaseModel]) -> bool:
    """Whether a request, or a line of it, names a thing that there is."""
    lines = (one for name in shape.model_fields for one in _lines(shape.model_fields[name].annotation))
    return bool(named_fields(shape)) or any(names_things(one) for one in lines)


def _marks(annotation: Any) -> Iterator[Names]:
    yield from (one for one in getattr(annotation, "__metadata__", ()) if isinstance(one, Names))
    for inner in typing.get_args(annotation):
        yield from _marks(inner)


def _lines(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _lines(inner)


def body(shape: type[BaseModel]) -> Any:
    """The body of a route, with the numbers of the record."""
    return Depends(_body(shape, _no_lot))


def body_of_lot(shape: type[BaseModel]) -> Any:
    """The same of a route with a batch in its address: serial numbers are those of its item."""
    return Depends(_body(shape, _lot))


def body_of_order(shape: type[BaseModel]) -> Any:
    """The same of a route with a work order in its address: serial numbers are those of what it makes."""
    return Depends(_body(shape, _lot_of_order))


def _no_lot() -> None:
    return None


def _lot(lot: paths.LotPath) -> str:
    return lot.number


def _lot_of_order(connection: HTTPConnection, order: paths.OrderNumber) -> str | None:
    return lot_of_order(engine(connection), order)


@cache
def _body(shape: type[BaseModel], of: Callable[..., str | None]) -> Callable[..., BaseModel]:
    def read(connection: HTTPConnection, given: BaseModel, lot_no: str | None = Depends(of)) -> BaseModel:
        with reading(engine(connection)) as session:
            return canonical(session, given, lot_no)

    read.__annotations__["given"] = shape
    read.__dict__["body_named"] = shape  # for the test that walks all routes
    return read
