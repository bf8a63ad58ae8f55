"""Every act with the function that does it, found in the modules of acts: each has a table `ACTS` of its own.

A noun with a room of its own has it in `models/<noun>/acts.py`.
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
from models.messages import commands
from models.messages.process import Receipt
from models.store import acts

ActFunction = Callable[[Session, Any, datetime], Receipt]


def modules() -> Iterator[ModuleType]:
    """The modules of acts, those of rooms last."""
    for name in sorted(one.name for one in pkgutil.iter_modules(acts.__path__)):
        if name != "table":
            yield importlib.import_module(f"{acts.__name__}.{name}")
    for room in sorted(one.name for one in pkgutil.iter_modules(models.__path__) if one.ispkg):
        if importlib.util.find_spec(f"models.{room}.acts") is not None:
            yield importlib.import_module(f"models.{room}.acts")


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
