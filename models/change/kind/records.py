"""What signatures of a change are over: the request with its impact as it was kept and all that was said, for each step under its own name (21 CFR 11.70)."""

from collections.abc import Iterable
from typing import Any

from models.change.store import impact
from models.change.tables import Change
from models.lot.rules.locked import Step
from models.person.tables import Person
from models.process.context import Ctx
from models.process.store import signing

FEW = 100
"""Batches at one step that a record names; it says how many more there are."""


def by_step(rows: Iterable[tuple[str, int, str]]) -> dict[str, Any]:
    """Batches by the step at which they stand, so that thousands read as a few lines; the digest of the impact covers each."""
    found: dict[str, dict[str, list[str]]] = {}
    for step, seq, said in rows:
        found.setdefault(step, {}).setdefault(str(seq or ""), []).append(said)
    lines = {step: {seq: _line(those) for seq, those in seqs.items()} for step, seqs in found.items()}
    return {step: said if step == Step.OPERATION else said[""] for step, said in lines.items()}


def _line(those: list[str]) -> str:
    return ", ".join(those[:FEW]) + (f" … +{len(those) - FEW}" if len(those) > FEW else "")


def _ends(row: Change) -> dict[str, Any]:
    """Until when a temporary change is: what is signed of it can't be otherwise afterwards."""
    if not row.temporary:
        return {}
    until = {} if row.ends_on is None else {"until": row.ends_on.isoformat()}
    return {"temporary": {**until, **({} if row.most_batches is None else {"batches": row.most_batches})}}


def _permanent(ctx: Ctx, row: Change) -> dict[str, Any]:
    """Which temporary change it makes permanent."""
    if row.permanent_of_id is None:
        return {}
    return {"makes_permanent": ctx.session.get_one(Change, row.permanent_of_id).change_no}


def case(ctx: Ctx, record: str, **more: Any) -> str:
    """The request with its impact as it was kept, and all that was said about it; each step has a record of its own."""
    row: Change = ctx.subject
    kept = impact.last(ctx.session, row)
    return signing.canonical(
        {
            "record": record,
            "number": row.change_no,
            "zh": row.title,
            "en": row.title_en or row.title,
            "reason": row.reason,
            "kind": row.kind,
            "target": row.target,
            "also": list(row.also),
            "first_step": row.first_step,
            "first_seq": row.first_seq,
            "opened_at": row.opened_at.isoformat(),
            "impact": {
                "computation": kept.version if kept else 0,
                "digest": kept.digest if kept else "",
                "counts": {name: n for name, n in kept.counts.items() if n} if kept else {},
                "standing": by_step((one["step"], one["seq"], one["lot_no"]) for one in kept.lots) if kept else {},
            },
            **(
                {}
                if row.happened_at is None
                else {
                    "done_already": {
                        "happened": row.happened,
                        "happened_at": row.happened_at.isoformat(),
                        "done_by": ctx.session.get_one(Person, row.happened_by_id).name,
                        "urgent": row.urgent,
                    }
                }
            ),
            **_ends(row),
            **_permanent(ctx, row),
            "said": ctx.run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
            **more,
        }
    )
