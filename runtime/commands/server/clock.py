"""`batchwright clock`: whether the clock agrees with the record, and going on after it was ahead (21 CFR 11.10(e)).

While the clock shows less than the record already holds nothing is recorded.  The remedy is to set it right.  Where the
record is ahead because the clock was wrong *before*, an operator accepts the present time with a reason: that is an event
of the audit trail.  A test home's clock, and no other, goes forward when it is told to.
"""

import time
from typing import Annotated

import typer

from runtime.commands.options import HomeOption, settings_for

PARTS = frozenset({"postgres"})
MOVING = frozenset({"postgres", "temporal", "worker"})
"""What a move needs: the deadlines on the way are acted upon."""
LOOK_AGAIN = 0.3


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    clock = typer.Typer(help="The clock and the record. / 时钟与记录", no_args_is_help=True)
    app.add_typer(clock, name="clock")

    @clock.command()
    def show(home: HomeOption = None) -> None:
        """Compare the clock with the record and the engine; exit status 1 when they disagree / 比较时钟、记录与流程引擎."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            line, wrong = compared(str(running.settings.database_url))
        typer.echo(line)
        raise typer.Exit(1 if wrong else 0)

    @clock.command()
    def accept(
        reason: Annotated[str, typer.Argument(help="Why, and what was wrong before. / 原因")],
        home: HomeOption = None,
    ) -> None:
        """Go on at the present time although the record is ahead of it / 接受当前时间继续记录."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            accept_at(str(running.settings.database_url), reason)
        typer.echo("accepted", err=True)

    @clock.command()
    def forward(
        to: Annotated[str, typer.Argument(help="How far (90m, 12h, 30d, 2w) or to which date. / 时长或日期")],
        reason: Annotated[str, typer.Option(help="Why. / 原因")],
        home: HomeOption = None,
    ) -> None:
        """Move a test home's clock forward, with everything that is due on the way / 向前拨测试时钟."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            in_test_home(str(running.settings.database_url))
        with running_stack(settings_for(home), MOVING) as running:
            typer.echo(forward_at(str(running.settings.database_url), to, reason))


def compared(database_url: str) -> tuple[str, bool]:
    """What the clocks and the record say, in a line, and whether nothing is recorded because of it."""
    from models.clock.store import clocks, moved_clock
    from models.kernel.store.act import reading
    from models.kernel.store.db import engine
    from models.kernel.time.moments import wire

    record = engine(database_url, pool_size=1)
    try:
        with reading(record) as session:
            seen = clocks.read(session)
            kind = "test clock" if moved_clock.marked(session) else "clock"
    finally:
        record.dispose()
    found = seen.clocks
    last = wire(found.last) if found.last else "-"
    verdict = "behind" if found.behind else "apart" if found.apart else "ok"
    engine_says = "not compared" if found.ahead is None else wire(found.now - found.ahead.surely)
    return f"{kind} {wire(found.now)}, engine {engine_says}, record {last}: {verdict}", found.wrong


def accept_at(database_url: str, reason: str) -> None:
    """Accept in that database, as the operator."""
    from models.clock.store import clocks
    from models.kernel.store.act import Actor, act
    from models.kernel.store.db import engine

    record = engine(database_url, pool_size=1)
    operator = Actor("service:operator", "操作员 / operator", "cli", reason=reason, enters=True)
    try:
        with act(record, operator) as session:
            clocks.accept(session, reason)
    finally:
        record.dispose()


def in_test_home(database_url: str) -> None:
    """Refuse (API-512) before anything is started, where the clock is the server's."""
    from models.clock.rules import NOT_TEST
    from models.clock.store import moved_clock
    from models.kernel.store.db import engine

    record = engine(database_url, pool_size=1)
    try:
        if moved_clock.look(record) is None:
            raise NOT_TEST()
    finally:
        record.dispose()


def forward_at(database_url: str, to: str, reason: str) -> str:
    """Move that home's clock as the operator, and wait until it is there; answers the time."""
    from models.clock.store import moved_clock
    from models.kernel.store.act import Actor
    from models.kernel.store.db import engine
    from models.kernel.time.moments import wire

    record = engine(database_url, pool_size=1)
    operator = Actor("service:operator", "操作员 / operator", "cli", reason=reason)
    try:
        target = moved_clock.move(record, operator, to).target
        while target is not None and moved_clock.now(record) < target:
            time.sleep(LOOK_AGAIN)
        return f"test clock {wire(moved_clock.now(record))}"
    finally:
        record.dispose()
