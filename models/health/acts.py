"""The trace health check of the whole plant, in one transaction: measured, judged, kept with its history (requirement 26)."""

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session

from models.drill.messages import CheckTrace
from models.health import store as sql
from models.health.rules import WORST, Health
from models.health.tables import TraceHealthRun, TraceHealthScore
from models.process.messages.process import Receipt
from models.trace.rules.findings import SEVERITY, components, loop_words

SETTINGS = text(
    "select set_config('statement_timeout', '1h', true), set_config('lock_timeout', '1h', true),"
    " set_config('work_mem', '128MB', true), set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('jit', 'off', true), pg_advisory_xact_lock(hashtextextended('trace health', 0))"
)
"""A plant of ten million links takes minutes, not the minute of an act; two checks at once wait for each other."""


def check(session: Session, command: CheckTrace, now: datetime, beat: Callable[[], object] = lambda: None) -> Receipt:
    """Judge every lot of the plant; `beat` is told between statements that it goes on."""
    began = time.monotonic()
    connection = session.connection()
    connection.execute(SETTINGS)
    connection.execute(sql.MEASURES)
    for sweep in sql.SWEEPS.values():
        beat()
        connection.execute(sweep)
    _loops(session)
    beat()
    families = _families(session)
    total = Health(0, 0, 0, 0)
    for health, _ in families.values():
        total = total.plus(health)
    appeared, cleared = connection.execute(sql.CHANGES).one()
    run = TraceHealthRun(
        at=now,
        seconds=round(Decimal(time.monotonic() - began), 3),
        cause=command.cause,
        asked_by_id=command.by.person_id or None,
        lots=total.lots,
        edges=connection.execute(sql.EDGES).scalar_one(),
        findings=sum(sum(codes.values()) for _, codes in families.values()),
        appeared=appeared,
        cleared=cleared,
        score=total.score,
    )
    session.add(run)
    session.flush()
    for family, (health, codes) in families.items():
        session.add(TraceHealthScore(run_id=run.id, family=family, score=health.score, codes=codes, **health._asdict()))
    session.flush()
    connection.execute(sql.CLEAR, {"run": run.id})
    beat()
    connection.execute(sql.APPEAR, {"run": run.id})
    for statement in sql.EMPTY:
        connection.execute(statement)
    data = {"score": run.score, "lots": run.lots, "edges": run.edges, "findings": run.findings, "appeared": appeared}
    return Receipt(act="check_trace", at=now, data={**data, "cleared": cleared})


def _loops(session: Session) -> None:
    """Loops among the links that may be part of one; searched by the rule that a trace uses."""
    connection = session.connection()
    children: dict[int, list[int]] = defaultdict(list)
    for parent, child in connection.execute(sql.LOOPS):
        children[parent].append(child)
    loops = list(components(children))
    if not loops:
        return
    keys = {"keys": [lot for loop in loops for lot in loop]}
    names = {row.lot_id: row.lot_no for row in connection.execute(sql.NAMES, keys)}
    said = [loop_words(names[lot] for lot in loop) for loop in loops]
    connection.execute(sql.ADD_LOOPS, {"lots": [first for first, _ in said], "loops": [shown for _, shown in said]})


def _families(session: Session) -> dict[str, tuple[Health, dict[str, int]]]:
    """Each family's health and its findings by code."""
    connection = session.connection()
    given = {
        "severities": list(reversed(WORST)),
        "codes": list(SEVERITY),
        "severity": list(SEVERITY.values()),
    }
    health = {family: Health(*counts) for family, *counts in connection.execute(sql.HEALTH, given)}
    codes: dict[str, dict[str, int]] = defaultdict(dict)
    for family, code, many in connection.execute(sql.CODES):
        codes[family][code] = many
    return {family: (of, codes[family]) for family, of in health.items()}
