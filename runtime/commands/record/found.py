"""`batchwright found`: a plant from nothing, and its first administrator by a one-time code (REQUIREMENTS 112; DESIGN 12)."""

import json
from typing import Annotated

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for

PARTS = frozenset({"postgres"})


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def found(
        name: Annotated[str, typer.Option("--name", help="The plant's name. / 工厂名称")],
        administrator: Annotated[
            str, typer.Option("--administrator", help="The first administrator's name. / 首位管理员姓名")
        ],
        login: Annotated[str, typer.Option("--login", help="Their user name. / 用户名")],
        code: Annotated[str, typer.Option("--code", help="A short code of the site. / 工厂代码")] = "SITE",
        zone: Annotated[str, typer.Option("--zone", help="Time zone. / 时区")] = "Asia/Shanghai",
        country: Annotated[str, typer.Option("--country", help="Country, two letters. / 国家")] = "CN",
        language: Annotated[str, typer.Option("--language", help="zh or en. / 语言")] = "zh",
        employee_no: Annotated[str | None, typer.Option("--employee-no", help="Employee number. / 工号")] = None,
        email: Annotated[str | None, typer.Option("--email", help="Their own mail address. / 本人邮箱")] = None,
        name_en: Annotated[str | None, typer.Option("--name-en", help="Its name in English. / 英文名称")] = None,
        administrator_en: Annotated[
            str | None, typer.Option("--administrator-en", help="Their name in English. / 管理员英文姓名")
        ] = None,
        phone: Annotated[str | None, typer.Option("--phone", help="For recall letters. / 召回信函上的电话")] = None,
        as_json: JsonOption = False,
        home: HomeOption = None,
    ) -> None:
        """Found a plant and print its administrator's one-time code / 建立工厂."""
        from api.plant.schemas import FoundInput
        from models.kernel.store.db import engine
        from models.plant.store import founding
        from runtime.supervisor import running_stack

        given = FoundInput(
            code=code, name=name, zone=zone, country=country, language=language, administrator=administrator, login=login,
            employee_no=employee_no, email=email, phone=phone, name_en=name_en, administrator_en=administrator_en,
        )  # fmt: skip
        with running_stack(settings_for(home), PARTS) as running:
            connected = engine(str(running.settings.database_url), pool_size=1)
            try:
                printed = founding.found(connected, given.plant())
            finally:
                connected.dispose()
        if as_json:
            print(json.dumps({"site": name, "login": login, "code": printed}, ensure_ascii=False))
        typer.echo(
            f"{name}: {login}\n一次性密码 / one-time code: {printed}\n在登录页选「使用一次性密码」 / at /welcome",
            err=True,
        )
