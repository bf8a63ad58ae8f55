"""`batchwright definitions lint FILE…`: what is wrong with process definitions, without any server.

Exit status 1 when a file has an error; warnings alone pass.  The shipped definitions are known as subprocesses, and so is
everything named on the command line, whichever order it is named in.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.kernel.refusal import Kind, Refusal
from runtime.commands.options import JsonOption

if TYPE_CHECKING:
    from models.definition.document import Definition

SHIPPED = Path(__file__).resolve().parents[3] / "definitions"
UNREADABLE = Kind("DEF-004", "DESIGN 8", "无法读取文件 {file}: {why}。", "The file {file} can't be read: {why}.", 422)

app = typer.Typer(help="Process definitions. / 流程定义", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add the verbs."""
    root.add_typer(app, name="definitions")


@app.callback()
def definitions() -> None:
    """Keep `lint` a word of its own, also while it is the only one."""


@app.command("lint")
def lint_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="YAML files. / YAML 文件")],
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with definitions: shape, sense, legal floor / 检查流程定义."""
    from models.definition.document import results

    read = [(file, _read(file)) for file in files]
    known = {one.key: results(one) for one in _shipped()}
    known |= {one.key: results(one) for _, one in read if not isinstance(one, Refusal)}
    answers = [_answer(file, one, known) for file, one in read]
    if as_json:
        print(json.dumps({"files": answers}, ensure_ascii=False, indent=2))
    for answer in answers:
        _say(answer)
    if any(not answer["ok"] for answer in answers):
        raise typer.Exit(1)


def _read(file: Path) -> Definition | Refusal:
    from models.definition.yaml_text import parse_yaml

    try:
        return parse_yaml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return UNREADABLE(file=file, why=error)
    except Refusal as refusal:
        return refusal


def _shipped() -> list[Definition]:
    from models.definition.yaml_text import parse_yaml

    return [parse_yaml(file.read_text(encoding="utf-8")) for file in sorted(SHIPPED.glob("*.yaml"))]


def _answer(file: Path, one: Definition | Refusal, known: dict[str, frozenset[str]]) -> dict[str, Any]:
    import models.nouns  # noqa: F401 - hands in the kinds
    from models.definition.document import digest
    from models.definition.findings import Finding
    from models.definition.lint.lint import lint
    from models.process.lawful import check

    if isinstance(one, Refusal):
        found = [Finding(one.code, "error", None, one.zh, one.en, one.clause)]
        return {"file": str(file), "key": None, "ok": False, "findings": [asdict(each) for each in found]}
    found = [*lint(one, None, known), *check(one)]
    return {
        "file": str(file),
        "key": one.key,
        "version": one.version,
        "digest": digest(one),
        "ok": all(each.severity != "error" for each in found),
        "findings": [asdict(each) for each in found],
    }


def _say(answer: dict[str, Any]) -> None:
    """For people, on stderr: stdout belongs to `--json`."""
    for each in answer["findings"]:
        place = f"{answer['file']}: {each['code']} {each['severity']}"
        print(f"{place}: {each['zh']}\n{place}: {each['en']}", file=sys.stderr)
    if not answer["findings"]:
        print(f"{answer['file']}: ok", file=sys.stderr)
