"""Writes what docs say by themselves from the code: settings, commands, refusals, words, states, who knows whom.  `make docs` runs it.

tests/house/docs/test_reference.py fails when a page says something else than the code.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

from runtime.postgres import Postgres
from runtime.reference import proofs as reference_proofs
from runtime.reference import states, structure, walls
from runtime.reference.fields import fields
from runtime.reference.glossary import glossary
from runtime.reference.kinds import declared
from runtime.reference.record import record, running
from runtime.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
PACKAGES = ("models", "activities", "workflows", "api", "ui", "runtime")
"""Wherever somebody may be told no."""
MADE = "<!-- Made by `make docs`; a test holds it against the code. -->\n"


def pages(server: Postgres) -> dict[str, str]:
    """Every generated page: its path from docs/reference, and its text."""
    made: dict[str, Callable[[], str]] = {
        "settings.md": settings,
        "cli.md": commands,
        "fields.md": fields,
        "glossary.md": glossary,
        "kinds.md": declared,
        "holds.md": holds,
        "permissions.md": permissions,
        "proofs.md": reference_proofs.page,
        "record.md": lambda: record(server),
        "refusals.md": refusals,
        "../explanation/states.md": states.page,
        "../explanation/structure.md": structure.page,
    }
    written = {name: f"{MADE}\n{page().strip()}\n" for name, page in made.items()}
    drawn = states.pictures() | {"structure.svg": structure.picture()}
    return written | {f"../images/{name}": svg for name, svg in drawn.items()}


def settings() -> str:
    """A row per setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"BATCHWRIGHT_{name.upper()}")
        default = "" if field.default_factory else _shown(field.default)
        rows.append((f"`{variable}`", default, field.description or ""))
    return (
        "# Settings 设置\n\nEverything is read from the environment. Without any setting, Batchwright runs on one machine"
        " from its data folder.\n\n" + _table(("Variable", "Default", "Meaning"), rows)
    )


def _shown(value: object) -> str:
    if value is None:
        return "(empty)"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def commands() -> str:
    """A section per verb, as `--help` says it."""
    import cli

    root: Any = typer.main.get_command(cli.build())
    head = (
        "# Commands 命令\n\n`.venv/bin/batchwright VERB …`. Exit status 0 only when it worked; `--json` prints one JSON"
        " document on stdout, everything else goes to stderr."
    )
    parts = [head]
    for path, command in _leaves(root, ()):
        if not command.hidden:
            parts.append(_command(path, command))
    return "\n\n".join(parts)


def _leaves(command: Any, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in sorted(command.commands.items()):
        yield from _leaves(inner, (*path, name))


def _command(path: tuple[str, ...], command: Any) -> str:
    rows = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        is_option = parameter.param_type_name == "option"
        spelled = " / ".join([*parameter.opts, *parameter.secondary_opts]) if is_option else parameter.name.upper()
        rows.append((f"`{spelled}`", getattr(parameter, "help", None) or ""))
    text = f"## batchwright {' '.join(path)}\n\n{inspect.cleandoc(command.help or '')}"
    return text + ("\n\n" + _table(("Option", "Meaning"), rows) if rows else "")


def permissions() -> str:
    """Roles and what each may do."""
    from models.person.rules.roles import Permission
    from models.person.rules.shipped_roles import SHIPPED

    rows = [
        (f"`{permission}`", *("●" if permission in role.permissions else "" for role in SHIPPED))
        for permission in Permission
    ]
    heads = ("Permission", *(f"{role.name.zh} {role.name.en}" for role in SHIPPED))
    return (
        "# Permissions 权限\n\nA permission is `<noun>.<verb>`. What a role permits is the plant's; these are the roles that are shipped, as a new plant"
        " begins with them. Who may do a *task* is said by its process definition;"
        " the database asks again.\n\n" + _table(heads, rows) + _doors()
    )


def holds() -> str:
    """What a held batch may go through."""
    from models.lot.rules.held import ACT_WORDS, ALLOWED
    from models.lot.rules.open_hold import KIND_NAMES

    rows = [
        (f"{zh} {en}", *("●" if act in acts else "" for acts in ALLOWED.values()))
        for act, (zh, en) in ACT_WORDS.items()
    ]
    heads = ("A held batch may be 冻结的批次可以", *(" ".join(KIND_NAMES[kind]) for kind in ALLOWED))
    return (
        "# Holds 冻结\n\nEvery act on a batch asks this table; several holds allow what all of them allow. Everything"
        " without a mark is refused (LOT-003), at every door and, where a row can tell, by the database (BW031, BW079,"
        " BW080, BW083 to BW085, BW115). Parts that are split off stay held by the same holds; held goods move only to where held goods lie"
        " (PLC-001). Work that began before the hold was placed has happened and is recorded. Goods that came back and"
        " nobody has decided about are judged by quantity: they stay in returns, quarantine or rejects (PLC-002, PLC-003)."
        " A newer decision of two people lifts the hold of a release decision before it releases the batch.\n\n"
        + _table(heads, rows)
    )


def _doors() -> str:
    """What opens each route and page: deny by default, and the application starts with no route that isn't here."""
    from api.frame.doors import Door
    from models.person.rules.roles import Permission
    from ui.frame.rooms import doors

    behind: dict[str, list[str]] = {door: [] for door in (*Door, *Permission)}
    for name, door in doors().items():
        behind[door].append(name)
    rows = [
        (f"`{door}`", "<br>".join(f"`{name}`" for name in sorted(names, key=lambda one: one.split(" ")[::-1])))
        for door, names in behind.items()
        if names
    ]
    return (
        "\n\n## Doors 入口\n\nEvery route of the API and every page, with what opens it; `anybody` needs no login, `own` is"
        " a person's own account. A route that isn't here doesn't exist: the application refuses to start with one."
        " 每个接口和页面所需的权限；未列入的一律关闭。\n\n" + _table(("Opens with", "Routes and pages"), rows)
    )


def refusals() -> str:
    """Every way to be told no."""
    from models.kernel.refusal import CATALOGUE

    for package in PACKAGES:
        _import_all(package)
    rows = [
        (f"`{kind.code}`", str(kind.status), kind.clause, kind.zh, kind.en)
        for kind in sorted(CATALOGUE.values(), key=lambda each: each.code)
    ]
    return (
        '# Refusals 拒绝代码\n\nEvery "no" has a stable code, the clause behind it and a sentence in Chinese and English:'
        " the same on the page, in the API's problem document and in the record of signing attempts."
        " Words in braces are filled in from the case.\n\n"
        + _table(("Code", "HTTP", "Clause", "中文", "English"), rows)
    )


def _import_all(package: str) -> None:
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        # Alembic loads these itself, inside a migration.
        if not module.name.startswith("models.migrations."):
            importlib.import_module(module.name)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def main(folder: Path = FOLDER, rooms: Path | None = None) -> None:
    """Write the pages, and into the rooms of the nouns their walls."""
    with running() as server:
        for name, text in pages(server).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if rooms:
            walls.write(rooms, walls.built(server))
