"""What the pages of a chart and of an alert say beside what every subject's page says: the picture, its limits, its evidence (REQUIREMENTS 50, 118)."""

from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup
from sqlmodel import Session

from models.drift import queries
from models.drift.rules import cusum, judging
from models.drift.rules.limits import Limits
from models.person.rules.roles import Permission
from ui.drift.picture import Dot, Level, numbered, picture
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link
from ui.frame.status import mark
from ui.subject.shown import May, Panel, Shown


def _chart(words: Words, session: Session, key: int, may: May) -> Panel:
    found = queries.of_subject(session, key)
    head = found.head
    links = [Link(label=words("drift.list"), href="/drift-charts")]
    if may(Permission.SUPPLIER_ASSESS):
        asked = {"supplier_no": head.supplier_no, "item_no": head.item_no, "characteristic": head.characteristic}
        links.append(Link(label=words("drift.ask_again"), href=f"/drift-charts/new?{urlencode(asked)}"))
    drawn, caption = _drawn(words, found)
    facts = [*_about(words, head), *_limits(words, found)]
    for one in found.alerts:
        facts += [Fact(label=words("drift.alert"), text=_came_to(words, one), href=f"/subjects/{one.subject}")]
    return Panel(
        title=words("drift.chart"),
        facts=tuple(facts),
        mark=mark("drift", head.stands),
        links=tuple(links),
        picture=drawn,
        caption=caption,
    )


def _alert(words: Words, session: Session, key: int, may: May) -> Panel:
    del may
    found = queries.of_alert(session, key)
    head, (alert,) = found.head, found.alerts
    drawn, caption = _drawn(words, found)
    facts = [*_about(words, head), *_evidence(words, alert)]
    if alert.decision:
        facts.append(Fact(label=words("drift.decision"), text=words(f"drift.decision_{alert.decision}")))
        facts.append(Fact(label=words("drift.closed_by", who=alert.closed_by), moment=alert.closed_at))
    return Panel(
        title=words("drift.evidence"),
        facts=tuple(facts),
        mark=mark("drift_alert", alert.status),
        links=(Link(label=f"{words('drift.chart')} {head.number}", href=f"/subjects/{head.subject}"),),
        picture=drawn,
        caption=caption,
    )


def _about(words: Words, head: Any) -> list[Fact]:
    tightened = head.sampling == "tightened"
    facts = [
        Fact(label=words("supplier.supplier"), text=f"{head.supplier} {head.supplier_no}"),
        Fact(label=words("supplier.item"), text=f"{head.item} {head.item_no}"),
        Fact(label=words("drift.characteristic"), text=characteristic(words, head)),
        Fact(label=words("drift.sampling"), text=words("drift.tightened" if tightened else "drift.normal")),
    ]
    if tightened:
        facts.append(Fact(label=words("drift.tightened_at"), moment=head.tightened_at))
    return facts


def characteristic(words: Words, head: Any) -> str:
    """What a chart shows, with its unit."""
    return f"{head.characteristic} {head.unit}".strip() if head.charted == "mean" else words("drift.rejects")


def _number(value: float, sigma: float | None = None) -> str:
    """With as many decimals as one more than sigma has places for: what is shown alike is alike."""
    return f"{value:.5g}" if not sigma else f"{value:.{max(0, 1 - floor(log10(sigma)))}f}"


def figures(words: Words, row: Any, unit: str) -> str:
    """Limits in one line."""
    if row.centre is not None:
        frozen = Limits(centre=row.centre, sigma=row.sigma)
        given = {
            "centre": _number(row.centre, row.sigma),
            "lower": _number(frozen.lower, row.sigma),
            "upper": _number(frozen.upper, row.sigma),
            "unit": unit,
        }
        return words("drift.figures_mean", **given).strip()
    if row.usual is None:
        return words("drift.none_frozen")
    return words("drift.figures_rejects", usual=f"{100 * row.usual:.3g}", worse=f"{100 * row.worse:.3g}")


