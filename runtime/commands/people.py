"""`batchwright people unlock LOGIN`: an operator at the server lets somebody in again (21 CFR 11.300(d); REQ 112).

Five wrong guesses lock an account, whoever makes them, the only administrator's too.  Whoever works at the server can undo
that; the audit trail says so and the person finds a notice.  No password is set or shown.
"""

from typing import Annotated

import typer

from runtime.commands.options import HomeOption, settings_for

PARTS = frozenset({"postgres"})


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    people = typer.Typer(help="People and their logins. / 人员与登录", no_args_is_help=True)
    app.add_typer(people, name="people")

    @people.command()
    def unlock(
        login: Annotated[str, typer.Argument(help="The user name. / 用户名")],
        reason: Annotated[str, typer.Option(help="Why. / 原因")] = "在服务器上解锁 / unlocked at the server",
        home: HomeOption = None,
    ) -> None:
        """Unlock an account that wrong passwords locked / 解锁账号."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            unlock_at(str(running.settings.database_url), login, reason)
        typer.echo(f"unlocked {login}", err=True)


def unlock_at(database_url: str, login: str, reason: str) -> None:
    """Unlock in that database, as the operator."""
    from models.store import people
    from models.store.act import Actor, act
    from models.store.db import engine

    record = engine(database_url, pool_size=1)
    try:
        with act(record, Actor("service:operator", "操作员 / operator", "cli", reason=reason)) as session:
            people.unlock_by_operator(session, login)
    finally:
        record.dispose()
