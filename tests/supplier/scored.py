"""Records of suppliers over several years, a case of each kind, written past the walls; and what of them counts as what."""

import json
import random
from typing import Any

from sqlalchemy import text

from tests.supplier.asking import goods
from tests.support.plant.plant import Plant
from tests.support.servers.database import past_walls

SUPPLIERS, ITEMS = ("SC-1", "SC-2"), ("SC-A", "SC-B")
LOT = {
    "lot_first": ("released", "accepted", "", ""),
    "lot_again": ("released", "failed", "accepted", "unfounded"),
    "lot_conceded": ("received", "failed", "", "accept"),
    "lot_rejected": ("rejected", "failed", "", "reject"),
    "lot_failed": ("received", "failed", "", ""),
    "lot_undecided": ("received", "open", "", ""),
}
"""Of a lot: its state, the verdicts of its first and its second inspection, and what was decided about its nonconformance."""
BEFORE = """
create temporary table told on commit drop as
  select e.*, s.id as supplier_id, i.id as item_id, now() - make_interval(days => e.days) as at
    from jsonb_to_recordset(cast(:told as jsonb)) as e (what text, no text, supplier text, item text, days int, a text, b text, c text, d text)
    left join supplier s on s.supplier_no = e.supplier left join item i on i.item_no = e.item;
insert into lot (lot_no, item_id, kind, status, quantity, supplier_id, supplier_lot_no, created_at, origin)
select t.no, t.item_id, 'raw', t.a, 100, t.supplier_id, t.no, t.at, case t.d when 'migrated' then 'migrated' else 'native' end from told t where t.what = 'lot';
insert into subject (id, kind, number, title, site_id, opened_at)
select l.subject_id, 'lot', l.lot_no, l.lot_no, (select min(id) from site), l.created_at from lot l join told t on t.no = l.lot_no;
insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, at)
select l.id, c.id, 'split', 1, now() from told t join lot c on c.lot_no = t.no join lot l on l.lot_no = 'SCO-000' where t.d = 'split';
insert into inspection (inspection_no, lot_id, stage, revision, status, opened_at, decided_at)
select 'IQC-' || t.no || '-' || v.n, l.id, 'incoming', v.n, v.said, t.at, case when v.said <> 'open' then t.at end
  from told t join lot l on l.lot_no = t.no, lateral (values (1, t.b), (2, t.c)) v (n, said) where t.what = 'lot' and v.said <> '';
insert into nonconformance (nonconformance_no, lot_id, inspection_id, title, status, disposition, severity, source, opened_at, closed_at)
select 'NC-' || t.no, l.id, n.id, t.no, 'closed', t.d, 'major', 'inspection', t.at, t.at
  from told t join lot l on l.lot_no = t.no join inspection n on n.lot_id = l.id and n.revision = 1 where t.what = 'lot' and t.d in ('accept', 'reject', 'unfounded');
insert into nonconformance (nonconformance_no, lot_id, supplier_id, item_id, title, status, disposition, severity, source, opened_at, closed_at, cause_class)
select t.no, (select id from lot where lot_no = nullif(t.d, '')), case when t.d = '' then t.supplier_id end, case when t.d = '' then t.item_id end, t.no,
       case t.b when '' then 'open' else 'closed' end, nullif(t.b, ''), t.a, 'hand', t.at, case when t.b <> '' then t.at end, nullif(t.c, '')
  from told t where t.what = 'nc';
insert into subject (id, kind, number, title, site_id, opened_at)
select n.subject_id, 'nonconformance', n.nonconformance_no, n.title, (select min(id) from site), n.opened_at from nonconformance n
 where not exists (select from subject s where s.id = n.subject_id);
insert into scar (scar_no, supplier_id, item_id, title, asks, status, opened_by_id, opened_at, ended_at, end_reason)
select t.no, t.supplier_id, t.item_id, t.no, array['cause'], t.b, (select min(id) from person), t.at, case when t.b <> 'open' then t.at + interval '40 days' end,
       case t.b when 'withdrawn' then '-' end from told t where t.what = 'scar';
insert into subject (id, kind, number, title, site_id, opened_at)
select c.subject_id, 'scar', c.scar_no, c.title, (select min(id) from site), c.opened_at from scar c where not exists (select from subject s where s.id = c.subject_id);
insert into scar_round (scar_id, round, answer_by, expires_at, sent_by_id, sent_at)
select c.id, 1, cast(t.at + make_interval(days => cast(t.c as int)) as date), t.at + interval '300 days', (select min(id) from person), t.at
  from told t join scar c on c.scar_no = t.no where t.c <> '';
insert into scar_answer (round_id, name, answered_at)
select r.id, '王工', t.at + make_interval(days => cast(t.d as int)) from told t join scar c on c.scar_no = t.no join scar_round r on r.scar_id = c.id where t.d <> '';
insert into drift_watch (supplier_id, item_id) select distinct t.supplier_id, t.item_id from told t where t.what = 'alert';
insert into drift_chart (chart_no, title, title_en, watch_id, charted, reason)
select 'DC-' || w.id, 'x', 'x', w.id, 'rejects', 'x' from drift_watch w join told t on (t.supplier_id, t.item_id) = (w.supplier_id, w.item_id) group by w.id;
insert into drift_alert (alert_no, title, title_en, chart_id, status, decision, opened_at, closed_at, closed_by_id)
select t.no, t.no, t.no, c.id, case t.a when '' then 'open' else 'closed' end, nullif(t.a, ''), t.at, case when t.a <> '' then t.at end,
       case when t.a <> '' then (select min(id) from person) end
  from told t join drift_watch w on (t.supplier_id, t.item_id) = (w.supplier_id, w.item_id) join drift_chart c on c.watch_id = w.id where t.what = 'alert';
insert into subject (id, kind, number, title, site_id, opened_at)
select a.subject_id, 'drift_alert', a.alert_no, a.title, (select min(id) from site), a.opened_at from drift_alert a where not exists (select from subject s where s.id = a.subject_id)
"""
Case = tuple[str, str | None, int, str]
"""Of whom, of which item, how many days ago, as which figure."""


