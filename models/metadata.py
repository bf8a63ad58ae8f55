"""All tables: `load` fills `SQLModel.metadata`, for a foreign key must find the table that it names."""

import importlib
import importlib.util
import pkgutil

import models


def load() -> None:
    """Import the tables of every noun; a second time costs nothing."""
    for noun in sorted(one.name for one in pkgutil.iter_modules(models.__path__) if one.ispkg):
        name = f"models.{noun}.tables"
        if importlib.util.find_spec(name) is None:
            continue
        module = importlib.import_module(name)
        for part in pkgutil.iter_modules(getattr(module, "__path__", ())):
            importlib.import_module(f"{name}.{part.name}")
