"""What triggers make of facts: whatever the order, told twice or by many at once, the same; and each is written down once.

`make test-deep NAME=process-triggers` tries more examples, and a thousand facts at the same time.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text as statement
from sqlmodel import Session, select

from models.definition.document import FieldType, Text
from models.kernel.refusal import Kind as Reason
from models.kernel.store import later
from models.kernel.store.act import act, now, reading
from models.lot.tables import Lot
from models.person.store import people
from models.process import kinds
from models.process.context import Ctx
from models.process.fact import tell as facts
from models.process.fact.values import WrongValuesError
from models.process.kind import Effect, FactKind
from models.process.messages.process import Receipt
from models.process.store import runs
from models.process.tables.subject import OwnerRule
from models.process.time import timer
from tests.process.sample import installed as sample
from tests.support.definitions import end, small, task, text
from tests.support.often import often
from tests.support.plant.direct import direct
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes import waiting
from tests.support.servers.database import TestDatabase
from tests.support.servers.stack import wait_for
from tests.support.servers.together import WAITING, in_line

CAME = FactKind(
    "goods.came", Text(zh="到货", en="goods came"), ("lot",), {"count": FieldType.INTEGER, "urgent": FieldType.BOOLEAN}
)
GONE = FactKind("goods.gone", Text(zh="出货", en="goods are gone"), ("lot",))
LOST = Reason("XTG-001", "DESIGN 6", "货丢了。", "The goods are lost.")


def trigger(fact: str, process: str, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "process": process, "title": text("so"), **more}


MANY = {"op": "gt", "fact": "goods.came.count", "value": 2}
EACH = small(
    task("look", next="end"), end(), key="goods-each", triggers=[trigger("goods.came", "goods-each", when=MANY)]
)
ONE = small(
    task("look", next="wait"),
    {"key": "wait", "kind": "wait", "fact": "goods.gone", "next": "tidy"},
    task("tidy", next="end"),
    end(),
    key="goods-one",
    triggers=[
        trigger("goods.came", "goods-one", merge=True),
        trigger("goods.gone", "goods-each", when={"op": "eq", "fact": "lot.kind", "value": "raw"}),
        trigger("goods.gone", "nowhere"),
    ],
)
LOSING = small(
    {**end(), "does": ["goods.lose"]}, key="goods-losing", language=2, triggers=[trigger("goods.lost", "goods-losing")]
)
SPIN = small(
    {**end(), "does": ["goods.spin"]}, key="goods-spin", language=2, triggers=[trigger("goods.spun", "goods-spin")]
)
MORE = small(
    {**task("look", next="end"), "role": "inspector"},
    end(),
    key="sample-more",
    subject="sample",
    triggers=[
        trigger("goods.sampled", "sample-more", link="more_for", merge=True),
        trigger("goods.gone", "sample-more", link="more_for", joins=True),
        trigger("goods.gone", "sample-more", link="more_for", joins=True),
    ],
)
BOTH = small(
    {"key": "side", "kind": "parallel", "tracks": {"start": ["send", "wait"], "join": "after"}},
    task("send", next="after", does=["goods.send"]),
    {"key": "wait", "kind": "wait", "fact": "goods.gone", "next": "count"},
    task("count", next="after"),
    task("after", next="end"),
    end(),
    key="goods-both",
    language=2,
)
SPUN = FactKind("goods.spun", Text(zh="转了", en="it spins"), ("lot",))
LOSS = FactKind("goods.lost", Text(zh="丢了", en="it is lost"), ("lot",))
SAMPLED = FactKind("goods.sampled", Text(zh="取样", en="sampled"), ("lot",), {"note": FieldType.TEXT})
HAVE = FactKind("goods.owned", Text(zh="有主", en="owned"), ("lot",))
FACTS = (CAME, GONE, SPUN, LOSS, SAMPLED, HAVE)


def _lose(ctx: Ctx) -> Mapping[str, Any]:
    ctx.session.connection().exec_driver_sql(
        "insert into run_link (run_id, subject_id, role) values (%s, %s, 'lost')",
        (ctx.run.row.id, ctx.run.row.subject_id),
    )
    raise LOST()


def _send(ctx: Ctx) -> Mapping[str, Any]:
    facts.of_step(ctx, "goods.gone")
    return {}


def _spin(ctx: Ctx) -> Mapping[str, Any]:
    facts.of_step(ctx, "goods.spun")
    return {}


EFFECTS = (
    Effect("goods.lose", Text(zh="丢", en="lose"), ("lot",), do=_lose, optional=True),
    Effect("goods.send", Text(zh="发", en="send"), ("lot",), do=_send, optional=True),
    Effect("goods.spin", Text(zh="转", en="spin"), ("lot",), do=_spin, optional=True),
)
OWNED = small(
    {**task("look", next="end"), "role": "operator", "owner": {"by": ["site"], "role": "operator"}},
    {**task("more", next="end"), "role": "operator"},
    end(),
    key="goods-owned",
    triggers=[
        trigger("goods.owned", "goods-owned", owner={"by": ["supplier"], "role": role})
        for role in ("operator", "inspector")
    ],
)
DRAWN = (EACH, ONE, LOSING, SPIN, BOTH, OWNED)


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    kinds.install((), (), FACTS)
    with sample.handed_in(), waiting.known(*DRAWN, effects=EFFECTS):
        yield
    for one in FACTS:
        del kinds._facts[one.name]


UNTOUCHED = "TG-0"
"""A batch that nothing happens to for good."""
NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(module_database: TestDatabase) -> Plant:
    """A plant with samples and these processes."""
    plant = direct(module_database.engine)
    sample.furnish(module_database.owner_url, module_database.engine)
    waiting.ship(plant, *DRAWN, MORE)
    await plant.receive(UNTOUCHED)
    return plant


async def batch(desk: Plant) -> str:
    """A batch that nothing has happened to."""
    number = f"TG-{next(NUMBERS)}"
    await desk.receive(number)
    return number


def tell(
    session: Session, lot_no: str, name: str, said: Mapping[str, Any] | None = None, once: str | None = None
) -> facts.Told:
    lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).one()
    return facts.tell(session, lot, name, runs.NOBODY, now(session), said, once=once)


def told(
    desk: Plant, lot_no: str, name: str, said: Mapping[str, Any] | None = None, once: str | None = None
) -> facts.Told:
    with act(desk.engine, SETUP) as session:
        return tell(session, lot_no, name, said, once)


RUNS = """
select d.key, r.status, (select string_agg(o ->> 'key', ',' order by o ->> 'key') from jsonb_array_elements(r.state -> 'open') o) as open,
       (select string_agg(t.stage, ',' order by t.stage) from human_task t where t.run_id = r.id and t.status = 'open') as tasks,
       (select string_agg(l.role, ',' order by l.role) from run_link l where l.run_id = r.id and l.subject_id = b.subject_id) as linked
  from lot b join process_run r on r.subject_id = b.subject_id
    or exists (select from run_link l where l.run_id = r.id and l.subject_id = b.subject_id)
  join definition_version d on d.id = r.definition_id
 where b.lot_no = :lot and d.key <> 'batch-lifecycle' and d.key not like '%inspection'
