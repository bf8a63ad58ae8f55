"""`batchwright recall-drill IDENTIFIER`: a drill begins; its scope is computed at once and waits for two signatures."""

import asyncio
import json
import sys
import time
from typing import Annotated, Any

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for
from runtime.settings import Settings, secret_of

PARTS = frozenset({"postgres", "temporal", "worker"})


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("recall-drill")
    def recall_drill(
        identifiers: Annotated[
            list[str], typer.Argument(help="Lot, supplier lot, serial, UDI, order, … / 任何编号或扫码内容")
        ],
        title: Annotated[str, typer.Option(help="What it is called. / 名称")] = "召回演练 / recall drill",
        reason: Annotated[str, typer.Option(help="Why now. / 原因")] = "命令行演练 / from the command line",
        as_json: JsonOption = False,
        home: HomeOption = None,
    ) -> None:
        """Begin a recall drill and print its scope / 开始召回演练并给出范围."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), PARTS) as running:
            document = asyncio.run(_open(running.settings, identifiers, title, reason))
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        _say(document)


async def _open(settings: Settings, identifiers: list[str], title: str, reason: str) -> dict[str, Any]:
    from zoneinfo import ZoneInfo

    from models.kernel.store.act import now, reading, zone
    from models.kernel.store.db import engine
    from models.person.messages import key_of_service
    from models.process.messages.process import By
    from models.recall.messages.begin import OpenRecall
    from models.recall.store import recalls
    from worker import connect
    from workflows.temporal import start

    client = await connect(settings)
    record = engine(str(settings.database_url), pool_size=1)
    try:
        with reading(record) as session:
            year = now(session).astimezone(ZoneInfo(zone(session))).year
            number = recalls.next_number(session, "drill", year)
        by = By(person_id=0, name="batchwright recall-drill", actor_id="service:cli", source="cli")
        command = OpenRecall(
            command_id=f"cli:{number}:{time.time_ns()}",
            by=by.holding(key_of_service(secret_of(settings), by.actor_id)),
            recall_no=number,
            mode="drill",
            identifiers=tuple(identifiers),
            title=title,
            reason=reason,
        )
        began = time.monotonic()
        await start.open_recall(client, command)
        seconds = time.monotonic() - began
        with reading(record) as session:
            recall = recalls.get(session, number)
            scope = recalls.newest_scope(session, recall.id)
            return {
                "no": number,
                "lots": scope.lots,
                "customers": scope.customers,
                "complete": scope.complete,
                "balanced": scope.balanced,
                "digest": scope.digest,
                "seconds_to_scope": round(seconds, 3),
                "score": recall.score,
                "scope": recalls.record_of(session, scope),
            }
    finally:
        record.dispose()


def _say(document: dict[str, Any]) -> None:
    """For people, on stderr: stdout belongs to `--json`."""
    complete = "完整 / complete" if document["complete"] else "不完整 / NOT complete"
    balanced = "数量平衡 / balanced" if document["balanced"] else "数量不平 / NOT balanced"
    print(
        f"{document['no']}: {document['lots']} 批 lots, {document['customers']} 客户 customers; {complete}; {balanced};"
        f" {document['seconds_to_scope']} s\n下一步: 召回协调员在「召回」页冻结范围 / next: the recall coordinator freezes"
        f" the scope on the page “Recall”\nsha256 {document['digest']}",
        file=sys.stderr,
    )
