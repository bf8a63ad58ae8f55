"""`batchwright import FILE…`: take over records of another system, every source row accounted for.

All files are read before the first is stored; each is one transaction, so a file is imported whole or not at all.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from models.importing.rules.reading import Reading
    from models.importing.store.importing import Report


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("import")
    def import_files(
        files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="GUDID or InvenTree files. / 导入文件")],
        mapping: Annotated[
            Path | None, typer.Option("--mapping", metavar="M", help="Mapping of columns (not available yet). / 映射表")
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Show what would happen and store nothing. / 只试算，不保存")
        ] = False,
        as_json: JsonOption = False,
        home: HomeOption = None,
    ) -> None:
        """Take over records of another system / 从其他系统导入."""
        from models.importing.rules.codes import NO_MAPPING
        from models.kernel.store.db import engine
        from runtime.supervisor import running_stack

        if mapping is not None:
            raise NO_MAPPING(mapping=mapping)
        opened = [(file.name, *_open(file)) for file in files]
        with running_stack(settings_for(home), frozenset({"postgres"})) as running:
            connected = engine(str(running.settings.database_url), pool_size=1)
            reports = [_store(connected, name, digest, reading, dry_run) for name, digest, reading in opened]
            connected.dispose()
        documents = [report.as_dict() for report in reports]
        if as_json:
            print(json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False, indent=2))
        for (name, _, _), document in zip(opened, documents, strict=True):
            _say(name, document, dry_run)


def _open(file: Path) -> tuple[str, "Reading"]:
    from models.importing.rules.codes import NO_FILE
    from models.importing.rules.files import read

    try:
        content = file.read_bytes()
    except OSError as error:
        raise NO_FILE(file=file, why=error.strerror) from None
    return hashlib.sha256(content).hexdigest(), read(file.name, content)


def _store(connected: "Engine", name: str, digest: str, reading: "Reading", dry_run: bool) -> "Report":
    from models.importing.store.importing import actor, load
    from models.kernel.store.act import act

    with act(connected, actor(reading.source, name)) as session:
        report = load(session, reading, name, digest)
        if dry_run:
            session.rollback()
    return report


def _say(name: str, document: dict[str, Any], dry_run: bool) -> None:
    """For people, on stderr: stdout belongs to `--json`."""
    print(f"{name} → {document['source']}{' (dry run / 试算)' if dry_run else ''}", file=sys.stderr)
    width = max(len(kind) for kind in document["kinds"])
    shape = ("read", "imported", "merged", "rejected", "flagged")
    print(" " * width, *(f"{column:>9}" for column in shape), file=sys.stderr)
    for kind, counts in document["kinds"].items():
        print(f"{kind:<{width}}", *(f"{counts[column]:>9}" for column in shape), file=sys.stderr)
    seen: dict[str, list[dict[str, Any]]] = {}
    for finding in document["findings"]:
        seen.setdefault(f"{finding['code']} {finding['outcome']}", []).append(finding)
    for code, findings in sorted(seen.items()):
        first = findings[0]
        example = f"{first['kind']} {first['key']}: {first['zh']} / {first['en']}"
        print(f"{code} × {len(findings)}, e.g. / 例如 {example}", file=sys.stderr)
