"""Whoever has a link may write any name into it: nobody is told before somebody of ours has confirmed the list (21 CFR 7.49(d))."""

from uuid import UUID, uuid4

import pytest

from models.kernel.store.act import act, now
from models.notice.rules import links as notice_links
from models.notice.tables.notices import RecallNotice
from models.process.context import Ctx
from models.process.messages.process import By
from models.process.store import runs
from models.recall.kind import effects as effects_recall
from models.recall.messages.follow_up import NameReceivers
from tests.recall.acts.test_receivers import AS_IT_IS, ROW, by_sql, by_sql_undone, passes, places, post, view
from tests.support.plant.direct import do
from tests.support.plant.plant import SECRET, SETUP, Plant
from tests.support.plant.recalling import Recalling, begun, receivers, told
from tests.support.record import refused, unchanged


@pytest.fixture
def desk(told_desk: Plant) -> Plant:
    """A plant of the test's own, with a recall that has been told to a distributor."""
    return told_desk


def by_link(notice: RecallNotice, **got: int) -> NameReceivers:
    """As the link of a notice sends it: anybody may have written it."""
    by = By(person_id=0, name="王医生", actor_id="customer:C-1", source="link")
    by = by.holding(notice_links.make(SECRET, UUID(str(notice.public_id))))
    return NameReceivers(
        command_id=str(uuid4()), by=by, notice=UUID(str(notice.public_id)), name="王医生", receivers=receivers(**got)
    )


async def test_nobody_is_told_before_the_list_that_names_them_is_confirmed(desk: Plant) -> None:
    recall = await begun(desk, level="a")
    (top,) = recall.notices()
    ours = view(recall).notices[0].customer
    await passes(recall, top, 30, 24, confirm=False, 市一院=10, 市二院=4)
    assert [one.receiver for one in recall.notices()] == [None]
    assert places(recall) == {(ours, "answered"): 6, (ours, "unnamed"): 24}
    assert recall.checks().samples[-1].wave == 0
    assert desk.scalar("select count(*) from notice_delivery d join recall_notice n on n.id = d.notice_id where n.recall_id = :id", id=top.recall_id) == 1  # fmt: skip
    (naming,) = view(recall).namings
    assert (naming.outcome, naming.quantity, len(naming.receivers), naming.link) == (None, 14, 2, False)
    assert {one["code"]: one["en"] for one in view(recall).remaining}["naming"].endswith(": 1")
    notice = view(recall).notices[0]
    assert (notice.unnamed, notice.waiting) == (24, 14)
    (done,) = await recall.confirm()
    assert (done.data["told"], done.data["outcome"]) == (2, "confirm")
    assert {one.receiver for one in recall.notices()} == {None, "市一院", "市二院"}
    assert places(recall) == {
        (ours, "answered"): 6, (ours, "unnamed"): 10, ("市一院", "untold"): 10, ("市二院", "untold"): 4,
    }  # fmt: skip
    assert recall.checks().samples[-1].wave == 1


async def test_a_list_that_is_turned_down_leaves_the_goods_without_a_receiver_and_the_customer_is_asked(
    desk: Plant,
) -> None:
    recall = told(desk)
    (top,) = recall.notices()
    post(recall)
    await passes(recall, top, 30, 24, confirm=False, 陌生人=24)
    reminded = recall_reminder(desk, recall)
    assert reminded == 0, "what waits for us is not asked of the customer"
    await recall.confirm("decline", reason="查无此单位")
    assert [one.receiver for one in recall.notices()] == [None]
    (naming,) = view(recall).namings
    assert (naming.outcome, naming.reason, naming.decided_by) == ("declined", "查无此单位", "孙召")
    assert recall_reminder(desk, recall) == 1
    await recall.name_receivers(top, 陌生人=24)  # the same name may come again, and is looked at again
    assert places(recall)["陌生人", "untold"] == 24


def recall_reminder(plant: Plant, recall: Recalling) -> int:
    """How many are reminded at the next moment."""
    with act(plant.engine, SETUP) as session:
        found: int = effects_recall.remind(
            Ctx(session, runs.load(session, recall.task("follow_up").run_id), runs.NOBODY, now(session))
        )["reminded"]
        return found


