"""Man, machine, material, method, environment of every lot of a trace, and what is open on it (REQUIREMENTS 15).

A trace says of each lot what a release says of one: passed, exception, not applicable, or **not checked**, which is never
shown as passed (STANDARDS L 25).  What is not recorded is counted by factor: that is the evidence part of the
completeness statement.  It does not make a trace incomplete: the chain of lots is known without it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from models.rules.evidence_matrix import Factor, Mark

MADE = frozenset({"in_process", "finished", "packaged"})
"""Kinds of lots that somebody works on; a material may come from a supplier or from here."""
NAMED = 10  # lots that a gap names; the marks on the lots name all of them


class IssueKind(StrEnum):
    """What can be open on a lot."""

    HOLD = "hold"
    NONCONFORMANCE = "nonconformance"
    INSPECTION = "inspection"


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
    """What is recorded of the work on a lot; counts are of operations unless they say otherwise."""

    lot: int
    runs: int
    parents: int
    people: str | None
    unmanned: int
    machines: str | None
    uncalibrated: str | None
    documents: str | None
    undocumented: int
    values_out: int
    readings: int
    readings_out: int
    unread: int
    inspection: str | None
    inspected: str | None


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


NOTHING = Proof(Mark.NOT_APPLICABLE.value, None)
UNKNOWN = Proof(Mark.NOT_CHECKED.value, None)


def evidence(kind: str, supplier: str | None, supplier_lot_no: str | None, work: FoundWork) -> Evidence:
    """The five marks of a lot."""
    worked = work.runs > 0
    made_somehow = kind in MADE or (work.parents > 0 and supplier is None)
    silent = UNKNOWN if made_somehow else NOTHING
    return Evidence(
        man=_proof(work.people, lacking=work.unmanned > 0) if worked else silent,
        machine=_machine(work) if worked else silent,
        material=_material(supplier, supplier_lot_no, work, made=worked or made_somehow),
        method=_method(work, silent),
        environment=_environment(work) if worked else NOTHING,
    )


def _proof(what: str | None, *, lacking: bool = False, wrong: bool = False) -> Proof:
    if wrong:
        return Proof(Mark.EXCEPTION.value, what)
    return Proof((Mark.NOT_CHECKED if lacking else Mark.PASSED).value, what)


def _machine(work: FoundWork) -> Proof:
    if work.uncalibrated:
        return _proof(work.uncalibrated, wrong=True)
    return _proof(work.machines) if work.machines else NOTHING


def _material(supplier: str | None, supplier_lot_no: str | None, work: FoundWork, *, made: bool) -> Proof:
    if work.parents:
        return _proof(str(work.parents))
    if supplier is not None:
        return _proof(supplier_lot_no, lacking=supplier_lot_no is None)
    return UNKNOWN if made else NOTHING


def _method(work: FoundWork, silent: Proof) -> Proof:
    said = ", ".join(part for part in (work.documents, work.inspection) if part) or None
    if work.values_out or work.inspected == "failed":
        return _proof(said, wrong=True)
    if work.inspected == "open" or work.undocumented:
        return _proof(said, lacking=True)
    if work.runs or work.inspected == "accepted":
        return _proof(said)
    return silent


def _environment(work: FoundWork) -> Proof:
    if work.readings_out:
        return _proof(f"{work.readings_out} / {work.readings}", wrong=True)
    if work.unread:
        return UNKNOWN
    return _proof(str(work.readings)) if work.readings else NOTHING


def gaps(found: Iterable[tuple[str, Evidence]]) -> tuple[EvidenceGap, ...]:
    """What is not recorded or out of limits, by factor; lots in the order of the answer."""
    lots: Mapping[tuple[Factor, Mark], list[str]] = defaultdict(list)
    bad = {Mark.EXCEPTION.value: Mark.EXCEPTION, Mark.NOT_CHECKED.value: Mark.NOT_CHECKED}
    for lot_no, proofs in found:
        for factor, proof in zip(Factor, proofs, strict=True):
            if proof.mark in bad:
                lots[factor, bad[proof.mark]].append(lot_no)
    return tuple(
        EvidenceGap(factor.value, mark.value, len(names), tuple(names[:NAMED]))
        for factor in Factor
        for mark in (Mark.EXCEPTION, Mark.NOT_CHECKED)
        if (names := lots.get((factor, mark)))
    )
