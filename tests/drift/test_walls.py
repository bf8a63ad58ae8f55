# ruff: noqa: S608 - statements are put together from our own words
"""The database itself: limits are frozen by a second person and never move, evidence stays, and sampling is what the alerts say (STANDARDS Q 90, Q 91)."""

from typing import LiteralString

from runtime.postgres import SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

CHART: LiteralString = "(select min(id) from drift_chart)"
LIMITS: LiteralString = (
    "insert into drift_limits (chart_id, usual, worse, rules, base, basis, proposed_by_id)"
    " select c.id, 0.01, 0.1, '[\"R-CUSUM\"]', '[1,2,3,4,5,6,7,8]', 'x', min(p.id) from drift_chart c, person p group by c.id limit 1"
)
POINT: LiteralString = (
    "insert into drift_point (chart_id, seq, limits_id, lot_id, inspection_id, value) select chart_id, seq + 1, limits_id, lot_id + 1, inspection_id, value"
    " from drift_point limit 1"
)
REOPENED: LiteralString = (
    "update drift_alert set status = 'open', decision = null, closed_at = null, closed_by_id = null"
)


def test_sampling_is_tightened_by_an_open_alert_and_normal_by_a_signature(psql: Psql) -> None:
    psql.refused("BW426", "insert into drift_watch (supplier_id, item_id, sampling, tightened_at, alert_id)"
                 " select supplier_id, item_id + 1, 'tightened', now(), (select min(id) from drift_alert) from drift_watch limit 1")  # fmt: skip
    psql.refused("BW426", "update drift_watch set item_id = item_id + 1")
    psql.refused(
        "BW427",
        "update drift_watch set sampling = 'tightened', tightened_at = now(), alert_id = (select min(id) from drift_alert)",
    )
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute(REOPENED)
        connection.execute(
            "update drift_watch set sampling = 'tightened', tightened_at = now(), alert_id = (select min(id) from drift_alert)"
        )
        connection.execute("set local session_replication_role = origin")
        connection.execute("savepoint here")
        for wall, statement in (
            ("BW427", "update drift_watch set sampling = 'normal', tightened_at = null, alert_id = null"),
            ("BW427", "update drift_watch set tightened_at = now() - interval '1 day'"),
            ("BW434", "update drift_alert set status = 'closed', decision = 'no_cause', closed_at = now(), closed_by_id = (select min(id) from person)"),
            ("BW433", "update drift_alert set chart_id = chart_id + 1"),
            ("BW435", "insert into drift_signal (alert_id, point_id, rule) select alert_id, point_id, 'WE-4' from drift_signal"),
        ):  # fmt: skip
            with refusal(wall):
                connection.execute(statement)
            connection.execute("rollback to savepoint here")
    for table in ("drift_watch", "drift_chart", "drift_limits", "drift_alert"):
        psql.refused("BW002", f"delete from {table}", SUPERUSER)


def test_limits_begin_as_a_proposal_and_never_move(psql: Psql) -> None:
    for change in ("centre = centre + 1", "rules = '[\"WE-4\"]'", "base = base || base", "status = 'replaced', version = null, approved_at = null, approved_by_id = null"):  # fmt: skip
        psql.refused("BW430", f"update drift_limits set {change} where status = 'approved'")
    psql.refused("BW430", "insert into drift_limits (chart_id, status, version, centre, sigma, rules, base, basis, proposed_by_id, approved_at, approved_by_id)"
                 " select chart_id, 'approved', 2, centre, sigma, rules, base, basis, proposed_by_id, now(), approved_by_id from drift_limits limit 1")  # fmt: skip
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute(LIMITS)
        connection.execute("set local session_replication_role = origin")
        for who in ("proposed_by_id", "(select max(id) from person)"):
            connection.execute("savepoint here")
            with refusal("BW431"):
                connection.execute(
                    f"update drift_limits set status = 'approved', version = 2, approved_at = now(), approved_by_id = {who} where status = 'proposed'"
                )
            connection.execute("rollback to savepoint here")


def test_a_chart_keeps_what_it_shows_and_its_lots_are_judged_once_when_they_are_decided(psql: Psql) -> None:
    psql.refused("BW429", "update drift_chart set unit = 'cm'")
    psql.refused("BW429", "update drift_chart set begins_after = 0 where begins_after > 0")
    psql.refused("BW429", "insert into drift_chart (chart_no, title, title_en, watch_id, charted, reason, begins_after)"
                 " select 'DC-X', 'x', 'x', watch_id, 'rejects', 'x', 3 from drift_chart limit 1")  # fmt: skip
    psql.refused("BW432", POINT)
    psql.refused("BW432", POINT.replace("lot_id + 1", "lot_id"))
    for table in ("drift_point", "drift_signal"):
        psql.refused("BW002", f"update {table} set id = id", SUPERUSER)
    alert: LiteralString = "insert into drift_alert (alert_no, title, title_en, chart_id) select 'DA-X', 'x', 'x', id from drift_chart limit 1"
    psql.refused("BW433", alert.replace("chart_id)", "chart_id, opened_at)").replace("id from", "id, now() - interval '1 day' from"))  # fmt: skip
    with psql.transaction() as connection:
        connection.execute(alert)
        with refusal("BW428"):
            connection.execute("set constraints all immediate")


def test_no_watched_lot_is_decided_on_without_its_points(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("delete from drift_signal")
        connection.execute("delete from drift_point")
        connection.execute("update inspection set status = 'open' where inspection_no like '%R-DRIFT%'")
        connection.execute("set local session_replication_role = origin")
        connection.execute("alter table inspection disable trigger user")
        connection.execute("alter table inspection enable trigger watched_lot_judged")
        connection.execute(
            "update inspection set status = 'accepted', decided_at = now() where inspection_no like '%R-DRIFT%'"
        )
        with refusal("BW436"):
            connection.execute("set constraints all immediate")
