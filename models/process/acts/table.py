"""Every act with the function that does it, found in the modules of acts: each has a table `ACTS` of its own.

It stands in `models/<noun>/acts.py`, or in the modules of that folder.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

from sqlmodel import Session

import models
from models.process.messages import commands
from models.process.messages.process import Receipt

ActFunction = Callable[[Session, Any, datetime], Receipt]


def modules() -> Iterator[ModuleType]:
    """The modules of acts, room by room."""
    for room in sorted(one.name for one in pkgutil.iter_modules(models.__path__) if one.ispkg):
        name = f"models.{room}.acts"
        if importlib.util.find_spec(name) is not None:
            module = importlib.import_module(name)
            yield module
            for part in sorted(one.name for one in pkgutil.iter_modules(getattr(module, "__path__", ()))):
                if f"{name}.{part}" != __name__:
                    yield importlib.import_module(f"{name}.{part}")


def collect() -> dict[str, ActFunction]:
    """The functions by the word that commands say; a word with two functions, or without a command, is a mistake at start."""
    found: dict[str, ActFunction] = {}
    for module in modules():
        for word, do in getattr(module, "ACTS", {}).items():
            if word in found:
                message = f"{word} is done in {module.__name__} and elsewhere"
                raise RuntimeError(message)
            found[word] = do
    if found.keys() != commands.ACTS.keys():
        message = f"acts and commands differ: {sorted(found.keys() ^ commands.ACTS.keys())}"
        raise RuntimeError(message)
    return found
