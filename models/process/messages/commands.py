"""Every act that a person or a service can ask for: the one table of commands, and how one arrives (DESIGN 2.2, 6a).

A command says in its field `act` what it asks for; that word is also the name of the activity that does it.  A noun
names its commands in `COMMANDS` of its messages (`models/<noun>/messages.py`), and they are found.
"""

import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Union

from pydantic import Field, RootModel

import models
from models.process.messages.command import EVERY_PROCESS, ActOf, Permit
from models.process.messages.process import CompleteTask

COMMANDS: tuple[ActOf, ...] = (ActOf(CompleteTask, EVERY_PROCESS, permit=Permit()),)
"""Those of every process; each noun names its own in its messages."""


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
            module = importlib.import_module(name)
            found += getattr(module, "COMMANDS", ())
            for part in sorted(one.name for one in pkgutil.iter_modules(getattr(module, "__path__", ()))):
                if f"{name}.{part}" != __name__:
                    found += getattr(importlib.import_module(f"{name}.{part}"), "COMMANDS", ())
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
