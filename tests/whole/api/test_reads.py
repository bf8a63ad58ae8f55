"""Batches, orders, definitions and the audit trail as they are read, and what a list costs (REQ 2, 3, 54, 103)."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, text

from api.frame.rooms import rooms
from models.item.tables import ItemIdentifier
from models.kernel.store.act import act, reading
from models.lot.queries import list as queries_lots
from models.lot.queries import one as queries_lot
from models.person.store.sessions import find
from tests.support.house.proves import proves
from tests.support.plant.cast import SEEDER, receive
from tests.support.servers.database import StatementCounter

Login = Callable[..., Any]


@pytest.fixture
def lots(engine: Engine, people: dict[str, int]) -> tuple[str, ...]:
    """Three lots in quarantine, the second of them held."""
    receive(engine, "R-1", "R-2", "K-3")
    with act(engine, SEEDER) as session:
        session.connection().execute(
            text(
                "insert into hold (lot_id, reason, placed_by_id) select id, '可疑', :me from lot where lot_no = 'R-2'"
            ),
            {"me": people["chen.pi"]},
        )
    return ("R-1", "R-2", "K-3")


def numbers(answer: Any) -> list[str]:
    return [row["lot_no"] for row in answer.json()["items"]]


def test_the_list_filters_and_searches(as_: Login, lots: tuple[str, ...]) -> None:
    assert lots
    reader = as_("wang.cao")
    assert numbers(reader.get("/lots")) == ["K-3", "R-2", "R-1"], "newest first"
    assert numbers(reader.get("/lots?held=true")) == ["R-2"]
    assert numbers(reader.get("/lots?held=false&kind=raw&status=received&item=PEEK-12")) == ["K-3", "R-1"]
    assert numbers(reader.get("/lots?status=released")) == []
    assert numbers(reader.get("/lots?supplier=nobody")) == []
    assert numbers(reader.get("/lots?q=r")) == ["R-1", "R-2"], "the beginning of a number, sorted by it"
    assert numbers(reader.get("/lots?q=p88 r 2")) == ["R-2"], "the supplier's number, written in any way"
    assert numbers(reader.get("/lots?q=p88&held=true")) == ["R-2"]
    assert numbers(reader.get("/lots?q=%25")) == []
    assert reader.get("/lots?status=lost").json()["problems"][0]["field"] == "status"
    [row] = reader.get("/lots?held=true").json()["items"]
    assert (row["held"], row["in_stock"], row["quantity"]) == (True, "6.000000", "6.000000")


SCANS = (
    "(01)06901234567892(10)R-2",
    "]C10106901234567892\x1d10R-2",
    "]d2010690123456789210R-2\x1d17311031",
    "https://id.gs1.org/01/06901234567892/10/R-2",
    "LOT:R-2",
    "]C0R-2",
)


def test_a_scan_in_an_address_or_a_search_is_the_batch_on_the_label(
    as_: Login, engine: Engine, lots: tuple[str, ...]
) -> None:
    with act(engine, SEEDER) as session:
        item = (
            session.connection()
            .execute(text("select item_id from lot where lot_no = :no"), {"no": lots[1]})
            .scalar_one()
        )
        session.add(ItemIdentifier(item_id=item, agency="GS1", code="06901234567892", level="primary"))
    reader, auditor = as_("wang.cao"), as_("sun.zhao")
    for scan in SCANS:
        address = quote(scan, safe="")
        for path in ("", "/timeline", "/serials", "/links"):
            assert reader.get(f"/lots/{address}{path}").status_code == 200, (scan, path)
        assert reader.get(f"/lots/{address}").json()["lot"]["lot_no"] == "R-2"
        assert numbers(reader.get(f"/lots?q={address}")) == ["R-2"], scan
        assert reader.get(f"/logistic-units?lot={address}").json()["items"] == []
        traced, plain = (reader.get(f"/trace/{one}?direction=backward").json() for one in (address, "R-2"))
        assert traced["nodes"] == plain["nodes"], scan
        assert auditor.get(f"/audit?subject={address}").json()["subject"] == "R-2", scan
    held = as_("zhou.shen").get(f"/lots/{quote('(01)06901234567892(17)311031', safe='')}")
    assert (held.status_code, held.json()["code"]) == (422, "ID-030"), "a label without a batch says what it holds"


@pytest.mark.parametrize("query", ["", "&q=p88", "&q=r"])
def test_pages_of_lots_leave_nothing_out(as_: Login, engine: Engine, people: dict[str, int], query: str) -> None:
    assert people
    receive(engine, *[f"R-{n:02}" for n in range(7)])
    reader = as_("wang.cao")
    seen: list[str] = []
    cursor = ""
    while True:
        answer = reader.get(f"/lots?limit=3{query}{cursor}")
        seen += numbers(answer)
        if answer.json()["next"] is None:
            break
        cursor = "&cursor=" + answer.json()["next"]
    assert sorted(seen) == [f"R-{n:02}" for n in range(7)]


def test_a_batch_shows_what_hangs_on_it(as_: Login, lots: tuple[str, ...]) -> None:
    assert lots
    lot = as_("lin.jian").get("/lots/R-2").json()
    assert lot["lot"]["held"] is True
    assert lot["stock"] == [{"location": "RCV-01", "location_name": "收货待检区", "quantity": "6.000000", "held": "0"}]
    assert [hold["reason"] for hold in lot["holds"]] == ["可疑"]
    assert [task["role"] for task in lot["tasks"]] == ["inspector"]
    assert lot["milestones"][0]["state"] == "done"
    assert lot["milestones"][0]["who"] == "李仓"
    assert {run["definition"] for run in lot["runs"]} == {"batch-lifecycle", "incoming-inspection"}
    assert as_("lin.jian").get("/lots/NO-SUCH").json()["code"] == "LOT-001"


@proves("R3")
def test_the_timeline_says_who_and_when(as_: Login, lots: tuple[str, ...]) -> None:
    assert lots
    first = as_("lin.jian").get("/lots/R-1/timeline").json()["items"][0]
    assert (first["fact"], first["who"]) == ("lot.received", "李仓")
    assert as_("lin.jian").get("/lots/R-1/timeline?cursor=x").json()["code"] == "API-440"


@pytest.mark.parametrize(("lot_no", "code"), [("x" * 600, "ID-002"), ("%F0%9F%98%80", "ID-003"), ("%20", "ID-001")])
def test_lot_numbers_that_nobody_could_look_for(as_: Login, lot_no: str, code: str) -> None:
    assert as_("lin.jian").get(f"/lots/{lot_no}").json()["code"] == code


def test_lists_and_pages_send_a_constant_number_of_statements(
    as_: Login, engine: Engine, people: dict[str, int]
) -> None:
    assert people
    reader = as_("lin.jian")
    principal = find(engine, reader.client.cookies["bw_session"], kind="cookie")
    receive(engine, "R-000")

    def statements() -> tuple[int, int]:
        with StatementCounter(engine) as listed, reading(engine) as session:
            queries_lots.page(session, limit=50)
        with StatementCounter(engine) as shown, reading(engine) as session:
            queries_lot.detail(session, principal, "R-000")
        return len(listed), len(shown)

    few = statements()
    receive(engine, *[f"R-{n:03}" for n in range(1, 40)])
    assert statements() == few
    assert few[0] <= 2
    assert few[1] <= 18


def test_definitions_are_read_whole(as_: Login, lots: tuple[str, ...]) -> None:
    assert lots
    reader = as_("zhao.liu")
    known = {row["key"]: row for row in reader.get("/definitions").json()["items"]}
    assert {"batch-lifecycle", "incoming-inspection", "release"} <= set(known)
    assert known["incoming-inspection"]["running"] == 3
    one = reader.get("/definitions/release/versions/2").json()
    assert one["definition"]["stages"]
    assert len(one["view"]["digest"]) == 64
    assert reader.get("/definitions/release/versions/99").json()["code"] == "DEF-900"


def test_the_auditor_reads_who_changed_what(as_: Login, lots: tuple[str, ...]) -> None:
    assert lots
    auditor = as_("zheng.shenji")
    trail = auditor.get("/audit?subject=R-2").json()
    tables = {event["table_name"] for event in trail["items"]}
    assert {"lot", "hold", "stock_movement"} <= tables
    hold = next(event for event in trail["items"] if event["table_name"] == "hold")
    assert {"column": "reason", "before": None, "after": "可疑"} in hold["changes"]
    assert len(hold["leaf"]) == 64
    seqs = [event["seq"] for event in trail["items"]]
    assert seqs == sorted(seqs, reverse=True)
    assert auditor.get("/audit?subject=account").json()["items"]
    assert auditor.get("/audit?subject=account/1").json()["items"][0]["row_id"] == 1
    assert auditor.get("/audit").json()["items"]
    assert auditor.get("/audit?subject=no-such").json()["code"] == "LOT-001"
    assert as_("wang.cao").get("/audit?subject=R-2").json()["code"] == "AUTH-005"


def test_the_trail_of_anything_that_has_a_number_is_found_by_it(as_: Login, lots: tuple[str, ...]) -> None:
    assert lots
    auditor = as_("zheng.shenji")

    def tables(subject: str) -> set[str]:
        found = auditor.get("/audit", params={"subject": subject}).json()
        return {event["table_name"] for event in found["items"]}

    item = auditor.get("/items").json()["items"][0]["item_no"]
    assert tables(item) == tables(item.lower()) == {"item", "subject"}, "it, and whose it is"
    assert "account" in tables("zheng.shenji")
    assert tables("r_2") == tables("R-2") > {"lot"}, "another spelling of R-2: all that hangs on the batch"
    place = auditor.get("/locations").json()["items"][0]["code"]
    assert tables(place) == {"location", "subject"}


@pytest.mark.parametrize("route", ["/lots/NO%2FSUCH", "/lots/NO%2fSUCH/timeline", "/lots/A%2FB%2FC/links"])
def test_a_number_with_a_stroke_is_one_part_of_an_address(as_: Login, route: str) -> None:
    answer = as_("zheng.shenji").get(route).json()
    assert answer["code"] == "LOT-001"
    assert route.split("/")[2].replace("%2F", "/").replace("%2f", "/") in answer["detail"]


def test_no_route_answers_405_because_of_a_stroke_in_its_number(as_: Login) -> None:
    """Every route with a number in it, whatever else it then says."""
    auditor = as_("zheng.shenji")
    tried = 0
    for route in [each for room in rooms() for each in room.routes()]:
        asked = re.sub(r"\{[^{}]+\}", "A%2FB", route.path)
        for method in (route.methods or ()) if asked != route.path else ():
            answer = auditor.client.request(method, asked, json={}, headers={"X-CSRF-Token": auditor.csrf})
            assert answer.status_code != 405, (method, asked)
            tried += 1
    assert tried > 40


def test_orders_and_shipments_answer_when_there_are_none(as_: Login) -> None:
    reader = as_("wang.cao")
    assert reader.get("/work-orders?status=open").json() == {"items": [], "next": None}
    assert reader.get("/shipments?customer=C-1").json() == {"items": [], "next": None}
    assert reader.get("/work-orders/WO-1").json()["code"] == "OPR-001"
    assert reader.get("/shipments/SH-1").json()["code"] == "MST-002"
