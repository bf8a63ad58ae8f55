"""Writes docs/reference/kinds.md: what each noun hands to the engine, and a definition may name (DESIGN 6a)."""

from collections.abc import Iterable

import models.nouns
from models.definition.document import Text
from models.process import kinds
from models.process.kind import Before, Effect, FactKind, Kind


def declared() -> str:
    """A section for each family of definitions, in the order of the nouns."""
    subjects = "\n".join(
        f"- `{one.key}`: {_both(one.title)}, rows of `{one.table.__tablename__}`" for one in kinds.subjects()
    )
    parts = [
        "# Effects, records, gates and facts 效果、记录、关卡与事实",
        "What a definition of language 2 may name: `does: [effect]`, `record:` and `gate:`. Each is code that a noun declares in"
        " `models/<noun>/kind.py`; the order of nouns is that of `models/nouns.py`: "
        + ", ".join(models.nouns.NOUNS)
        + "."
        " 以下名称由各名词在代码中声明，流程定义通过名称引用。",
        "## Subjects 对象\n\n" + subjects,
        "## Facts 事实\n\nA wait or a trigger names one; conditions read its values as `<fact>.<value>`.\n\n"
        + _table(("Fact", "事实", "", "About", "Values"), map(_fact, kinds.facts())),
    ]
    return "\n\n".join([*parts, *(_kind(kind) for kind in kinds.every())])


def _kind(kind: Kind) -> str:
    """One family: what it is about and what its steps may name."""
    parts = [
        f"## {kind.family}",
        (
            f"About a `{kind.subject}`; Temporal type `{kind.workflow}`, ids `{kind.prefix}/…`, consequence {kind.rank}"
            f"{'' if kind.several else ', one for each subject'}, {len(kind.floor)} floor rules of its own."
        ),
    ]
    if kind.effects:
        parts.append(
            _table(("Effect", "效果", "", "Reads", "May make true", "Comes before", "Law"), map(_effect, kind.effects))
        )
    if kind.records:
        parts.append(
            _table(
                ("Record", "记录", ""),
                ((f"`{one.name}`", one.title.say("zh"), one.title.say("en")) for one in kind.records),
            )
        )
    if kind.gates:
        gates = ((f"`{one.name}`", one.title.say("zh"), one.title.say("en"), one.law) for one in kind.gates)
        parts.append(_table(("Gate", "关卡", "", "Law"), gates))
    return "\n\n".join(parts)


def _effect(effect: Effect) -> tuple[str, ...]:
    reads = (f"`{one.field}`{'' if one.required else ' (if asked)'}" for one in effect.reads)
    return (
        f"`{effect.name}`{' (optional)' if effect.optional else ''}",
        effect.title.say("zh"),
        effect.title.say("en"),
        ", ".join(reads),
        ", ".join(f"`{one}`" for one in effect.facts),
        ", ".join(dict.fromkeys(map(_before, effect.before))),
        effect.law,
    )


def _fact(fact: FactKind) -> tuple[str, ...]:
    values = ", ".join(f"`{name}` ({kept})" for name, kept in fact.values.items())
    about = ", ".join(f"`{one}`" for one in fact.subjects)
    return f"`{fact.name}`", fact.title.say("zh"), fact.title.say("en"), about, values


def _before(before: Before) -> str:
    """What no path may come to without it."""
    named = (
        ("result", before.result),
        ("process", before.family),
        ("wait for", before.fact),
        ("effect", before.effect),
    )
    return " ".join(f"{what} `{name}`" for what, name in named if name)


def _both(title: Text) -> str:
    return f"{title.say('zh')} {title.say('en')}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
