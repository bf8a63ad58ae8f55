"""The typed document behind every process: stages, who does them, forms, deadlines, where to go next.

A definition is data (DESIGN 8).  It has one canonical form (RFC 8785) and therefore one digest, so that two people sign
the same bytes and a running batch keeps the version it started with (requirements 83-85, 47).  The model accepts every
draft that has the right shape; whether a draft makes sense is `definition_lint`, whether it is lawful is `floor`.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic import Field as Spec

from models.definition.condition import FACT, FIELD, OWN, Combine, Compare, Condition, Operator

__all__ = [
    "Branch", "Choice", "Combine", "Compare", "Computed", "Condition", "Definition", "Duration", "Escalation", "Field", "FieldType",
    "ForEach", "Operator", "Outcome", "Owner", "Signature", "Sla", "Stage", "StageKind", "Text", "Tracks", "Trigger", "Until",
    "canonical", "digest", "duration_text", "fields", "parse_duration", "results",
]  # fmt: skip

_DURATION = re.compile(r"P(?=\d|T\d)(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?)?")


def parse_duration(value: object) -> object:
    """Read `PT8H`, `P2D`, `P1DT12H`, `P1W`; years, months and seconds are no working deadlines."""
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value)
    if match is None:
        message = f"{value!r} is not a duration such as PT8H, P2D or P1DT12H"
        raise ValueError(message)
    weeks, days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def duration_text(value: timedelta) -> str:
    """The one way a duration is written: days, hours, minutes (`PT24H` becomes `P1D`)."""
    hours, rest = divmod(value.seconds, 3600)
    clock = (f"{hours}H" if hours else "") + (f"{rest // 60}M" if rest >= 60 else "")
    days = f"{value.days}D" if value.days else ""
    return f"P{days}T{clock}" if clock else f"P{days or '0D'}"


Duration = Annotated[
    timedelta, Spec(strict=True, ge=timedelta(0)), BeforeValidator(parse_duration), PlainSerializer(duration_text)
]
Key = Annotated[str, Spec(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Name = Annotated[str, Spec(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
People = Annotated[str, Spec(pattern=r"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$")]
Declared = Annotated[str, Spec(pattern=r"^[a-z][a-z0-9_]{0,62}\.[a-z][a-z0-9_]{0,62}$")]
"""The name of something that a noun declares in code: an effect, a record, a gate (`packaging.reconcile`)."""
Answer = Annotated[str, Spec(pattern=FIELD)]
"""An answered field, written `stage.field`."""
Part = Annotated[str, Spec(pattern=OWN)]
"""A part of a sum: a field of the form or the row, or `table.column`."""


class Frozen(BaseModel):
    """Immutable, and nothing in it that we don't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Frozen):
    """What a person reads, in Chinese and English.  A draft may lack one; lint says so."""

    zh: Annotated[str, Spec(max_length=2000)] = ""
    en: Annotated[str, Spec(max_length=2000)] = ""

    def say(self, language: str) -> str:
        """The text in `zh` or, for any other language, in English; a missing one falls back to the other."""
        return (self.zh or self.en) if language.startswith("zh") else (self.en or self.zh)


class Choice(Frozen):
    """One answer of a choice field."""

    key: Key
    title: Text


class FieldType(StrEnum):
    """What a field takes.

    `date` is a day, `month` a month (expiry dates come in both precisions), `instant` a moment with its offset.  `person` is
    somebody of the plant, `reference` the number of a subject of a kind, `table` rows of fields, `attachment` a stored file.
    """

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    DATE = "date"
    MONTH = "month"
    QUANTITY = "quantity"
    INSTANT = "instant"
    PERSON = "person"
    REFERENCE = "reference"
    TABLE = "table"
    ATTACHMENT = "attachment"


class Computed(Frozen):
    """What the system works out from other fields of the same form or row: `plus` added up, less `minus`.

    `table.column` is that column added up over all rows of a table of the form.
    """

    plus: Annotated[tuple[Part, ...], Spec(min_length=1, max_length=50)]
    minus: Annotated[tuple[Part, ...], Spec(max_length=50)] = ()


