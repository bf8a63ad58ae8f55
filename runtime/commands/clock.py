"""`batchwright clock`: whether the clock agrees with the record, and going on after it was ahead (21 CFR 11.10(e)).

While the clock shows less than the record already holds nothing is recorded.  The remedy is to set it right.  Where the
record is ahead because the clock was wrong *before*, an operator accepts the present time with a reason: that is an event
of the audit trail.
"""

from typing import Annotated

import typer

from runtime.commands.options import HomeOption, settings_for

PARTS = frozenset({"postgres"})


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


def compared(database_url: str) -> tuple[str, bool]:
    """What the clocks and the record say, in a line, and whether nothing is recorded because of it."""
    from models.rules.moments import wire
    from models.store import clocks
    from models.store.act import reading
    from models.store.db import engine

    record = engine(database_url, pool_size=1)
    try:
        with reading(record) as session:
            seen = clocks.read(session)
    finally:
        record.dispose()
    found = seen.clocks
    last = wire(found.last) if found.last else "-"
    verdict = "behind" if found.behind else "apart" if found.apart else "ok"
    engine_says = "not compared" if found.ahead is None else wire(found.now - found.ahead.surely)
    return f"clock {wire(found.now)}, engine {engine_says}, record {last}: {verdict}", found.wrong


def accept_at(database_url: str, reason: str) -> None:
    """Accept in that database, as the operator."""
    from models.store import clocks
    from models.store.act import Actor, act
    from models.store.db import engine

    record = engine(database_url, pool_size=1)
    operator = Actor("service:operator", "操作员 / operator", "cli", reason=reason, enters=True)
    try:
        with act(record, operator) as session:
            clocks.accept(session, reason)
    finally:
        record.dispose()