async def test_a_link_sends_so_many_lists_and_no_more(desk: Plant) -> None:
    recall = told(desk)
    (top,) = recall.notices()
    await passes(recall, top, 30, 24)
    for n in range(20):
        do(desk.engine, "name_receivers", by_link(top, **{f"第{n}医院": 1}))
        if n == 4:
            with refused(desk.engine, "RCS-012"):
                do(desk.engine, "name_receivers", by_link(top, 第六医院=1))
        if n >= 4:
            await recall.confirm()
    with refused(desk.engine, "RCS-013"):
        do(desk.engine, "name_receivers", by_link(top, 市九院=1))
    await recall.name_receivers(top, 市九院=1)  # by telephone, written down by one of us


async def test_what_waits_counts_as_named_so_that_lists_never_make_more_than_was_passed_on(desk: Plant) -> None:
    recall = told(desk)
    (top,) = recall.notices()
    await passes(recall, top, 30, 24, confirm=False, 市一院=20)
    with refused(desk.engine, "RCS-001"):
        do(desk.engine, "name_receivers", by_link(top, 市二院=5))
    with refused(desk.engine, "RCS-005"):
        do(desk.engine, "name_receivers", by_link(top, **{"市一院 ": 1}))


async def test_a_list_ends_with_its_recall_and_a_drill_waits_the_same(desk: Plant) -> None:
    drill = await begun(desk, "drill")
    await passes(drill, drill.notices()[0], 30, 24, confirm=False, 市一院=24)
    assert [one.receiver for one in drill.notices()] == [None]
    await drill.decide("rework")
    await drill.do("follow_up", "sun.zhao", "done")
    await drill.do("close", "wu.jingli", "close", signed=True, reason="演练结束")
    (naming,) = view(drill).namings
    assert (naming.outcome, naming.decided_by) == ("cancelled", None)
    assert desk.scalar("select count(*) from human_task where process = 'confirm-receivers' and status = 'open' and recall_id = :id", id=drill.notices()[0].recall_id) == 0  # fmt: skip


NAMING = """
insert into recall_naming (recall_id, notice_id, run_id, named_by, named_at, link, quantity, receivers, outcome, decided_at)
select {recall}, {notice}, g.run_id, '王', now(), {link}, {quantity}, {receivers}, {outcome}, {decided}
  from recall_naming g join recall_notice n on n.id = g.notice_id where n.id = :id"""
NAMED_AS_IT_IS = {
    "recall": "g.recall_id", "notice": "g.notice_id", "link": "true", "quantity": "3", "outcome": "null", "decided": "null",
    "receivers": """'[{"name": "市九院", "quantity": "3"}]'::jsonb""",
}  # fmt: skip
WRONG_NAMING: tuple[tuple[str, dict[str, str]], ...] = (
    ("and then waits", {"outcome": "'confirmed'", "decided": "now()"}),
    ("and then waits", {"recall": "(select max(id) from recall where id <> g.recall_id)"}),
    ("more than was passed on", {"quantity": "15", "receivers": """'[{"name": "市九院", "quantity": "15"}]'::jsonb"""}),
    ("make its sum", {"quantity": "2"}),
    ("make its sum", {"receivers": """'[{"name": " ", "quantity": "3"}]'::jsonb"""}),
)
CHANGE = "update recall_naming set {} where notice_id = :id"
DECISIONS = (
    ("decided by who completes its task", "outcome = 'confirmed', decided_at = now(), decided_by_id = (select max(id) from person)"),
    ("decided by who completes its task", "outcome = 'cancelled', decided_at = now()"),
    ("stays as it was named", "receivers = '[{\"name\": \"else\", \"quantity\": \"10\"}]'::jsonb"),
    ("stays as it was named", "quantity = 1"),
)  # fmt: skip


async def test_a_list_by_sql_meets_a_wall(desk: Plant) -> None:
    recall = told(desk)
    top = recall.notices()[0]
    await passes(recall, top, 30, 24, confirm=False, 市一院=10)
    given = {"id": top.id}
    by_sql_undone(desk, NAMING.format(**NAMED_AS_IT_IS), **given)
    for match, wrong in WRONG_NAMING:
        with unchanged(desk.engine), pytest.raises(Exception, match=match):
            by_sql(desk, NAMING.format(**NAMED_AS_IT_IS | wrong), **given)
    for match, change in DECISIONS:
        with unchanged(desk.engine), pytest.raises(Exception, match=match):
            by_sql(desk, CHANGE.format(change), **given)
    with unchanged(desk.engine), pytest.raises(Exception, match="when the list that names them is confirmed"):
        by_sql(desk, ROW.format(**AS_IT_IS), **given)
