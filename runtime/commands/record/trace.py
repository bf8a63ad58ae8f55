"""`batchwright trace IDENTIFIER`: where anything scanned or typed came from and where it went (DESIGN 12)."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from models.kernel.refusal import Kind
from models.trace.rules.trace import Direction
from runtime.commands.options import HomeOption, JsonOption, settings_for

NO_FILE = Kind("TRC-020", "DESIGN 12", "无法写入文件 {file}：{why}。", "The file {file} can't be written: {why}.", 422)


SIGNS = {"passed": "✓", "exception": "!", "not_checked": "?", "not_applicable": "–"}


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("trace")
    def trace_command(
        identifier: Annotated[
            str, typer.Argument(help="Lot, supplier lot, serial, UDI, order, … / 任何编号或扫码内容")
        ],
        direction: Annotated[Direction, typer.Option(help="Where to go. / 追溯方向")] = Direction.BOTH,
        as_of: Annotated[
            str | None, typer.Option("--as-of", metavar="T", help="As known at that date or time. / 截至该时刻")
        ] = None,
        as_json: JsonOption = False,
        csv_file: Annotated[
            Path | None, typer.Option("--csv", metavar="FILE", help="Write the answer as CSV. / 写成 CSV")
        ] = None,
        pdf_file: Annotated[
            Path | None, typer.Option("--pdf", metavar="FILE", help="Write the answer as PDF. / 写成 PDF")
        ] = None,
        home: HomeOption = None,
    ) -> None:
        """Trace a lot backward and forward / 正反向追溯."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), frozenset({"postgres"})) as running:
            document, now, zone, test = _ask(str(running.settings.database_url), identifier, direction, as_of)
        if csv_file is not None:
            from models.trace.rules.csv_file import to_csv

            _write(csv_file, "".join(to_csv(document)).encode())
        if pdf_file is not None:
            from models.trace.paper import trace_pdf

            _write(pdf_file, trace_pdf(document, now, zone, test=test))
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        _say(document)
        for file in (csv_file, pdf_file):
            if file is not None:
                _line(f"→ {file}")


def _ask(
    url: str, identifier: str, direction: Direction, as_of: str | None
) -> tuple[dict[str, Any], datetime, str, bool]:
    from models.clock.store import moved_clock
    from models.kernel.store import act
    from models.kernel.store.db import engine
    from models.trace.store import trace

    connected = engine(url, pool_size=1)
    try:
        with act.reading(connected) as session:
            now = act.now(session)
            document = trace.trace_identifier(session, identifier, direction, as_of).document(now)
            return document, now, act.zone(session), moved_clock.marked(session)
    finally:
        connected.dispose()


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise NO_FILE(file=file, why=error.strerror) from None


def _say(document: dict[str, Any]) -> None:
    """For people, on stderr: stdout belongs to `--json`."""
    for hit in document["resolved"]:
        _line(f"{hit['label']['zh']} / {hit['label']['en']}")
    _line()
    for node in document["nodes"]:
        marks = " ".join(mark for mark in (node["status"] or "", "held/冻结" if node["held"] else "") if mark)
        proofs = "".join(SIGNS[proof["mark"]] for proof in node["evidence"].values())
        source = f"  ← {node['supplier']} {node['supplier_lot_no'] or '?'}" if node["supplier"] else ""
        _line(
            f"{node['depth']:>+4}  {node['lot_no']:<24} {node['item']}  {node['quantity']} {node['uom']}  {proofs}  {marks}{source}"
        )
        for issue in node["issues"]:
            _line(f"        ! {issue['kind']} {issue['number']} {issue['title']}")
    if document["customers"]:
        _line("\n客户 / customers")
    for row in document["customers"]:
        _line(
            f"      {row['customer']}  {row['lot_no']}  发货/shipped {row['shipped']}  退回/returned {row['returned']}"
            f"  在外/outstanding {row['outstanding']} {row['uom']}"
        )
    if document["stock"]:
        _line("\n在库 / in house")
    for row in document["stock"]:
        _line(f"      {row['location']}  {row['lot_no']}  {row['quantity']} {row['uom']}")
    _line()
    for finding in document["findings"]:
        _line(f"{finding['code']}  {finding['zh']} / {finding['en']}")
    for gap in document["evidence_gaps"]:
        _line(f"人机料法环 / evidence: {gap['factor']} {gap['mark']} {gap['lots']}: {', '.join(gap['first'])}")
    complete = "完整 / complete" if document["complete"] else "不完整 / NOT complete"
    balanced = "数量平衡 / balanced" if document["balanced"] else "数量不平 / NOT balanced"
    _line(f"{complete}; {balanced}; sha256 {document['digest']}")


def _line(said: str = "") -> None:
    print(said, file=sys.stderr)
