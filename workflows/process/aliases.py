"""The updates by which acts were asked for before there was `act`: old histories and old clients know them.

An update takes its command and nothing else: whoever reaches the engine can send anything (DESIGN 2.2, 6a).
What raises in a handler fails the workflow task, which is tried for ever, and every later act of the batch waits.  A word that is
no command at all (`null`) is turned away by the validator, before the history remembers it; so are one too many and none.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.kernel.messages import Message
    from models.process.engine import NO_COMMAND
    from workflows.process.interpreter import no

Method = TypeVar("Method", bound=Callable[..., Awaitable[Any]])


def alias(method: Method) -> Method:
    """An update of before, whose only validator asks for its command; what the command says is the activity's to judge."""

    def check(self: object, command: object) -> None:
        del self
        if not isinstance(command, Message):
            raise no(NO_COMMAND())

    check.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]  # the SDK compares the two
    made: Any = workflow.update(method)
    made.validator(check)
    return cast("Method", made)
