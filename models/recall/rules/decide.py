"""What may be decided about batches of a recall's scope that are in house (ISO 13485 8.3.2, 8.3.3; 21 CFR 7.53, 7.55).

A decision says what becomes of the goods; it moves nothing and lifts no hold.  Before it, they are recalled and nobody knows
what for; a recall doesn't close over that.
"""

from collections.abc import Collection, Sequence

from models.kernel.refusal import Kind

CLAUSE = "ISO 13485 8.3.2, 8.3.3"
NO_REASON = Kind("RCE-001", CLAUSE, "处置决定必须写明理由。", "A decision needs a reason.", 422)
NOT_HERE = Kind(
    "RCE-002",
    CLAUSE,
    "批次 {lots} 不在召回 {recall} 的范围内，或不在厂内。",
    "{lots}: not in the scope of {recall}, or not in house.",
    422,
)
NONE = Kind(
    "RCE-003",
    CLAUSE,
    "召回 {recall} 没有待决定的在厂批次。",
    "No batch of {recall} in house waits for a decision.",
    422,
)
NOT_HELD = Kind(
    "RCE-004",
    "ISO 13485 8.3.1, 8.3.2",
    "召回 {recall} 的批次尚未冻结，请先全部冻结，再决定去向。",
    "Nothing of {recall} is on hold yet; hold everything first, then decide.",
)
OVER = Kind(
    "RCE-005",
    CLAUSE,
    "召回 {recall} 已撤销，没有需要处置的批次。",
    "The recall {recall} was withdrawn; there is nothing to decide.",
)

KINDS = ("scrap", "rework", "release")


def check(recall_no: str, status: str, *, held: bool, reason: str) -> None:
    """Refuse to decide before everything is on hold, of a withdrawn recall, and without a reason."""
    check_may(recall_no, status, held=held)
    if not reason.strip():
        raise NO_REASON()


def check_may(recall_no: str, status: str, *, held: bool) -> None:
    """Refuse to decide before everything is on hold, and of a withdrawn recall."""
    if status == "withdrawn":
        raise OVER(recall=recall_no)
    if not held:
        raise NOT_HELD(recall=recall_no)


def chosen(recall_no: str, wanted: Sequence[str], in_house: Collection[str], undecided: Collection[str]) -> list[str]:
    """The batches that a decision is about: those named, or all without a decision; refuses what isn't in house."""
    if not wanted:
        if not undecided:
            raise NONE(recall=recall_no)
        return sorted(undecided)
    strange = sorted(set(wanted) - set(in_house))
    if strange:
        raise NOT_HERE(recall=recall_no, lots=", ".join(strange[:5]))
    return sorted(set(wanted))