class Field(Frozen):
    """One question of a form; limits are in `unit`.

    `required_when` asks for an answer where the condition holds over this form (fields written without their stage are
    this stage's).  `subject` is the kind that a reference leads to, `columns` the fields of a table's rows.
    """

    key: Name
    title: Text
    type: FieldType
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: Annotated[int, Spec(ge=1, le=100_000)] | None = None
    choices: tuple[Choice, ...] = ()
    unit: Annotated[str, Spec(max_length=20)] | None = None
    required_when: Condition | None = None
    computed: Computed | None = None
    subject: Name | None = None
    columns: Annotated[tuple["Field", ...], Spec(max_length=30)] = ()


class Owner(Frozen):
    """To whom something is given: whom the answer `named` says, else the first of `by` for whom the plant has a rule, else the role."""

    named: Answer | None = None
    by: tuple[Literal["item_family", "supplier", "site", "shift"], ...] = ()
    role: Name


class Escalation(Frozen):
    """Tell `to_role` when the task is still open `after` this time since it was opened."""

    after: Duration
    to_role: Name
    message: Text


class Sla(Frozen):
    """Both times count from the moment the task was opened; `does` names what each escalation does beside telling somebody.

    With `by` it is due when an answered day has ended instead, and escalations count from then; `item.column` is a day of the row that
    the run is for.
    """

    pick_up: Duration | None = None
    complete: Duration | None = None
    by: Answer | None = None
    escalations: tuple[Escalation, ...] = ()
    does: tuple[Declared, ...] = ()


class Outcome(Frozen):
    """One way to decide.  Only a `positive` outcome of a signer counts as consent to release (FLR-002)."""

    key: Name
    title: Text
    next: Name
    reason_required: bool = False
    style: Literal["positive", "neutral", "negative"] = "neutral"
    does: tuple[Declared, ...] = ()


class Signature(Frozen):
    """What the signature means (21 CFR 11.50 (a)(3))."""

    meaning: Literal["performed", "verified", "reviewed", "approved", "authored", "responsible"]
    title: Text


class Branch(Frozen):
    """A way out of a decision; the first branch that holds is taken, else the stage's `next`."""

    when: Condition
    next: Name
    title: Text


class Tracks(Frozen):
    """Tracks that run side by side; when each has arrived at `join`, the run continues there."""

    start: tuple[Name, ...]
    join: Name


class Until(Frozen):
    """What a wait waits for, whichever comes first: so long after it was opened, `offset` after an answered date, a fact.

    A wait that says only `fact` has no time; one with a time goes on to `elapsed` when the time comes first (else to `next`).
    Times are counted on the calendar of the site where `working` says so.
    """

    after: Duration | None = None
    date: Answer | None = None
    offset: Duration = timedelta(0)
    working: bool = False
    elapsed: Name | None = None


class ForEach(Frozen):
    """A run of its own for each linked subject (`links`: the role of the link) or each row of a table (`rows`: `stage.field`).

    The stage goes on when all have ended, or when `enough` have.
    """

    links: Name | None = None
    rows: Answer | None = None
    enough: Annotated[int, Spec(strict=True, ge=1, le=100_000)] | None = None


class StageKind(StrEnum):
    """What kind of step it is, and which kinds a person does."""

    TASK = "task"
    INSPECTION = "inspection"
    SIGN_OFF = "sign_off"
    ACTION = "action"
    WAIT = "wait"
    DECISION = "decision"
    SUBPROCESS = "subprocess"
    PARALLEL = "parallel"
    END = "end"

    @property
    def human(self) -> bool:
        """Whether a person does it: it becomes a row in the inbox."""
        return self in {StageKind.TASK, StageKind.INSPECTION, StageKind.SIGN_OFF}

    @property
    def automatic(self) -> bool:
        """Whether the engine walks through it by itself."""
        return self in {StageKind.DECISION, StageKind.PARALLEL, StageKind.END}


