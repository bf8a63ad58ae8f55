"""kill -9 under people's hands, all on one stack: of each part in turn, of the server behind many requests, of everything.

- Batches under way reach their right end whatever part is killed: nothing twice, nothing lost.
- Many requests at once while the server behind them dies: each has one effect, and everybody who asked gets the answer.
- Everything is stopped in the middle of an open task and started again: the task and the half-filled form are there.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import text

from runtime.ports import NO_TLS, is_free
from runtime.process import is_same
from tests.faults import ledger, workflows_after
from tests.faults.clients import Acts, Terminal
from tests.faults.conftest import Site
from tests.faults.lives import ACTS, LIVES, End, many_under_way, measure, receive
from tests.support.house.proves import proves
from tests.support.often import often
from tests.support.plant.plant import PASSWORD
from tests.support.servers.stack import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

ALL = sum(ACTS[life] for life in LIVES)
KILLS = ((ALL // 9, "worker"), (ALL // 3, "api"), (ALL // 2, "temporal"), (ALL * 2 // 3, "postgres"))
"""Answered acts at which a part is killed: early, where none has come to its end, up to where some have."""
LOTS = text(
    "select count(*), count(distinct lot_no), (select count(*) from stock_movement m join lot on lot.id = m.lot_id"
    " where lot.lot_no like :like), (select count(*) from human_task t join lot on lot.id = t.lot_id"
    " where lot.lot_no like :like and t.status = 'open') from lot where lot_no like :like"
)
HALF = {"remark": "外观合格, 尺寸待复"}


def work_while_parts_are_killed(site: Site, ends: list[End]) -> None:
    begun = site.people.acts.done
    with many_under_way(site.people, "K", ends):
        for number, part in KILLS:
            site.people.acts.wait_for(begun + number)
            site.up.wait_restarted(part, site.up.kill(part))


def ready(site: Site) -> bool:
    """Every part says that it works; nobody but the supervisor did anything for it."""
    try:
        return httpx.get(f"{site.up.api}/readyz", timeout=20, trust_env=False, verify=NO_TLS).is_success
    except httpx.HTTPError:
        return False


@proves("R9")
async def test_batches_reach_their_end_while_one_part_after_another_is_killed(site: Site) -> None:
    ends: list[End] = []
    before = ledger.applied(site.engine)
    await asyncio.to_thread(work_while_parts_are_killed, site, ends)
    wait_for(lambda: ready(site), what="/readyz")
    ledger.check_all(site.engine, ends)
    assert ledger.applied(site.engine) - before == sum(end.acts for end in ends)
    client = await workflows_after.connect(site.up.document()["temporal_address"])
    await workflows_after.check(client, ends)


PEOPLE = often(20, 50)
PAIRS = often(3, 6)
"""How many receipts and how many signatures two clients send."""


def test_many_people_act_while_postgresql_is_killed(site: Site) -> None:
    before, acts = ledger.applied(site.engine), site.people.acts
    some = acts.done + PEOPLE // 5
    with ThreadPoolExecutor(PEOPLE) as pool:
        sent = [pool.submit(receive, site.people, f"MANY-{number}") for number in range(PEOPLE)]
        acts.wait_for(some)
        old = site.up.kill("postgres")
        for one in sent:
            one.result()
    site.up.wait_restarted("postgres", old)
    with site.engine.connect() as connection:
        assert connection.execute(LOTS, {"like": "MANY-%"}).one() == (PEOPLE,) * 4
    assert ledger.applied(site.engine) - before == PEOPLE
    ledger.check_whole(site.engine)


def test_two_clients_send_the_same_request_while_the_api_is_killed(site: Site) -> None:
    """Receipts and signatures, each sent by two clients with one Idempotency-Key: one effect, equal answers."""
    lots = [f"SAME-{number}" for number in range(PAIRS)]
    with ThreadPoolExecutor(PAIRS) as pool:
        list(pool.map(lambda lot_no: receive_and_measure(site, lot_no), lots))
    inspector = site.people["lin.jian"]
    requests = [("li.cang", "/lots", body(f"SAME-NEW-{number}")) for number in range(PAIRS)]
    for lot_no in lots:
        task = inspector.task(lot_no, "inspect")
        shown = inspector.read(f"/tasks/{task}/record")
        signature = {"password": PASSWORD, "meaning": shown["meaning"], "digest": shown["digest"]}
        requests.append(("lin.jian", f"/tasks/{task}/complete", {"outcome": "accepted", "signature": signature}))
    before, acts = ledger.applied(site.engine), Acts()
    with (
        Terminal(site.up.api, "li.cang", acts) as first_receiver,
        Terminal(site.up.api, "lin.jian", acts) as first_inspector,
        ThreadPoolExecutor(4 * PAIRS) as pool,
    ):
        first = {"li.cang": first_receiver, "lin.jian": first_inspector}
        pairs = [
            [pool.submit(people[login].act, path, given, f"key-{number}") for people in (first, site.people.everybody)]
            for number, (login, path, given) in enumerate(requests)
        ]
        acts.wait_for(1)
        old = site.up.kill("api")
        answers = [(one.result(), other.result()) for one, other in pairs]
    site.up.wait_restarted("api", old)
    assert [one for one, other in answers if one != other] == []
    assert ledger.applied(site.engine) - before == len(requests)
    with site.engine.connect() as connection:
        assert connection.execute(LOTS, {"like": "SAME-NEW-%"}).one() == (PAIRS,) * 4
        signatures = connection.execute(
            text("select count(*) from signature s join lot l on l.id = s.lot_id where l.lot_no like 'SAME-%'")
        )
        assert signatures.scalar_one() == PAIRS
    wait_for(lambda: ledger.undelivered(site.engine) == 0, ledger.DELIVERED_WITHIN, what="delivery of all facts")
    ledger.check_whole(site.engine)


def receive_and_measure(site: Site, lot_no: str) -> None:
    receive(site.people, lot_no)
    measure(site.people, lot_no)


def body(lot_no: str) -> dict[str, object]:
    return {"lot_no": lot_no, "item_no": "PEEK-20", "quantity": 10, "location": "RCV-01"}


@proves("R9")
@pytest.mark.parametrize("how", ["killed", "stopped"][: often(1, 2)])
def test_an_open_task_and_its_half_filled_form_are_there_after_a_restart(site: Site, how: str) -> None:
    lot_no, inspector = f"HALF-{how}", site.people["lin.jian"]
    receive(site.people, lot_no)
    task = inspector.task(lot_no, "inspect")
    inspector.draft(task, HALF)
    if how == "stopped":
        stop_and_start(site)
    else:
        site.up.kill_supervisor()
        site.up.start()
    wait_for(lambda: ready(site), what="/readyz")
    seen = inspector.read(f"/tasks/{task}")
    assert (seen["task"]["status"], seen["task"]["stage"], seen["draft"]) == ("open", "inspect", HALF)
    measure(site.people, lot_no)
    inspector.sign(lot_no, "inspect", "accepted", form=HALF)
    ledger.check_whole(site.engine)


def stop_and_start(site: Site) -> None:
    """Ctrl-C stops everything, and the next start uses the same ports."""
    before = site.up.document()
    assert site.up.stop() == 0
    assert not any(is_same(each) for each in before["parts"].values())
    assert is_free(before["postgres_port"])
    site.up.start()
    assert site.up.document()["postgres_port"] == before["postgres_port"]
