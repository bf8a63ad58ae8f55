"""The modules that hold the shapes of requests, by the name that tables of tests give them."""

import importlib
import pkgutil
import re
from functools import cache

import api


@cache
def modules() -> dict[str, str]:
    """A noun's own name, or that of the module where a noun has several: `stock`, `people`, `shapes`."""
    found = [one.name for one in pkgutil.walk_packages(api.__path__, "api.") if not one.ispkg]
    shapes = [name for name in found if re.search(r"\.schemas(\.|$)|\.request\.shapes$", name)]
    named = {name.split(".")[1] if name.endswith(".schemas") else name.rpartition(".")[2]: name for name in shapes}
    assert len(named) == len(shapes) > 10, "each has a name of its own"
    for name in shapes:
        importlib.import_module(name)
    return named


def name_of(module: str) -> str:
    """The name of a module of shapes."""
    return next(name for name, one in modules().items() if one == module)
