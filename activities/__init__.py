"""Activities: open the transaction, ask the rules again, store, return a receipt."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import models.nouns  # noqa: F401 - hands the nouns' kinds to the engine
from activities.context import Context

__all__ = ["Context", "all_activities"]


def all_activities(context: Context) -> list[Callable[..., Any]]:
    """Every activity, bound to a database and a Temporal client: what the modules here make of it (`activities_of`)."""
    found: list[Callable[..., Any]] = []
    for place in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{place}")
        if hasattr(module, "activities_of"):
            found += module.activities_of(context)
    return found
