"""Numbers in an address, read as in a field: however they are typed, and a scan is the number that it holds (REQ 19).

Every number of something in the plant that stands in an address of the API or of a page is read in this way, and a test walks
all routes.  What the register has exactly as it stands keeps its address, a whole label of before too.  A room says which number
its addresses have; those of batches and work orders stand here, because what is told of things (`api.frame.request.named`)
is read within them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.requests import HTTPConnection

from api.frame.deps import engine
from models.identifier.rules import scanned_field as scanned
from models.identifier.rules.scanned_field import Asked
from models.item.store import items
from models.kernel.messages import LotLabels, UnitLabels
from models.kernel.store.act import reading
from models.lot import tables as lot_tables
from models.order import tables as order_tables
from models.register.rules import Register
from models.register.store import numbers


@dataclass(frozen=True)
class InPath:
    """What an address names; `labels` is what was scanned of it, to be compared by the act."""

    number: str
    labels: tuple[str, ...] = ()

    @property
    def scanned(self) -> tuple[LotLabels, ...]:
        """Of a batch, as it goes into a command."""
        return (LotLabels(lot_no=self.number, labels=self.labels),) if self.labels else ()

    @property
    def unit_labels(self) -> tuple[UnitLabels, ...]:
        """Of a case or pallet, likewise."""
        return (UnitLabels(unit_no=self.number, labels=self.labels),) if self.labels else ()


@dataclass(frozen=True)
class NumberIn:
    """Reads the number that stands in an address under `name`: a dependency of every route that has one.

    ID-001 to -003 refuse what nobody could look for, ID-030 and -031 a label without such a number, TRC-003 what several rows
    fold to.  What nobody knows is handed on as it was read: the route says so.
    """

    name: str
    register: Register
    read: Callable[[str], str] = field(default=lambda typed: scanned.number(typed, Asked.NUMBER))

    def meant(self, connection: HTTPConnection, typed: str) -> InPath:
        """What is meant by it."""
        with reading(engine(connection)) as session:
            if numbers.exists(session, self.register, typed):
                return InPath(typed)
            if self.register is items.ITEMS and (item := numbers.meant(session, self.register, typed)):
                return InPath(item)
            number = self.read(typed)
            known = numbers.meant(session, self.register, number)
        return InPath(known or number, (typed,) if scanned.seen(typed) is not None else ())


def named_in(one: NumberIn) -> Callable[..., InPath]:
    """What an address names, with its labels: for an act that compares them."""

    def read(connection: HTTPConnection, typed: Annotated[str, Path(alias=one.name)]) -> InPath:
        return one.meant(connection, typed)

    read.__dict__["number_in"] = one  # for the test that walks all routes
    return read


def number_in(one: NumberIn) -> Callable[..., str]:
    """Its number alone, where nothing is done to it."""
    return only(named_in(one))


def only(read: Callable[..., InPath]) -> Callable[..., str]:
    """The number alone of what somebody reads with its labels elsewhere: asked once, where a route asks for both."""

    def number(named: Annotated[InPath, Depends(read)]) -> str:
        return named.number

    return number


def filter_by(one: NumberIn) -> Callable[..., str | None]:
    """The same of a list's filter: what nobody knows finds nothing."""

    def read(
        connection: HTTPConnection, typed: Annotated[str | None, Query(alias=one.name, max_length=500)] = None
    ) -> str | None:
        return one.meant(connection, typed).number if typed and typed.strip() else typed

    read.__dict__["number_in"] = one
    return read


def asking(asked: Asked) -> Callable[[str], str]:
    """What is looked for of a label."""
    return lambda typed: scanned.number(typed, asked)


_LOT = named_in(NumberIn("lot_no", lot_tables.LOTS, asking(Asked.LOT)))

LotPath = Annotated[InPath, Depends(_LOT)]
"""A batch with its labels."""
LotNumber = Annotated[str, Depends(only(_LOT))]
"""Its number alone, where nothing is done to it."""
LotFilter = Annotated[str | None, Depends(filter_by(NumberIn("lot", lot_tables.LOTS, asking(Asked.LOT))))]
OrderNumber = Annotated[str, Depends(number_in(NumberIn("number", order_tables.ORDERS)))]
LikeOrder = Annotated[str | None, Depends(filter_by(NumberIn("like", order_tables.ORDERS)))]
"""Of lists, and of forms that begin with something."""