class Stage(Frozen):
    """One step.  Which parts belong to which kind is checked by lint (DEF-023).

    `not_same_as` names stages of this definition whose people must be different (both ways round), or a group of people
    known to the record, written with a dot: `lot.inspectors`, `lot.operators`; with `rounds: all` whoever did such a stage in
    any round of a loop, not only in the last.  `law` is the clause that locks the step.

    `does` names the effects that the step's completion (of an end: the end) has, before those of the outcome; `record` what a
    signature is over and `gate` what must be passed to sign with a positive outcome.
    """

    key: Name
    kind: StageKind
    title: Text
    role: Name | None = None
    owner: Owner | None = None
    not_same_as: tuple[People, ...] = ()
    rounds: Literal["last", "all"] = "last"
    form: tuple[Field, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    signature: Signature | None = None
    record: Declared | None = None
    gate: Declared | None = None
    does: tuple[Declared, ...] = ()
    sla: Sla = Sla()
    next: Name | None = None
    fact: Annotated[str, Spec(pattern=FACT)] | None = None
    until: Until | None = None
    for_each: ForEach | None = None
    action: Annotated[str, Spec(pattern=FACT)] | None = None
    branches: tuple[Branch, ...] = ()
    process: Key | None = None
    results: dict[Name, Name] = {}
    tracks: Tracks | None = None
    result: Name | None = None
    law: Annotated[str, Spec(min_length=1, max_length=500)] | None = None

    def outcome(self, key: str | None) -> Outcome | None:
        """The outcome with that key."""
        return next((outcome for outcome in self.outcomes if outcome.key == key), None)

    def outcome_words(self, key: str | None) -> tuple[str, str]:
        """What was decided, in zh and en; of a step without a choice, that it is done."""
        chosen = self.outcome(key)
        return (chosen.title.say("zh"), chosen.title.say("en")) if chosen else ("完成", "done")


class Trigger(Frozen):
    """When `fact` becomes true (and `when` holds over its values), start `process`.

    The new run is about the fact's own subject, or about a new one where the process makes its subject; then the fact's subject is
    linked to it in the role `link`.  With `merge` a run of the process that is still open for the same subject takes the fact up
    instead of a second one; with `joins` such a run takes it up, and where there is none nothing begins.  `owner` names who gets what
    it opens.
    """

    fact: Annotated[str, Spec(pattern=FACT)]
    when: Condition | None = None
    process: Key
    title: Text
    owner: Owner | None = None
    link: Name | None = None
    merge: bool = False
    joins: bool = False


class Definition(Frozen):
    """A whole process, one version of it.

    Language 2 names its effects, records and gates; in a text of language 1, from before, they went by the keys of its stages.
    """

    key: Key
    language: Literal[1, 2] = 1
    version: Annotated[int, Spec(strict=True, ge=1, le=1_000_000)]
    title: Text
    description: Text = Text()
    subject: Name = "lot"
    start: Name
    stages: Annotated[tuple[Stage, ...], Spec(max_length=500)]
    triggers: tuple[Trigger, ...] = ()

    def find(self, key: str | None) -> Stage | None:
        """The stage with that key, or nothing."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def stage(self, key: str) -> Stage:
        """The stage with that key; a definition that passed lint has every stage it names."""
        found = self.find(key)
        if found is None:
            message = f"definition {self.key} has no stage {key}"
            raise KeyError(message)
        return found

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that does a step or is told of a delay, in order of appearance."""
        named: dict[str, None] = {}
        for stage in self.stages:
            named |= {stage.role: None} if stage.role else {}
            named |= dict.fromkeys(escalation.to_role for escalation in stage.sla.escalations)
        return tuple(named)


def fields(stage: Stage) -> tuple[Field, ...]:
    """Every question of a stage, the columns of its tables among them."""
    return tuple(one for field in stage.form for one in (field, *field.columns))


def results(definition: Definition) -> frozenset[str]:
    """The results a process can end with."""
    return frozenset(stage.result for stage in definition.stages if stage.result is not None)


def as_data(definition: Definition) -> dict[str, Any]:
    """The document as plain JSON data.

    Defaults are left out, so writing one out changes nothing, and a field we add later doesn't change old digests.  The
    price: a default never changes its value.
    """
    return definition.model_dump(mode="json", exclude_defaults=True)


def canonical(definition: Definition) -> bytes:
    """The bytes that are signed (RFC 8785)."""
    return rfc8785.dumps(as_data(definition))


def digest(definition: Definition) -> str:
    """SHA-256 of the canonical form, in hex."""
    # Asked at every act.  Writing JSON is a tenth of canonicalising it, and equal JSON has an equal canonical form.
    return _digest(definition.model_dump_json(exclude_defaults=True))


@lru_cache(maxsize=256)
def _digest(text: str) -> str:
    return hashlib.sha256(rfc8785.dumps(json.loads(text))).hexdigest()


def from_data(data: Mapping[str, Any]) -> Definition:
    """Read the stored JSON back."""
    return Definition.model_validate(data)
