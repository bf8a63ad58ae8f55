"""Every act that a person or a service can ask for: the one table of commands, and how one arrives (DESIGN 2.2, 6a).

A command says in its field `act` what it asks for; that word is also the name of the activity that does it.  A noun with a
room of its own (`models/<noun>/messages.py`) names its commands there in `COMMANDS`, and they are found.
"""

import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple, Union

from pydantic import Field, RootModel

import models
from models.messages.correction import CorrectLink
from models.messages.labels import Message
from models.messages.packing import MoveUnit, PackUnit, UnpackUnit
from models.messages.process import (
    Acknowledge,
    BookReturn,
    CompleteTask,
    CreateWorkOrder,
    DecideAgain,
    DecideLots,
    DisposeReturn,
    DrawChecks,
    FileReport,
    LiftHold,
    OpenRecall,
    PlaceHold,
    ReceiveLot,
    RecordCheck,
    RecordOperation,
    RecordResults,
    Ship,
)
from models.messages.recalls import NameReceivers, RecordClass
from models.messages.reshape import MergeLots, ProposeDisposition, RepackLot, SplitLot
from models.messages.scheduled import PlanDrill
from models.messages.stock import MoveStock, RegisterSerials

EVERY_PROCESS: Final = "*"
"""Stands for every workflow that a definition drives."""
SHORT: Final = "Act"
"""The workflow of an act on several subjects, or on one that no workflow follows."""


class ActOf(NamedTuple):
    """A command, and where it goes.

    `of` is the Temporal type of the workflows that take it.  Where its workflow begins with it, that is called
    `prefix/number`, the number in the command's field `number`; `title` (zh) and the field `about` tell the engineer of it.
    """

    command: type[Message]
    of: str
    prefix: str = ""
    number: str = "command_id"
    title: str = ""
    about: str | None = None

    @property
    def word(self) -> str:
        """What the command says in `act`."""
        return str(self.command.model_fields["act"].default)

    def workflow_id(self, command: Any) -> str:
        """The workflow that begins with this command, or the one that it begins where none does."""
        return f"{self.prefix}/{getattr(command, self.number)}"


COMMANDS: tuple[ActOf, ...] = (
    ActOf(CompleteTask, EVERY_PROCESS),
    ActOf(RecordResults, EVERY_PROCESS),
    ActOf(ReceiveLot, "BatchLifecycle", "lot", "lot_no", "批次"),
    ActOf(CreateWorkOrder, "BatchLifecycle", "lot", "lot_no", "批次"),
    ActOf(RecordOperation, "BatchLifecycle"),
    ActOf(OpenRecall, "Recall", "recall", "recall_no", "召回"),
    ActOf(PlanDrill, "DrillPlan", title="召回演练 recall drill"),
    ActOf(Acknowledge, "Recall"),
    ActOf(NameReceivers, "Recall"),
    ActOf(DrawChecks, "Recall"),
    ActOf(RecordCheck, "Recall"),
    ActOf(Ship, SHORT, "shipment", "shipment_no", "发货 shipment", "customer_no"),
    ActOf(BookReturn, SHORT, "recall-booking", title="退货 return", about="recall_no"),
    ActOf(DisposeReturn, SHORT, "recall-booking", title="退货处置 return", about="kind"),
    ActOf(DecideLots, SHORT, "recall-booking", title="召回批次处置 decision", about="recall_no"),
    ActOf(FileReport, SHORT, "recall-booking", title="召回报告 report", about="recall_no"),
    ActOf(RecordClass, SHORT, "recall-booking", title="召回分级 class", about="recall_no"),
    ActOf(PlaceHold, SHORT, "hold", title="冻结 hold", about="lot_nos"),
    ActOf(LiftHold, SHORT, "hold", title="解冻 lift"),
    ActOf(DecideAgain, SHORT, "hold", title="重新决定 decide again", about="lot_no"),
    ActOf(SplitLot, SHORT, "reshape", title="分批 split", about="lot_no"),
    ActOf(MergeLots, SHORT, "reshape", title="合批 merge", about="into"),
    ActOf(RepackLot, SHORT, "reshape", title="改包装 repack", about="lot_no"),
    ActOf(ProposeDisposition, SHORT, "reshape", title="部分处置 disposition", about="lot_no"),
    ActOf(CorrectLink, SHORT, "correction", title="投料更正 correction", about="lot_no"),
    ActOf(PackUnit, SHORT, "packing", title="装箱 pack", about="unit_no"),
    ActOf(UnpackUnit, SHORT, "packing", title="拆箱 unpack", about="unit_no"),
    ActOf(MoveUnit, SHORT, "packing", title="移箱 move", about="unit_no"),
    ActOf(RegisterSerials, SHORT, "stock", title="序列号 serials", about="lot_no"),
    ActOf(MoveStock, SHORT, "stock", title="移库 move", about="lot_no"),
)
"""Those of nouns that have no room of their own yet."""


def table(rows: Iterable[ActOf]) -> dict[str, ActOf]:
    """The rows by their word; two with the same one are a mistake at start."""
    found: dict[str, ActOf] = {}
    for row in rows:
        if row.word in found:
            message = f"two commands say {row.word}"
            raise RuntimeError(message)
        found[row.word] = row
    return found


def _of_nouns() -> list[ActOf]:
    """What the rooms of the nouns name; this module and all of `models` pass through the sandbox, so it happens once."""
    rooms = sorted(one.name for one in pkgutil.iter_modules(models.__path__) if one.ispkg)
    found: list[ActOf] = []
    for room in rooms:
        name = f"models.{room}.messages"
        if importlib.util.find_spec(name) is not None:
            found += getattr(importlib.import_module(name), "COMMANDS", ())
    return found


ACTS: Mapping[str, ActOf] = MappingProxyType(table([*COMMANDS, *_of_nouns()]))
"""Which activity does which command, and for which workflows it is allowed."""

_ASKED: Any = Annotated[Union[tuple(row.command for row in ACTS.values())], Field(discriminator="act")]  # noqa: UP007 - made of the table


class Command(RootModel[_ASKED]):
    """Any command, as it travels: what it says in `act` decides how the rest is read."""


def home(act: str, number: str) -> str:
    """The workflow that follows the subject of this number, of the type that takes this act."""
    of = ACTS[act].of
    return next(f"{row.prefix}/{number}" for row in ACTS.values() if row.of == of and row.prefix)


def takes(workflow_type: str, act: str, *, process: bool) -> bool:
    """Whether a workflow of this type takes this act; `process` where a definition drives it."""
    row = ACTS.get(act)
    return row is not None and (row.of == workflow_type or (process and row.of == EVERY_PROCESS))
