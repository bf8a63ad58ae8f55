"""The measured values of a batch record, in the digits that were entered (ALCOA+: original, accurate)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from models.kernel.typed import number
from models.release.rules import batch_record as parts


def plain(value: Decimal) -> Decimal:
    """A quantity without the trailing zeros of its column, so that its text is the same wherever it comes from."""
    return Decimal(f"{value.normalize():f}")


def optional(value: Decimal | None) -> Decimal | None:
    """The same of what may be absent."""
    return None if value is None else plain(value)


def entered(value: Decimal, told: str | None) -> Decimal:
    """A value with the digits that were entered; from before those were kept, as the number it is."""
    known = number(told) if told else None
    return plain(value) if known is None else known


def inspections(answers: Mapping[str, Sequence[SimpleNamespace]]) -> tuple[parts.Inspection, ...]:
    """Every inspection with the newest result of each sample."""
    samples: dict[int, dict[Any, list[SimpleNamespace]]] = defaultdict(lambda: defaultdict(list))
    for row in answers["results"]:
        samples[row.inspection_id][row.seq, row.name_zh].append(row)
    return tuple(
        parts.Inspection(
            inspection_no=row.inspection_no,
            stage=row.stage,
            revision=row.revision,
            status=row.status,
            inspector=row.inspector,
            decided_at=row.decided_at,
            inherited_from=row.inherited_from,
            recorded_by=tuple(
                sorted({one.recorded_by for group in samples[row.id].values() for one in group if one.recorded_by})
            ),
            late=_late([one for group in samples[row.id].values() for one in group]),
            results=tuple(_result(group) for _, group in sorted(samples[row.id].items(), key=lambda one: str(one[0]))),
        )
        for row in answers["inspections"]
    )


def _late(rows: Sequence[SimpleNamespace]) -> tuple[parts.LateMeasured, ...]:
    """Each late entry once, however many values it brought."""
    told = {(one.measured_at, one.recorded_at, one.late_reason) for one in rows if one.late_reason}
    return tuple(
        parts.LateMeasured(measured_at=measured, recorded_at=recorded, reason=reason)
        for measured, recorded, reason in sorted(told)
    )


def _result(group: Sequence[SimpleNamespace]) -> parts.Result:
    first = group[0]
    return parts.Result(
        name_zh=first.name_zh or "",
        name_en=first.name_en or "",
        lower=optional(first.lower),
        upper=optional(first.upper),
        unit=first.unit,
        samples=len(group),
        failed=sum(1 for row in group if not row.passed),
        unnamed=sum(1 for row in group if row.recorded_by_id is None),
        values=tuple(
            _said(row) or ("+" if row.passed else "-") for row in sorted(group, key=lambda row: row.sample_no)
        ),
    )


def _said(row: Any) -> str | None:
    """A measured value in the digits that were entered; from before those were kept, as the number it is."""
    if row.text_value is None and row.value is not None:
        return f"{plain(row.value):f}"
    said: str | None = row.text_value
    return said
