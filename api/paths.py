"""Numbers in an address, read as in a field: a scan there is the number that it holds (REQ 19).

A batch whose own number is a whole label (from before such numbers were refused) keeps its address.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from api.deps import engine
from models.messages.labels import LotLabels
from models.rules import scanned
from models.rules.identifiers import clean
from models.store import lots
from models.store.act import reading


@dataclass(frozen=True)
class LotInPath:
    """A batch that an address names; `labels` what was scanned of it, to be compared by the act."""

    number: str
    labels: tuple[str, ...] = ()

    @property
    def scanned(self) -> tuple[LotLabels, ...]:
        """As it goes into a command."""
        return (LotLabels(lot_no=self.number, labels=self.labels),) if self.labels else ()


def read_lot(connection: HTTPConnection, lot_no: Annotated[str, Path()]) -> LotInPath:
    """The batch; ID-001 to -003 for what nobody could look for, ID-030 and -031 for a label without one."""
    if scanned.label(lot_no) is None:
        return LotInPath(clean(lot_no))
    with reading(engine(connection)) as session:
        if lots.exists(session, lot_no):
            return LotInPath(lot_no)
    return LotInPath(scanned.number(lot_no, scanned.Asked.LOT), (lot_no,))


LotPath = Annotated[LotInPath, Depends(read_lot)]


def _number(named: LotPath) -> str:
    return named.number


LotNumber = Annotated[str, Depends(_number)]
"""Its number alone, where nothing is done to it."""
