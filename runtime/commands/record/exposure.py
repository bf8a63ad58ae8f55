"""`batchwright exposure OF`: what else met a lot, machine, person, room or load in a window, and why (requirement 20)."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for
from runtime.commands.record.trace import NO_FILE


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("exposure")
    def exposure_command(
        of: Annotated[
            str,
            typer.Argument(help="lot:N, equipment:N, person:N, location:N, load:N / 批次、设备、人员、房间、炉次"),
        ],
        since: Annotated[
            str | None, typer.Option("--from", metavar="T", help="Date or time, inside the window. / 开始")
        ] = None,
        until: Annotated[
            str | None, typer.Option("--to", metavar="T", help="Date (the whole day) or time, outside. / 结束")
        ] = None,
        as_json: JsonOption = False,
        csv_file: Annotated[
            Path | None, typer.Option("--csv", metavar="FILE", help="Write the answer as CSV. / 写成 CSV")
        ] = None,
        home: HomeOption = None,
    ) -> None:
        """Everything that touched a thing in a time window / 某时间段内的共同暴露."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), frozenset({"postgres"})) as running:
            document = _ask(str(running.settings.database_url), of, since, until)
        if csv_file is not None:
            from models.exposure.rules.csv_file import to_csv

            try:
                csv_file.write_bytes("".join(to_csv(document)).encode())
            except OSError as error:
                raise NO_FILE(file=csv_file, why=error.strerror) from None
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        _say(document)
        if csv_file is not None:
            print(f"→ {csv_file}", file=sys.stderr)


def _ask(url: str, of: str, since: str | None, until: str | None) -> dict[str, Any]:
    from models.exposure.store import exposure
    from models.kernel.store import act
    from models.kernel.store.db import engine

    connected = engine(url, pool_size=1)
    try:
        with act.reading(connected) as session:
            return exposure.exposure(session, of, since, until).document(act.now(session))
    finally:
        connected.dispose()


def _say(document: dict[str, Any]) -> None:
    """For people, on stderr: stdout belongs to `--json`."""
    said = [f"{document['zh']} / {document['en']}"]
    said += [f"[{document['since'] or '…'}, {document['until'] or '…'})", ""]
    for touch in document["touches"]:
        ends = touch["ends_at"] or "…"
        amount = f"  {touch['quantity']} {touch['uom'] or ''}" if touch["quantity"] else ""
        said.append(
            f"{touch['starts_at'][:16]} – {ends[:16]}  {touch['number']}  {touch['zh']} / {touch['en']}{amount}"
        )
    counts = document["counts"]
    if not document["touches"]:
        said.append("这段时间内没有任何共同暴露的记录 / nothing was recorded to have met it in this window")
    said += [
        "",
        (
            f"批次/lots {counts['lot']}, 设备/machines {counts['equipment']}, 人员/people {counts['person']},"
            f" 房间/rooms {counts['location']}, 炉次/loads {counts['load']}; sha256 {document['digest']}"
        ),
        document["identifier"],
    ]
    print("\n".join(said), file=sys.stderr)