"""
LOGGED = """
select f.name, f.values, d.key, coalesce(c.trigger::text, c.stage) as by, c.code
  from lot b join fact f on f.subject_id = b.subject_id join cause c on c.fact_id = f.id join definition_version d on d.id = c.definition_id
 where b.lot_no = :lot
"""
TWICE = """
select count(*) from (select fact_id, definition_id, trigger, stage, run_id from cause where trigger is not null or stage is not null
                       group by 1, 2, 3, 4, case when trigger is null then run_id end, 5 having count(*) > 1) twice
"""
STARTED = """
select count(*) from process_run r join cause c on c.run_id = r.id and c.code = 'begun'
 where (select count(*) from outbox o where o.fact = 'process.begun' and o.payload ->> 'run' = r.id::text) <> 1
"""


def rows(session: Session, query: str, lot_no: str) -> Counter[str]:
    """Each row as text, with how often it is there."""
    return Counter(str(tuple(row)) for row in session.connection().execute(statement(query), {"lot": lot_no}))


def stands(session: Session, lot_no: str) -> Counter[str]:
    """The runs that there are about the batch or linked to it, with what is open in each."""
    return rows(session, RUNS, lot_no)


def logged(desk: Plant, lot_no: str, name: str) -> list[str]:
    """`definition trigger code` of each cause of facts of that name, in the order of the log."""
    with act(desk.engine, SETUP) as session:
        found = session.connection().execute(statement(LOGGED + " order by c.id"), {"lot": lot_no}).all()
    return [f"{row.key} {row.by} {row.code}" for row in found if row.name == name]


class Undone(Exception):  # noqa: N818 - no error: the act is only tried
    """What was tried is rolled back."""


@contextmanager
def tried(desk: Plant) -> Iterator[Session]:
    """An act that is undone."""
    with suppress(Undone), act(desk.engine, SETUP) as session:
        yield session
        raise Undone


SAID = st.one_of(
    st.builds(lambda n, urgent: ("goods.came", {"count": n, "urgent": urgent}), st.integers(0, 5), st.booleans()),
    st.builds(lambda n: ("sample.wanted", {"count": n, "note": "w"}), st.integers(0, 2)),
    st.just(("goods.sampled", {"note": "m"})),
)


@st.composite
def orders_of_facts(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Facts with what each is told of; and the same in another order, some of them told again."""
    said = draw(st.lists(SAID, min_size=1, max_size=6))
    numbered = [
        (name, {**values, **({"note": f"{values['note']}{n}"} if "note" in values else {})}, str(n))
        for n, (name, values) in enumerate(said)
    ]
    again = draw(st.lists(st.sampled_from(numbered), max_size=4))
    return numbered, list(draw(st.permutations([*numbered, *again])))


