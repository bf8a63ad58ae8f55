"""`batchwright check-replay`: does what is under way go on with this code?  Asked before a new version is started."""

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for

if TYPE_CHECKING:
    from runtime.settings import Settings
    from runtime.temporal.replaying import Checked

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("check-replay")
    def check_replay(
        closed: Annotated[
            int, typer.Option("--closed", min=0, help="How many of the newest ended ones as well. / 另查最近结束的条数")
        ] = 100,
        as_json: JsonOption = False,
        home: HomeOption = None,
    ) -> None:
        """Replay all open workflows with this code; status 1 where one would stop / 用当前代码重放未结束的流程."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), frozenset({"temporal"})) as running:
            found = asyncio.run(_check(running.settings, closed))
        if as_json:
            typer.echo(json.dumps({"ok": found.ok, **asdict(found)}, ensure_ascii=False, indent=2))
        for one in found.broken[:SHOWN]:
            typer.echo(f"{one.workflow_id} ({one.type}): 无法继续 / would stop: {one.why}", err=True)
        typer.echo(
            f"未结束 {found.open} / open, 已结束 {found.closed} / ended, 无法重放 {len(found.broken)} / don't replay",
            err=True,
        )
        if not found.ok:
            raise typer.Exit(1)


async def _check(settings: "Settings", closed: int) -> "Checked":
    from temporalio.runtime import Runtime, TelemetryConfig

    from runtime.temporal.connection import connect
    from runtime.temporal.replaying import check

    # what the SDK has to say of a replay that fails would stand on stdout, which is the document's
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
    return await check(await connect(settings), closed)
