"""What a noun hands to the engine for one family of definitions: its effects, records, gates, clocks and floor rules (DESIGN 6a).

A definition is data and names what it wants done (`does: [<noun>.<act>]`); what that means is code and declared here, with
the answers that it reads, so that lint and floor can follow it along the paths of any draft.  The engine asks a kind and never names
one; a name that nobody declared is an error, never a default.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.definition.condition import Scalar
from models.definition.document import Definition, FieldType, Stage, Text
from models.definition.findings import Finding
from models.process.messages.process import By, Escalate, Receipt
from models.process.messages.timer import Timer

Ctx = Any
"""A `models.process.context.Ctx`, which knows its run, whose kind this is: named here, it would be a circle."""

Check = Callable[[Ctx], None]
"""Refuses what can't be done; asked by the page and by the act, and writes nothing."""
Do = Callable[[Ctx], Mapping[str, Any]]
"""Does it, in the transaction of the act; answers ids and counts for the receipt."""


def nothing(ctx: Ctx) -> None:
    """Nothing to refuse."""
    del ctx


def no_more(ctx: Ctx) -> Mapping[str, Any]:
    """Nothing to do beyond what the check asks."""
    del ctx
    return {}


@dataclass(frozen=True)
class Reads:
    """An answer that an effect reads from the form of its step: lint wants the field there, of one of these types."""

    field: str
    types: tuple[FieldType, ...]
    required: bool = False


@dataclass(frozen=True)
class Before:
    """What no path may come to without the effect: a result, a subprocess of a family, a wait for a fact, another effect.

    Asked for each of `given`, the facts that are known at the start; for none where it holds whatever is known.
    """

    result: str | None = None
    family: str | None = None
    fact: str | None = None
    effect: str | None = None
    given: tuple[Mapping[str, Scalar], ...] = ({},)


@dataclass(frozen=True)
class Effect:
    """Something that a process does to its subject, by name.

    `law` is the clause that it carries, `facts` what it may make true, `gives` the facts that its run knows from then on, for
    conditions and days, among what it answers.  An `optional` one may be left out of a definition; of the
    others each definition of the family has every one, on every path to what it must come `before`.  `step` is the step of its subject's
    life that a task with it is (`models.lot.rules.locked` has those of a batch); empty where it moves the subject no further.
    """

    name: str
    title: Text
    subjects: tuple[str, ...]
    do: Do = no_more
    check: Check = nothing
    reads: tuple[Reads, ...] = ()
    facts: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    law: str = ""
    before: tuple[Before, ...] = ()
    optional: bool = False
    step: str = ""


@dataclass(frozen=True)
class FactKind:
    """Something that can become true about a subject, by name; a wait or a trigger of a definition names it.

    `subjects` are the kinds of what it is about, `values` what is said with it: a condition reads one as `<fact>.<value>`.
    `names` says what people call each value, `answers` how those read that are one of a few; of an outcome, its step's own words.
    """

    name: str
    title: Text
    subjects: tuple[str, ...]
    values: Mapping[str, FieldType] = field(default_factory=dict)
    names: Mapping[str, Text] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """What a signature is over: the canonical text that the page shows and the act binds."""

    name: str
    title: Text
    build: Callable[[Ctx], str]


@dataclass(frozen=True)
class Gate:
    """What must be passed to sign with a positive outcome; whoever says yes to `record` passes it."""

    name: str
    title: Text
    check: Check
    law: str = ""
    record: str | None = None


@dataclass(frozen=True)
class Measured:
    """What steps of kind `inspection` ask of their noun.

    `opens` begins what is measured when the step opens, `ready` refuses where nothing could be measured, `verdict` answers the
    outcome that the values give, or refuses the one that was said.
    """

    opens: Do
    ready: Check
    verdict: Callable[[Ctx], str]


@dataclass(frozen=True)
class Clocks:
    """Deadlines that a run has beside those of its steps: when they come, what then, and whether they outlive the run.

    `moment` answers when the one that is asked for comes, None where there is none such (any more); `waiting` the workflow ids of
    ended runs that are followed on, because a deadline of theirs still runs.
    """

    timers: Callable[[Ctx], Sequence[Timer]]
    moment: Callable[[Ctx, Escalate], datetime | None]
    fire: Callable[[Ctx, Escalate], Receipt]
    outlive: Callable[[Ctx], bool]
    waiting: Callable[[Session], Collection[str]]


@dataclass(frozen=True)
class Said:
    """What a step of a text of language 1 does: such texts went by the keys and results that shipped."""

    does: tuple[str, ...] = ()
    record: str | None = None
    gate: str | None = None
    outcomes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    escalated: tuple[str, ...] = ()


_NOTHING_SAID = Said()


@dataclass(frozen=True)
class SignedAs:
    """What the signatures of a family are about, as the record names it (`signed_subject` in the database says the same).

    Of an inspection its `verdict`; where nothing can be said yes to, the `fate` of what the process is about; else the `step`.
    """

    step: str
    verdict: str
    fate: str


@dataclass(frozen=True)
class Kind:
    """A family of definitions: `<family>`, and with it `<family>-sterile` and `sterile-<family>`.

    `prefix` begins the workflow ids, `workflow` is the Temporal type, `rank` the consequence of its tasks (0 the gravest), `several`
    whether a subject can have more than one such run, `signed_as` what its signatures are about.  `floor` are the rules that no
    draft of the family can edit away; `before` says what steps of texts of language 1 do.  `step` is the step of its subject's life that
    each of its tasks is, where all of them are.
    """

    family: str
    subject: str
    prefix: str
    workflow: str
    rank: int
    signed_as: SignedAs
    several: bool = True
    effects: tuple[Effect, ...] = ()
    records: tuple[Record, ...] = ()
    gates: tuple[Gate, ...] = ()
    measured: Measured | None = None
    clocks: Clocks | None = None
    floor: tuple[Callable[[Definition], Iterable[Finding]], ...] = ()
    before: Callable[[Stage], Said] = lambda stage: _NOTHING_SAID  # noqa: ARG005
    errand: str = ""
    """Where a task `t` of its runs sends somebody, in SQL: at most one row of kind, place, title, quantity, uom; empty where it sends nobody."""
    step: str = ""

    def covers(self, key: str) -> bool:
        """Whether a definition of that key is of this family."""
        return key == self.family or key.startswith(f"{self.family}-") or key.endswith(f"-{self.family}")


@dataclass(frozen=True)
class Part:
    """What a noun adds to the family of another, which needn't know it: the effects that it carries out itself."""

    family: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Hears:
    """What a noun does when a fact of a noun before it is told, in the transaction that made it true and after its triggers; once for each fact.

    Whoever tells it needn't know who hears it, and holds its subject: `do` locks only what comes after that.
    """

    fact: str
    do: Callable[[Session, Any, Mapping[str, Scalar], By, datetime], None]
