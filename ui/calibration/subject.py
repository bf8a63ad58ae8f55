"""What the page of an instrument says of its calibrations, and that of an assessment of what was found (ISO 13485 7.6)."""

from typing import Any
from urllib.parse import quote

from sqlmodel import Session

from models.calibration import queries
from models.kernel.time.moments import minute
from models.lot.store import lots
from models.person.rules.roles import Permission
from ui.calibration.view import facts, href
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link
from ui.frame.status import mark
from ui.subject.shown import May, Panel, Shown


def _instrument(words: Words, session: Session, key: int, may: May) -> Panel:
    found = queries.instrument(session, key)
    open_ = next((one for one in found.blocks if one.lifted_at is None), None)
    last = found.calibrations[0] if found.calibrations else None
    shown = []
    if open_ is not None:
        shown.append(Fact(label=words("calibration.blocked"), moment=open_.placed_at))
    if last is not None:
        shown.append(Fact(label=words("calibration.due"), moment=last.due_at))
    if found.blocks:
        shown.append(
            Fact(
                label=words("calibration.assessments"),
                links=tuple(
                    Link(
                        label=f"{one.number} · {words('calibration.results_n', n=one.results)}",
                        href=href(one.number),
                    )
                    for one in found.blocks
                    if one.number is not None
                ),
            )
        )
    shown += [_calibration(words, one, lots.site_zone(session)) for one in found.calibrations]
    state = "blocked" if open_ is not None else "none" if last is None else last.result
    return Panel(
        title=words("calibration.calibrations"),
        facts=tuple(shown) or (Fact(label=words("calibration.calibrations"), text=words("calibration.never")),),
        mark=mark("calibrated", state),
        links=(Link(label=words("calibration.ask"), href=f"/equipment/{quote(found.equipment_no, safe='')}/calibrate"),)
        if may(Permission.EQUIPMENT_WRITE)
        else (),
    )


def _calibration(words: Words, one: Any, zone: str) -> Fact:
    """A calibration; of one that was signed each point with what was found and left."""
    said = [minute(one.performed_at, zone), words(f"calibration.result_{one.result}")]
    if one.as_found:
        said.append(words(f"calibration.as_found_{one.as_found}"))
    if one.standard:
        until = f" ({words('calibration.holds', day=one.standard_until.isoformat())})" if one.standard_until else ""
        said.append(f"{words('calibration.standard')} {one.standard}{until}")
    if not one.standard_good:
        said.append(words("calibration.because_standard"))
    said += [part for part in (one.done_by, one.certificate) if part]
    if not one.signed:
        said.append(words("calibration.unsigned"))
    label = " · ".join(said)
    if not one.readings:
        return Fact(label=words("calibration.calibration"), text=label)
    unit = one.unit or ""
    return Fact(
        label=label,
        heads=(
            words("calibration.point"),
            words("calibration.limits", unit=unit),
            words("calibration.as_found"),
            words("calibration.as_left"),
            words("calibration.uncertainty"),
        ),
        rows=tuple(
            (
                row["point"],
                f"{row['lower'] or '–'} … {row['upper'] or '–'}",
                row["as_found"],
                row["as_left"],
                row["uncertainty"] or "–",
            )
            for row in one.readings
        ),
    )


def _assessment(words: Words, session: Session, key: int, may: May) -> Panel:
    del may
    found = queries.of_subject(session, key)
    return Panel(
        title=words("calibration.case"),
        facts=facts(words, found, lots.site_zone(session)),
        mark=mark("out_of_tolerance", found.head.status),
        links=(Link(label=words("calibration.to_results"), href=href(found.head.number)),),
    )


SHOWN = {"equipment": Shown(panel=_instrument), "out_of_tolerance": Shown(own=href, panel=_assessment)}