@settings(max_examples=often(6, 600))
@given(orders_of_facts())
def test_the_order_changes_nothing_and_neither_does_telling_twice(
    desk: Plant, told_so: tuple[list[Any], list[Any]]
) -> None:
    """The same runs, links and tasks; each trigger asked once for each fact, with as many of each reason."""
    found = []
    for order in told_so:
        with tried(desk) as session:
            for name, values, once in order:
                tell(session, UNTOUCHED, name, values, once)
            later.write(session)  # what it caused is written when an act commits, and this one doesn't
            codes = Counter(
                f"{row.key} {row.by} {row.code}"
                for row in session.connection().execute(statement(LOGGED), {"lot": UNTOUCHED})
            )
            found.append((stands(session, UNTOUCHED), codes))
            assert session.connection().execute(statement(TWICE)).scalar_one() == 0
            assert session.connection().execute(statement(STARTED)).scalar_one() == 0
    assert found[0] == found[1]
    asked = {"goods.came": 2, "sample.wanted": 1, "goods.sampled": 1}
    assert sum(found[0][1].values()) == sum(asked[name] for name, *_ in told_so[0])


async def test_what_is_told_of_the_same_again_is_no_second_fact(desk: Plant) -> None:
    lot = await batch(desk)
    first = told(desk, lot, "goods.came", {"count": 3, "urgent": True}, "D-1")
    second = told(desk, lot, "goods.came", {"count": 3, "urgent": True}, "D-1")
    assert (first.again, second.again, second.fact.id) == (False, True, first.fact.id)
    assert logged(desk, lot, "goods.came") == ["goods-each 0 begun", "goods-one 0 begun"]
    told(desk, lot, "goods.came", {"count": 1, "urgent": True}, "D-2")
    assert logged(desk, lot, "goods.came")[2:] == ["goods-each 0 not_so", "goods-one 0 joined"]


async def test_a_wait_goes_on_and_is_told_of_beside_the_triggers(desk: Plant) -> None:
    """A run that waited is moved; the run that was begun knows the values, and why the others weren't is said."""
    lot = await batch(desk)
    told(desk, lot, "goods.came", {"count": 1, "urgent": False})
    assert waiting.open_stages(desk, f"goods-one/{lot}/1") == ["look"]
    assert told(desk, lot, "goods.gone").moved == ()
    task_of_one = next(found for found in desk.tasks(lot) if found.process == "goods-one")
    await desk.door.complete_task(desk.client, "", desk.completion(task_of_one, desk.by("wang.cao"), signed=False))
    [moved] = told(desk, lot, "goods.gone").moved
    assert moved.row.workflow_id == f"goods-one/{lot}/1"
    assert waiting.open_stages(desk, f"goods-one/{lot}/1") == ["tidy"]
    once = ["goods-one 1 begun", "goods-one 2 not_there"]
    more = ["sample-more 1 none_open", "sample-more 2 none_open"]
    assert logged(desk, lot, "goods.gone") == [*once, *more, "goods-one wait moved", *once, *more]


async def test_what_only_joins_begins_nothing_and_takes_a_fact_up_once(desk: Plant) -> None:
    lot = await batch(desk)
    told(desk, lot, "goods.gone")
    assert logged(desk, lot, "goods.gone")[-2:] == ["sample-more 1 none_open", "sample-more 2 none_open"]
    told(desk, lot, "goods.sampled", {"note": "m"})
    told(desk, lot, "goods.gone")
    assert logged(desk, lot, "goods.gone")[-2:] == ["sample-more 1 joined", "sample-more 2 taken"]
    assert logged(desk, lot, "goods.sampled") == ["sample-more 0 begun"]


