"""`batchwright audit verify`: every row of the audit trail is as it was written (21 CFR 11.10(e); DESIGN 10)."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for

if TYPE_CHECKING:
    from models.audit.store import Verified

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the verb."""
    audit = typer.Typer(help="The audit trail. / 审计追踪", no_args_is_help=True)
    app.add_typer(audit, name="audit")

    @audit.callback()
    def trail() -> None:
        """Keep the second word, also while there is only one. / 审计追踪."""

    @audit.command()
    def verify(as_json: JsonOption = False, home: HomeOption = None) -> None:
        """Hash every row of the trail again; status 1 where one was changed / 逐行核对审计追踪."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), frozenset({"postgres"})) as running:
            found = verify_at(str(running.settings.database_url))
        if as_json:
            typer.echo(json.dumps({"ok": found.ok, **asdict(found)}, ensure_ascii=False, indent=2))
        for what in found.silent:
            typer.echo(f"{what}: 变更未记入审计 / changes are not written down", err=True)
        for number in found.broken[:SHOWN]:
            typer.echo(f"#{number}: 审计记录被改动 / the row was changed", err=True)
        typer.echo(f"{found.rows} 行 / rows, {len(found.broken)} 被改动 / changed", err=True)
        if not found.ok:
            raise typer.Exit(1)


def verify_at(database_url: str) -> "Verified":
    """The whole trail of that database, read as the application."""
    from models.audit import store as sealing
    from models.kernel.store.db import engine

    record = engine(database_url, pool_size=1)
    try:
        with record.connect() as connection:
            return sealing.verify(connection)
    finally:
        record.dispose()
