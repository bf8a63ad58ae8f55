"""Every workflow type, found by a walk through the package: for workers and replays.

Not in the package's `__init__`, and asked for outside of the sandbox only: the sandbox imports a workflow's module anew for
each workflow, and would import all.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from typing import Any

import workflows
from models.process.messages.command import EVERY_PROCESS
from models.process.messages.commands import ACTS

DEFINED = "__temporal_workflow_definition"
"""What `workflow.defn` leaves on a class."""


def find() -> list[type[Any]]:
    """The workflow classes of all modules of the package, in the order of their names; of each type there is one."""
    found: dict[str, type[Any]] = {}
    for place in sorted(one.name for one in pkgutil.walk_packages(workflows.__path__, f"{workflows.__name__}.")):
        if place == __name__:
            continue
        module = importlib.import_module(place)
        for name, one in inspect.getmembers(module, inspect.isclass):
            if DEFINED not in vars(one) or one.__module__ != module.__name__:
                continue
            if name in found:
                message = f"{name} is a workflow of both {found[name].__module__} and {one.__module__}"
                raise RuntimeError(message)
            found[name] = one
    return list(found.values())


ALL: list[type[Any]] = find()


def require(named: Mapping[str, str]) -> None:
    """Every type that something names (what names it → type) must be here: a mistake at start, not a run that nobody follows."""
    known = {one.__name__ for one in ALL} | {EVERY_PROCESS}
    lost = [f"{what} → {one}" for what, one in sorted(named.items()) if one not in known]
    if lost:
        message = f"no such workflow type: {', '.join(lost)}"
        raise RuntimeError(message)


def named() -> dict[str, str]:
    """The types that commands name."""
    return {f"command {word}": row.of for word, row in ACTS.items()}
