"""The acts of people, one activity each: made from the tables of acts (`models.process.acts.table`)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from activities.context import Context
from activities.transaction import once, uninterrupted
from models.permit import acts as permits
from models.process.acts import table
from models.process.messages import commands
from models.process.messages.process import Receipt


def activities_of(context: Context) -> list[Callable[..., Any]]:
    """One for each act, called by the word that its command says."""
    return [activity(context, word, do) for word, do in table.collect().items()]


def activity(context: Context, word: str, do: table.ActFunction) -> Callable[..., Any]:
    """Do this act once, in one transaction, if the one who is named in the command may."""

    def perform(command: Any) -> Receipt:
        def permitted(session: Session, now: datetime) -> Receipt:
            return permits.permitted(session, command, do, now, context.secret)

        return once(
            context.engine,
            context.build,
            command.by,
            permitted,
            command=command,
            command_id=getattr(command, "request_id", None) or command.command_id,
            reason=getattr(command, "reason", None) or "",
        )

    # Temporal reads the name of the activity and the type of its command from the function
    perform.__name__ = perform.__qualname__ = word
    perform.__doc__ = do.__doc__
    perform.__annotations__ = {"command": commands.ACTS[word].command, "return": Receipt}
    return uninterrupted(perform)
