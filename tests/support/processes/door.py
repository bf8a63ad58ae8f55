"""How acts come in where there are workflows: as the API asks for them, with the record at hand."""

from functools import partial
from inspect import signature
from typing import Any

from sqlalchemy import Engine

from api.process.lost_workflow import record_of
from workflows.temporal import start


class Door:
    """`workflows.temporal.start`, whose calls are told where the record is if they want to know."""

    def __init__(self, engine: Engine) -> None:
        self._record = record_of(engine)

    def __getattr__(self, name: str) -> Any:
        call = getattr(start, name)
        return partial(call, record=self._record) if "record" in signature(call).parameters else call