def _limits(words: Words, found: queries.Chart) -> list[Fact]:
    head, facts = found.head, []
    if head.version is not None:
        facts += [
            Fact(label=words("drift.limits_v", version=head.version), text=figures(words, head, head.unit)),
            Fact(label=words("drift.rules"), text=_rules(words, head.rules)),
            Fact(label=words("drift.base"), text=words("drift.base_n", n=len(head.base), left=len(head.left_out))),
            Fact(label=words("drift.basis"), text=head.basis),
            Fact(label=words("drift.frozen_by", who=head.approved_by), moment=head.approved_at),
        ]
    waiting = found.proposed
    if waiting is not None:
        facts += [
            Fact(label=words("drift.proposed_by", who=waiting.proposed_by), moment=waiting.proposed_at),
            Fact(label=words("drift.proposed"), text=figures(words, waiting, head.unit)),
            Fact(label=words("drift.rules"), text=_rules(words, waiting.rules)),
            Fact(
                label=words("drift.base"), text=words("drift.base_n", n=len(waiting.base), left=len(waiting.left_out))
            ),
            Fact(label=words("drift.basis"), text=waiting.basis),
        ]
    if head.version is None and waiting is None:
        facts.append(Fact(label=words("drift.limits"), text=words("drift.none_frozen")))
    return facts


def _rules(words: Words, rules: Sequence[str]) -> str:
    return words("list.comma").join(f"{one} {_meaning(words, one)}" for one in rules)


def _meaning(words: Words, rule: str) -> str:
    said = judging.RULES[rule]
    return said.zh if words.language == "zh" else said.en


def _evidence(words: Words, alert: Any) -> list[Fact]:
    facts = []
    for n, one in enumerate(alert.evidence, 1):
        links = tuple(
            Link(label=f"{point['lot']} {_value(point)}", href=f"/lots/{quote(point['lot'], safe='')}")
            for point in one["points"]
        )
        facts.append(Fact(label=f"{n} · {one['rule']} {_meaning(words, one['rule'])}", links=links))
    return facts


def _value(point: Mapping[str, Any]) -> str:
    return f"{point['rejected']}/{point['seen']}" if point["value"] is None else _number(point["value"])


def _came_to(words: Words, alert: Any) -> str:
    rules = words("list.comma").join(dict.fromkeys(one["rule"] for one in alert.evidence))
    state = words(f"drift.decision_{alert.decision}") if alert.decision else words("drift.open")
    return f"{alert.number} · {rules} · {state}"


def _drawn(words: Words, found: queries.Chart) -> tuple[Markup | None, str]:
    """The picture: of what waits for a signature its base; else the lots judged by one version of the limits, after those that it comes from."""
    head, waiting = found.head, found.proposed
    marked = numbered([one for alert in reversed(found.alerts) for one in alert.evidence])
    if waiting is not None and head.version is None:
        points, row, base = [], waiting, waiting.base
    elif head.version is None:
        return None, ""
    else:
        of_alarm = [one.version for one in found.points if one.lot in marked]
        version = of_alarm[-1] if of_alarm and len(found.alerts) == 1 else head.version
        points = [one for one in found.points if one.version == version]
        row, base = (points[-1] if points else head), (head.base if version == head.version else [])
    mean = head.charted == "mean"
    dots = [
        Dot(lot=one["lot"], value=one["value"], said=f"{one['lot']}: {_number(one['value'])} {head.unit}", base=True)
        for one in (base if mean else ())
    ]
    dots += [
        Dot(
            lot=one.lot,
            value=one.value if mean else one.high,
            said=words("drift.dot", lot=one.lot, value=_number(one.value) if mean else f"{one.rejected}/{one.seen}", unit=head.unit).strip(),
            alarm=marked.get(one.lot, 0),
        )
        for one in points
    ]  # fmt: skip
    title = f"{head.supplier} × {head.item} · {characteristic(words, head)}"
    caption = words(
        "drift.caption",
        base=len(base) if mean else 0,
        n=len(points),
        all=head.lots,
        alarms=sum(one.alarm > 0 for one in dots),
    )
    return picture(dots, _levels(words, row, head.unit, mean=mean), title, caption, words.language), caption


def _levels(words: Words, row: Any, unit: str, *, mean: bool) -> list[Level]:
    if not mean:
        bound = cusum.REJECTS_BOUND
        return [
            Level(value=0, said="0"),
            Level(value=bound, said=words("drift.level_sum", value=_number(bound)), limit=True),
        ]
    frozen = Limits(centre=row.centre, sigma=row.sigma)
    return [
        Level(value=frozen.upper, said=f"+3σ {_number(frozen.upper, row.sigma)} {unit}", limit=True),
        Level(
            value=frozen.centre, said=words("drift.level_centre", value=_number(frozen.centre, row.sigma), unit=unit)
        ),
        Level(value=frozen.lower, said=f"−3σ {_number(frozen.lower, row.sigma)} {unit}", limit=True),
    ]


SHOWN = {"drift_chart": Shown(panel=_chart), "drift_alert": Shown(panel=_alert)}
