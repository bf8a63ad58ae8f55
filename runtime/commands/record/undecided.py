"""`batchwright undecided`: what earlier versions let through and people must decide now, in one list (REQUIREMENTS 121)."""

import json
from typing import TYPE_CHECKING

import typer

from models.kernel.text import Text
from runtime.commands.options import HomeOption, JsonOption, settings_for

if TYPE_CHECKING:
    from models.plant.store.left_to_decide import LeftToDecide

WHAT_TO_DO = {
    "alike": Text(
        "仅大小写、空格或连字符不同的编号: 核对实物, 追溯与召回会同时找到它们",
        "numbers that mean the same: look at the goods; traces and recalls find all of them",
    ),
    "places": Text(
        "未定类别的库位: 由流程负责人定类别 (管理 → 工厂设置 → 未定类别的库位)",
        "places without a kind: the process owner decides (Admin, Set up the plant, Places without a kind)",
    ),
    "recalls": Text(
        "未冻结全部在厂批次的召回: 由召回协调员打开召回并冻结",
        "recalls that don't hold all their batches in house: the coordinator opens the recall and holds them",
    ),
    "logins": Text(
        "尚不能签名的账号: 本人登录、改密码并确认身份, 或管理员发一次性密码",
        "logins that can't sign: their owner logs in, sets a password and confirms who they are; or gets a one-time code",
    ),
    "labels": Text(
        "整条标签存成了编号: 核对实物, 追溯与召回按标签内容找到它们, 并请人决定",
        "whole labels stored as numbers: look at the goods; traces and recalls find them by what they say, for a decision",
    ),
}


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("undecided")
    def undecided_command(as_json: JsonOption = False, home: HomeOption = None) -> None:
        """List what an upgrade leaves to people to decide / 列出升级后待人员决定的事项."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), frozenset({"postgres"})) as running:
            found = _ask(str(running.settings.database_url))
        if as_json:
            said = {name: getattr(found, name) for name in WHAT_TO_DO}
            print(json.dumps(said, ensure_ascii=False, indent=2, default=str))
        for line in lines(found):
            typer.echo(line, err=True)


def lines(found: "LeftToDecide") -> list[str]:
    """The list as an operator reads it: what it is, how many, what to do, and each."""
    said = []
    for name, (zh, en) in WHAT_TO_DO.items():
        rows = getattr(found, name)
        if rows:
            said.append(f"{len(rows)} · {zh} / {en}")
            said += [f"    {_row(name, row)}" for row in rows]
    return said or ["没有待决定的事项 / nothing is left to decide"]


def _row(name: str, row: object) -> str:
    match name, row:
        case "alike", tuple(numbers):
            return " = ".join(map(str, numbers))
        case "recalls", (number, many):
            return f"{number}: {many}"
        case "logins", dict(login):
            return f"{login['login']}  {login['name']}"
        case "labels", (_, number, label, says):
            return f"{number}: {label} → {says}" if number != label else f"{label} → {says}"
        case _, (code, title):
            return f"{code}  {title}"
    raise TypeError(name)


def _ask(url: str) -> "LeftToDecide":
    from models.kernel.store import act
    from models.kernel.store.db import engine
    from models.plant.store import left_to_decide

    connected = engine(url, pool_size=1)
    try:
        with act.reading(connected) as session:
            return left_to_decide.read(session)
    finally:
        connected.dispose()
