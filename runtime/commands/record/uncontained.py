"""`batchwright uncontained`: open recalls that hold not all of their scope, each for a person's decision (REQUIREMENTS 74)."""

import json
import sys

import typer

from runtime.commands.options import HomeOption, JsonOption, settings_for


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command("uncontained")
    def uncontained_command(as_json: JsonOption = False, home: HomeOption = None) -> None:
        """List open recalls with batches in house that they don't hold / 列出尚未冻结全部在厂批次的召回."""
        from runtime.supervisor import running_stack

        with running_stack(settings_for(home), frozenset({"postgres"})) as running:
            found = _ask(str(running.settings.database_url))
        if as_json:
            print(
                json.dumps(
                    {"recalls": [{"recall_no": one, "lots": lots} for one, lots in found]}, ensure_ascii=False, indent=2
                )
            )
        for recall_no, lots in found:
            print(f"{recall_no}: {lots} 批未冻结 / batches not held", file=sys.stderr)
        print(f"{len(found)} 个召回 / recalls", file=sys.stderr)


def _ask(url: str) -> list[tuple[str, int]]:
    from models.kernel.store import act
    from models.kernel.store.db import engine
    from models.recall.store import recalls

    connected = engine(url, pool_size=1)
    try:
        with act.reading(connected) as session:
            return recalls.uncontained(session)
    finally:
        connected.dispose()
