"""Process definitions for reading: the list, and one version as sentences beside its picture (REQ 83, 84).

The checks shown are those that approval asks: lint and the floor of law, with the people the plant has now.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup
from sqlmodel import Session

from models.definition import queries as queries_definitions
from models.definition.document import Definition, Stage, StageKind, Trigger, results
from models.definition.lint.lint import lint
from models.definition.queries import DefinitionView
from models.definition.words import sentence, span
from models.person.rules.known_roles import role_name
from models.process import kinds, lawful
from models.process.kind import Effect, Gate, Record
from models.process.queries import inbox_page as queries_page_inbox
from ui.definition.page import DefinitionPage, DefinitionRow, DefinitionsPage, Finding, StepSentence
from ui.definition.picture import picture
from ui.frame.i18n import Language, Words
from ui.frame.parts import Fact, Link
from ui.frame.status import mark


def definitions_page(session: Session, words: Words) -> DefinitionsPage:
    """Every version of every process; what new batches start with comes first."""
    found = queries_definitions.everything(session).items
    order = sorted(found, key=lambda one: (one.key, one.status != "effective", -one.version))
    rows = []
    for one in order:
        read = queries_definitions.one(session, one.key, one.version).definition
        rows.append(
            DefinitionRow(
                key=one.key,
                version=one.version,
                title=one.title.say(words.language),
                href=href(one.key, one.version),
                mark=mark("definition", one.status),
                steps=sum(stage.kind.human for stage in read.stages),
                running=one.running,
                digest=one.digest,
                effective_at=_since(one),
            )
        )
    return DefinitionsPage(rows=tuple(rows))


def definition_page(session: Session, words: Words, key: str, version: int) -> DefinitionPage:
    """One version."""
    found = queries_definitions.one(session, key, version)
    read, view, language = found.definition, found.view, words.language
    everything = queries_definitions.everything(session).items
    facts = [Fact(label=words("definition.running"), text=str(view.running))]
    since = _since(view)
    if since is not None:
        facts.append(Fact(label=words("definition.effective"), moment=since))
    roles = [role for role in read.roles if role]
    facts.append(
        Fact(
            label=words("definition.roles"), text=words("list.comma").join(role_name(role, language) for role in roles)
        )
    )
    return DefinitionPage(
        title=read.title.say(language),
        description=read.description.say(language),
        version=read.version,
        mark=mark("definition", view.status),
        digest=view.digest,
        facts=tuple(facts),
        steps=tuple(
            StepSentence(
                key=stage.key,
                sentence=sentence(stage, language, read),
                details=_details(stage, read, words),
                law=stage.law or "",
            )
            for stage in read.stages
        ),
        picture=Markup(picture(read, language)),  # noqa: S704 - our own drawing, its texts are escaped
        findings=_findings(session, read, everything, language),
        triggers=tuple(_trigger(one, everything, words) for one in read.triggers),
        versions=tuple(
            Link(label=f"v{one.version}", href=href(one.key, one.version))
            for one in everything
            if one.key == key and one.version != version
        ),
    )


def href(key: str, version: int) -> str:
    """The page of one version."""
    return f"/definitions/{quote(key, safe='')}/versions/{version}"


def _since(view: DefinitionView) -> datetime | None:
    return view.effective_from or (view.created_at if view.status in {"effective", "superseded"} else None)


def _details(stage: Stage, read: Definition, words: Words) -> tuple[str, ...]:
    """What a step asks and where each answer leads."""
    language = words.language
    said = []
    if stage.signature is not None:
        said.append(words("definition.signs", meaning=stage.signature.title.say(language)))
        said += _signed(stage, read, words)
    for field in stage.form:
        unit = f" ({words.known(f'unit.{field.unit.lower()}', field.unit, n=0)})" if field.unit else ""
        star = " *" if field.required else ""
        said.append(words("definition.asks", field=f"{field.title.say(language)}{unit}{star}"))
    for outcome in stage.outcomes:
        target = read.find(outcome.next)
        name = target.title.say(language) if target else outcome.next
        reason = words("definition.with_reason") if outcome.reason_required else ""
        does = _does(kinds.does(read, stage, outcome.key)[len(kinds.does(read, stage)) :], read, words)
        said.append(
            f"{outcome.title.say(language)} → {name}{reason}{words('definition.and_does', what=does) if does else ''}"
        )
    if stage.kind is StageKind.TASK and stage.next:
        target = read.find(stage.next)
        said.append(f"→ {target.title.say(language) if target else stage.next}")
    does = _does(kinds.does(read, stage), read, words)
    if does:
        said.append(words("definition.does", what=does))
    for escalation in stage.sla.escalations:
        after = span(escalation.after, language)
        told = role_name(escalation.to_role, language)
        said.append(words("definition.escalates", after=after, role=told, message=escalation.message.say(language)))
    return tuple(said)


def _named(declared: Iterable[Effect | Record | Gate], name: str, language: Language) -> str:
    """What a noun calls it; a name that nobody declared is shown as it is written, and the findings say so."""
    return next((one.title.say(language) for one in declared if one.name == name), name)


def _does(names: Iterable[str], read: Definition, words: Words) -> str:
    """What the system does, in words."""
    kind = kinds.find(read.key)
    known = kind.effects if kind is not None else ()
    return words("list.comma").join(_named(known, name, words.language) for name in names)


def _signed(stage: Stage, read: Definition, words: Words) -> Iterator[str]:
    """What a signature of the step is over, and what must be passed before."""
    kind = kinds.find(read.key)
    said = kinds.said(read, stage)
    if said.record:
        yield words("definition.record", what=_named(kind.records if kind else (), said.record, words.language))
    if said.gate:
        yield words("definition.gate", what=_named(kind.gates if kind else (), said.gate, words.language))


def _findings(
    session: Session, read: Definition, everything: tuple[DefinitionView, ...], language: Language
) -> tuple[Finding, ...]:
    known = {
        one.key: results(queries_definitions.one(session, one.key, one.version).definition)
        for one in everything
        if one.status == "effective"
    }
    holders = queries_page_inbox.holders(session, read.roles)
    people = {role: frozenset(one.login for one in holders.get(role, ())) for role in read.roles}
    found = [*lint(read, people_by_role=people, known_processes=known), *lawful.check(read)]
    titles = {stage.key: stage.title.say(language) for stage in read.stages}
    return tuple(
        Finding(code=one.code, text=one.sentence(language), step=one.stage or "", title=titles.get(one.stage or "", ""))
        for one in found
    )


def _trigger(one: Trigger, everything: tuple[DefinitionView, ...], words: Words) -> str:
    """What begins a process, in words: the fact and the process by their names."""
    fact = words.known(f"fact.{one.fact.replace('.', '_')}", one.fact)
    begun = next((each.title.say(words.language) for each in everything if each.key == one.process), one.process)
    return words("definition.begins", title=one.title.say(words.language), fact=fact, process=begun)