def cases() -> tuple[list[dict[str, Any]], list[Case]]:
    """What is written, and what of it counts as what."""
    chance = random.Random(51)  # noqa: S311 - which cases, always the same
    told, counts = list[dict[str, Any]](), list[Case]()

    def one(what: str, figure: str, a: str = "", b: str = "", c: str = "", d: str = "", item: bool = True) -> None:
        supplier, number = chance.choice(SUPPLIERS), f"SCO-{len(told):03}"
        days, thing = chance.choice((0, 3, 40, 200, 364, 366, 900)), chance.choice(ITEMS) if item else None
        told.append(
            {
                "what": what,
                "no": number,
                "supplier": supplier,
                "item": thing,
                "days": days,
                "a": a,
                "b": b,
                "c": c,
                "d": d,
            }
        )
        if figure:
            counts.append((supplier, thing, days, figure))
        if what == "lot" and d in {"accept", "reject"}:
            counts.append((supplier, thing, days, "nc_major"))

    for figure in (*LOT, *LOT, *LOT, "lot_first", "lot_first", "lot_first"):
        one("lot", figure, *LOT[figure])
    for other in ("migrated", "split"):
        one("lot", "", "released", "accepted", "", other)
    for severity in ("minor", "major", "critical", "minor", "critical"):
        one("nc", f"nc_{severity}", severity, item=severity != "minor")
        one("nc", "", severity, "unfounded")
    one("nc", "nc_minor", "minor", "scrap", "supplied")
    for state, due, answered, figure in (
        ("open", "7", "5", "scar_on_time"),
        ("closed", "7", "9", "scar_late"),
        ("open", "1000", "", "scar_waiting"),
        ("closed", "7", "", "scar_late"),
        ("open", "", "", "scar_waiting"),
        ("withdrawn", "7", "", ""),
        ("closed", "7", "7", "scar_on_time"),
    ):
        one("scar", figure, "", state, due, answered, item=figure != "scar_on_time")
    for decision in ("capa", "no_cause", "ask_supplier"):
        one("alert", "" if decision == "no_cause" else "alert", decision)
    return told, counts


def written(plant: Plant) -> None:
    """All of them are on record."""
    for thing in ITEMS:
        goods(plant, thing, *(SUPPLIERS if thing == ITEMS[0] else ()))
    told, _ = cases()
    with past_walls(plant.engine) as connection:
        for statement in BEFORE.split(";\n"):
            given = {"told": json.dumps(told)} if ":told" in statement else {}
            connection.execute(text(statement), given)
