"""Man, machine, material, method, environment of every lot of a trace, and what is open on it (REQUIREMENTS 15).

A trace says of each lot what a release says of one: passed, exception, not applicable, or **not checked**, which is never
shown as passed (STANDARDS L 25).  What is not recorded is counted by factor: that is the evidence part of the
completeness statement.  It does not make a trace incomplete: the chain of lots is known without it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from models.release.rules.matrix import Factor, Mark

MADE = frozenset({"in_process", "finished", "packaged"})
"""Kinds of lots that somebody works on; a material may come from a supplier or from here."""
NAMED = 10  # lots that a gap names; the marks on the lots name all of them


class Issue(NamedTuple):
    """Something open on a lot: its number and what it is about."""

    kind: str
    number: str
    title: str


class FoundIssue(NamedTuple):
    """The same, as the store brings it."""

    lot: int
    kind: str
    number: str
    title: str


class FoundWork(NamedTuple):
    """One thing that is recorded of the work on a lot: `many` of it, `bad` of those that lack something or are out."""

    lot: int
    what: str
    names: str | None
    many: int
    bad: int


@dataclass(slots=True)
class Work:
    """All that is recorded of the work on a lot; counts are of operations unless they say otherwise."""

    runs: int = 0
    parents: int = 0
    people: str | None = None
    manned: int = 0
    machines: str | None = None
    uncalibrated: str | None = None
    unproven: int = 0
    documents: str | None = None
    undocumented: int = 0
    values_out: int = 0
    readings: int = 0
    readings_out: int = 0
    unread: int = 0
    inspection: str | None = None
    inspected: str | None = None


SILENCE = Work()


def collected(rows: Iterable[FoundWork]) -> dict[int, Work]:
    """The work by lot; a lot of which nothing is recorded is not in it."""
    works: dict[int, Work] = {}
    for lot, what, names, many, bad in rows:
        work = works.get(lot)
        if work is None:
            work = works[lot] = Work()
        match what:
            case "run":
                work.runs, work.documents, work.undocumented = many, names, bad
            case "people":
                work.people, work.manned = names, many
            case "machines":
                work.machines, work.unproven = names, bad
            case "uncalibrated":
                work.uncalibrated = names
            case "values":
                work.values_out = bad
            case "readings":
                work.readings, work.readings_out = many, bad
            case "unread":
                work.unread = bad
            case "parents":
                work.parents = many
            case _:
                work.inspection, work.inspected = names, what.removeprefix("inspection ")
    return works


class Proof(NamedTuple):
    """One factor of one lot: its mark and what it rests on."""

    mark: str
    what: str | None


class Evidence(NamedTuple):
    """人 机 料 法 环 of a lot."""

    man: Proof
    machine: Proof
    material: Proof
    method: Proof
    environment: Proof


class EvidenceGap(NamedTuple):
    """How many lots lack a factor, or have it out of limits, and the first of them."""

    factor: str
    mark: str
    lots: int
    first: tuple[str, ...]


PASSED, EXCEPTION, NOT_CHECKED = Mark.PASSED.value, Mark.EXCEPTION.value, Mark.NOT_CHECKED.value
NOTHING = Proof(Mark.NOT_APPLICABLE.value, None)
UNKNOWN = Proof(NOT_CHECKED, None)


def evidence(kind: str, supplier: str | None, supplier_lot_no: str | None, work: Work) -> Evidence:
    """The five marks of a lot."""
    worked = work.runs > 0
    made_somehow = kind in MADE or (work.parents > 0 and supplier is None)
    silent = UNKNOWN if made_somehow else NOTHING
    return Evidence(
        man=_proof(work.people, lacking=work.manned < work.runs) if worked else silent,
        machine=_machine(work) if worked else silent,
        material=_material(supplier, supplier_lot_no, work, made=worked or made_somehow),
        method=_method(work, silent),
        environment=_environment(work) if worked else NOTHING,
    )


def _proof(what: str | None, *, lacking: bool = False, wrong: bool = False) -> Proof:
    return Proof(EXCEPTION if wrong else NOT_CHECKED if lacking else PASSED, what)


def _machine(work: Work) -> Proof:
    if work.uncalibrated:
        return _proof(work.uncalibrated, wrong=True)
    return _proof(work.machines, lacking=work.unproven > 0) if work.machines else NOTHING


def _material(supplier: str | None, supplier_lot_no: str | None, work: Work, *, made: bool) -> Proof:
    if work.parents:
        return _proof(str(work.parents))
    if supplier is not None:
        return _proof(supplier_lot_no, lacking=supplier_lot_no is None)
    return UNKNOWN if made else NOTHING


def _method(work: Work, silent: Proof) -> Proof:
    said = ", ".join(part for part in (work.documents, work.inspection) if part) or None
    if work.values_out or work.inspected == "failed":
        return _proof(said, wrong=True)
    if work.inspected == "open" or work.undocumented:
        return _proof(said, lacking=True)
    if work.runs or work.inspected == "accepted":
        return _proof(said)
    return silent


def _environment(work: Work) -> Proof:
    if work.readings_out:
        return _proof(f"{work.readings_out} / {work.readings}", wrong=True)
    if work.unread:
        return UNKNOWN
    return _proof(str(work.readings)) if work.readings else NOTHING


def gaps(found: Iterable[tuple[str, Evidence]]) -> tuple[EvidenceGap, ...]:
    """What is not recorded or out of limits, by factor; lots in the order of the answer."""
    lots: dict[tuple[int, str], list[str]] = defaultdict(list)
    for lot_no, proofs in found:
        for place, (mark, _) in enumerate(proofs):
            if mark in {EXCEPTION, NOT_CHECKED}:
                lots[place, mark].append(lot_no)
    return tuple(
        EvidenceGap(factor.value, mark, len(names), tuple(names[:NAMED]))
        for place, factor in enumerate(Factor)
        for mark in (EXCEPTION, NOT_CHECKED)
        if (names := lots.get((place, mark)))
    )
