"""`batchwright people unlock LOGIN`: an operator at the server lets somebody in again (21 CFR 11.300(d); REQ 112).

Five wrong guesses lock an account, whoever makes them, the only administrator's too.  Whoever works at the server can undo
that; the audit trail says so and the person finds a notice.  No password is set or shown.

`batchwright people half LOGIN` shows the second half of a one-time code while a plant has one administrator only.
`batchwright people first-code` prints the first administrator's code anew while nobody has ever signed in.
`batchwright people uncertified` lists who can't sign yet, with who set the password (21 CFR 11.100(b), 11.200(a)(3)).
"""

import json
from typing import Annotated, Any

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for

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

    @people.command()
    def half(
        login: Annotated[str, typer.Argument(help="The user name. / 用户名")],
        home: HomeOption = None,
    ) -> None:
        """Show the second half of a code, while only one person could / 只有一人可交付时, 显示另一半一次性密码."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            shown = half_at(str(running.settings.database_url), login)
        typer.echo(shown)

    @people.command(name="first-code")
    def first_code(home: HomeOption = None) -> None:
        """Print the first administrator's code anew, while nobody has ever signed in / 无人登录前, 重新打印首位管理员的一次性密码."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            login, code = first_code_at(str(running.settings.database_url))
        typer.echo(f"{login}\n一次性密码 / one-time code: {code}\n在登录页选「使用一次性密码」 / at /welcome")

    @people.command()
    def uncertified(as_json: JsonOption = False, home: HomeOption = None) -> None:
        """List logins that can't sign yet, with who set the password / 列出尚未确认身份的账号."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            found = uncertified_at(str(running.settings.database_url))
        if as_json:
            print(json.dumps({"accounts": found}, ensure_ascii=False, indent=2, default=str))
        for one in found:
            whose = "他人 / somebody else" if one["set_by_another"] else "本人 / the person"
            typer.echo(
                f"{one['login']:<20} {one['name']}  {str(one['set_at'])[:16]} {one['set_by']} ({whose})", err=True
            )
        typer.echo(f"{len(found)} 个账号 / accounts", err=True)


def half_at(database_url: str, login: str) -> str:
    """The second half of that code, for the operator's eyes."""
    from models.kernel.store.act import Actor, act
    from models.kernel.store.db import engine
    from models.person.store import credentials

    record = engine(database_url, pool_size=1)
    try:
        with act(record, Actor("service:operator", "操作员 / operator", "cli")) as session:
            return credentials.half_at_server(session, login).half
    finally:
        record.dispose()


def first_code_at(database_url: str) -> tuple[str, str]:
    """The first administrator's login and a new code."""
    from models.kernel.store.act import Actor, act
    from models.kernel.store.db import engine
    from models.person.store import credentials

    record = engine(database_url, pool_size=1)
    try:
        with act(record, Actor("service:operator", "操作员 / operator", "cli")) as session:
            return credentials.print_again(session)
    finally:
        record.dispose()


def uncertified_at(database_url: str) -> list[dict[str, Any]]:
    """The logins of that database that nobody has certified."""
    from models.kernel.store.act import reading
    from models.kernel.store.db import engine
    from models.person.store import credentials

    record = engine(database_url, pool_size=1)
    try:
        with reading(record) as session:
            return credentials.uncertified(session)
    finally:
        record.dispose()


def unlock_at(database_url: str, login: str, reason: str) -> None:
    """Unlock in that database, as the operator."""
    from models.kernel.store.act import Actor, act
    from models.kernel.store.db import engine
    from models.person.store import people

    record = engine(database_url, pool_size=1)
    try:
        with act(record, Actor("service:operator", "操作员 / operator", "cli", reason=reason)) as session:
            people.unlock_by_operator(session, login)
    finally:
        record.dispose()
