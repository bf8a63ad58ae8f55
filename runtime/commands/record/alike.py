"""`batchwright alike`: numbers of batches and master data of before that fold alike, each group for a person's decision (REQUIREMENTS 19)."""

import json
import sys

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("alike")
    def alike_command(as_json: JsonOption = False, home: HomeOption = None) -> None:
        """List numbers that differ only in case, blanks or dashes / 列出仅大小写、空格或连字符不同的编号."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), frozenset({"postgres"})) as running:
            groups = _ask(str(running.settings.database_url))
        if as_json:
            print(json.dumps({"groups": groups}, ensure_ascii=False, indent=2))
        for numbers in groups:
            print(" = ".join(numbers), file=sys.stderr)
        print(f"{len(groups)} 组 / groups", file=sys.stderr)


def _ask(url: str) -> list[list[str]]:
    from models.kernel.store import act
    from models.kernel.store.db import engine
    from models.lot.store import lots
    from models.register.store import keyset

    connected = engine(url, pool_size=1)
    try:
        with act.reading(connected) as session:
            return [list(numbers) for numbers in (*lots.alike(session), *keyset.alike(session))]
    finally:
        connected.dispose()