async def test_a_refusal_of_what_is_begun_is_no_refusal_of_the_fact(desk: Plant) -> None:
    lot = await batch(desk)
    assert told(desk, lot, "goods.lost").again is False
    assert logged(desk, lot, "goods.lost") == ["goods-losing 0 XTG-001"]
    why = "select because_zh || because_en from cause where code = 'XTG-001'"
    assert desk.scalar(why) == "货丢了。The goods are lost."
    assert desk.scalar("select count(*) from run_link where role = 'lost'") == 0
    assert desk.scalar("select count(*) from process_run where workflow_id like 'goods-losing/%'") == 0


async def test_a_circle_of_triggers_ends(desk: Plant) -> None:
    lot = await batch(desk)
    told(desk, lot, "goods.spun")
    assert logged(desk, lot, "goods.spun").count("goods-spin 0 circle") == 1
    assert set(logged(desk, lot, "goods.spun")) == {"goods-spin 0 circle", "goods-spin 0 begun"}


async def test_what_nobody_declared_is_not_told(desk: Plant) -> None:
    lot = await batch(desk)
    with pytest.raises(kinds.UndeclaredError, match=r"goods\.melted"):
        told(desk, lot, "goods.melted")
    wrong: list[dict[str, Any]] = [
        {},
        {"count": 1},
        {"count": "1", "urgent": True},
        {"count": True, "urgent": True},
        {"count": 1, "urgent": 0},
        {"count": 1, "urgent": True, "more": 1},
    ]
    for said in wrong:
        with pytest.raises(WrongValuesError):
            told(desk, lot, "goods.came", said)
    with pytest.raises(facts.OtherSubjectError):
        told(desk, lot, "sample.ready")
    assert (
        desk.scalar(
            "select count(*) from fact f join lot l on l.subject_id = f.subject_id where l.lot_no = :lot", lot=lot
        )
        == 0
    )


def one(desk: Plant, lot: str, said: Mapping[str, Any], once: str | None) -> Callable[[], Receipt]:
    """Somebody's act that tells a fact; the receipt says whether it had been told before."""

    def do_it() -> Receipt:
        with act(desk.engine, SETUP) as session:
            moment = now(session)
            return Receipt(act="told", at=moment, data={"again": tell(session, lot, "goods.came", said, once).again})

    return do_it


@pytest.mark.parametrize("first", [0, 1])
async def test_two_who_tell_the_same_at_once_tell_it_once(desk: Plant, first: int) -> None:
    lot = await batch(desk)
    acts = [one(desk, lot, {"count": 3, "urgent": bool(turn)}, "D-1") for turn in (first, 1 - first)]
    answers = in_line(desk.engine, lot, *acts)
    assert [getattr(answer, "data", answer) for answer in answers] == [{"again": False}, {"again": True}]
    assert logged(desk, lot, "goods.came") == ["goods-each 0 begun", "goods-one 0 begun"]
    urgent = "select f.values ->> 'urgent' from fact f join lot l on l.subject_id = f.subject_id where l.lot_no = :lot"
    assert desk.scalar(urgent, lot=lot) == str(bool(first)).lower()


@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_facts_at_once_the_first_begins_and_the_second_joins(desk: Plant, first: int) -> None:
    lot = await batch(desk)
    acts = [one(desk, lot, {"count": turn, "urgent": True}, None) for turn in (first, 1 - first)]
    in_line(desk.engine, lot, *acts)
    assert logged(desk, lot, "goods.came")[1::2] == ["goods-one 0 begun", "goods-one 0 joined"]
    knows = "select state -> 'facts' ->> 'goods.came.count' from process_run where workflow_id = :run"
    assert desk.scalar(knows, run=f"goods-one/{lot}/1") == str(1 - first)


async def test_a_run_that_ends_meanwhile_is_not_joined(desk: Plant) -> None:
    """Who tells the second fact waits for whoever ends the run; then it takes nothing up any more, and another begins."""
    lot = await batch(desk)
    told(desk, lot, "goods.sampled", {"note": "first"})
    with ThreadPoolExecutor(1) as pool:
        with act(desk.engine, SETUP) as session:
            run = runs.of(session, f"sample/{lot}/first") or pytest.fail("it was begun")
            runs.cancel(session, timer.locked(session, run.row.id), "ended", now(session))
            second = pool.submit(told, desk, lot, "goods.sampled", {"note": "second"})
            watching = desk.engine.execution_options(isolation_level="AUTOCOMMIT")
            with watching.connect() as watch:
                wait_for(lambda: watch.execute(WAITING).scalar_one() == 1, what="the second fact waits for the run")
        second.result()
    assert logged(desk, lot, "goods.sampled") == ["sample-more 0 begun"] * 2
    assert sample.stands(desk, f"sample/{lot}/second") == ("running", ["look"])


