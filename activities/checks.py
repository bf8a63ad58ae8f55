"""What a Schedule asks of the whole plant; longer than an act, still one transaction."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from temporalio import activity

from activities.context import Context
from activities.transaction import once, uninterrupted
from models.drill.messages import CheckTrace
from models.health import acts as trace_health
from models.permit import acts as permits
from models.process.messages.process import Receipt


class Checks:
    """Bound to the database of the worker."""

    def __init__(self, engine: Engine, build: str) -> None:
        """Keep what every activity needs."""
        self._engine = engine
        self._build = build

    @uninterrupted
    def check_trace(self, command: CheckTrace) -> Receipt:
        """Judge every lot and keep the findings; a second try finds the first one's receipt."""
        return once(
            self._engine,
            self._build,
            command.by,
            lambda session, now: permits.permitted(
                session, command, lambda s, c, n: trace_health.check(s, c, n, activity.heartbeat), now
            ),
            command=command,
            command_id=command.command_id,
        )


def activities_of(context: Context) -> list[Callable[..., Any]]:
    """Bound to what the worker has."""
    return [Checks(context.engine, context.build).check_trace]