async def test_a_fact_of_a_step_moves_another_track_of_the_same_run(desk: Plant) -> None:
    """Completing the step and what the fact moved are both kept."""
    lot = await batch(desk)
    run = waiting.begun(desk, "goods-both", lot).workflow_id
    sending = next(found for found in desk.tasks(lot) if found.stage == "send")
    await desk.door.complete_task(desk.client, "", desk.completion(sending, desk.by("wang.cao"), signed=False))
    assert waiting.open_stages(desk, run) == ["count"]
    assert "goods-both wait moved" in logged(desk, lot, "goods.gone")
    counting = next(found for found in desk.tasks(lot) if found.stage == "count")
    await desk.door.complete_task(desk.client, "", desk.completion(counting, desk.by("wang.cao"), signed=False))
    assert waiting.open_stages(desk, run) == ["after"]


def names(desk: Plant, login: str, *, site_id: int | None = None, supplier_id: int | None = None) -> int:
    """The plant names somebody; answers who."""
    with act(desk.engine, SETUP) as session:
        person = people.get(session, login)
        rule = OwnerRule(subject_kind="lot", role="operator", person_id=person.id, site_id=site_id)
        rule.supplier_id = supplier_id
        session.add(rule)
        return person.id


GIVEN = """
select c.owner_id, t.assignee_id, t.claimed_at is not null as claimed from cause c join fact f on f.id = c.fact_id join lot l on l.subject_id = f.subject_id
  join human_task t on t.run_id = c.run_id where l.lot_no = :lot and f.name = 'goods.owned' order by c.trigger
"""


async def test_what_a_trigger_begins_goes_to_whom_its_owner_finds_before_the_steps_own(desk: Plant) -> None:
    """By the supplier where the trigger says so, for steps of its role; by the site where only the step says it; else to the role."""

    async def given() -> list[tuple[int | None, int | None, bool]]:
        lot = await batch(desk)
        told(desk, lot, "goods.owned")
        assert logged(desk, lot, "goods.owned") == ["goods-owned 0 begun", "goods-owned 1 begun"]
        with reading(desk.engine) as session:
            return [tuple(row) for row in session.connection().execute(statement(GIVEN), {"lot": lot})]

    assert await given() == [(None, None, False)] * 2
    site = desk.scalar("select min(id) from site")
    supplier = desk.scalar("select id from supplier where supplier_no = 'S-1'")
    of_site = names(desk, "qian.xin", site_id=site)
    # the first looks for a supplier's and finds none, the second for an inspector's: both come to what the step says
    assert await given() == [(of_site, of_site, True), (None, of_site, True)]
    of_supplier = names(desk, "wang.cao", supplier_id=supplier)
    assert await given() == [(of_supplier, of_supplier, True), (None, of_site, True)]


MANY_BATCHES = 5


async def test_many_at_once_leave_one_run_open_and_each_cause_once(desk: Plant) -> None:
    """Each fact is told by two, of eight who are at it at the same time."""
    lots = [await batch(desk) for _ in range(MANY_BATCHES)]
    each = often(40, 1000) // MANY_BATCHES
    acts = [
        one(desk, lot, {"count": 3 if n % 4 == 0 else 1, "urgent": True}, str(n))
        for n in range(each)
        for _ in range(2)
        for lot in lots
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = [receipt.data["again"] for receipt in pool.map(lambda do_it: do_it(), acts)]
    assert Counter(answers) == {True: each * MANY_BATCHES, False: each * MANY_BATCHES}
    whole = Counter(
        {
            "goods-each 0 begun": -(-each // 4),
            "goods-each 0 not_so": each - -(-each // 4),
            "goods-one 0 begun": 1,
            "goods-one 0 joined": each - 1,
        }
    )
    for lot in lots:
        assert Counter(logged(desk, lot, "goods.came")) == whole
        assert waiting.open_stages(desk, f"goods-one/{lot}/1") == ["look"]
    assert desk.scalar(TWICE) == 0
    assert desk.scalar(STARTED) == 0
