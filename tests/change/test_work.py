"""What people do and read for an approved change, who verifies it, and that nothing is closed over it (ISO 13485 7.3.9, 6.2; STANDARDS X 53)."""

import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.change.queries import case as queries
from models.definition import store as definitions
from models.definition.document import as_data
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.lot.rules.locked import Step
from models.process import kinds
from models.process.tables.process import HumanTask
from tests.change.asking import (
    TRAINED,
    agreed,
    approved,
    assessed,
    carried_out,
    decide,
    effective,
    item,
    locks,
    opened,
    verified,
)
from tests.support.definitions import shipped
from tests.support.often import often
from tests.support.plant.direct import at_once
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.matter import complete, open_task, stages

TASKS = """
select coalesce(jsonb_agg(jsonb_build_array(t.kind, t.title, p.name, d.name) order by t.number), '[]')
  from change_task t join change c on c.id = t.change_id join person p on p.id = t.owner_id left join person d on d.id = t.done_by_id
 where c.change_no = :number
"""
WORKED = {"said": "已做", "evidence": "记录 7"}
RUNS = "select coalesce(array_agg(r.status order by r.id), '{}') from process_run r where r.workflow_id like '%' || :number || '/%'"


def task(title: str, owner: str, due: str = "2099-12-31") -> dict[str, str]:
    return {"title": title, "changes": "SOP-17", "owner": owner, "due": due}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    return desk


async def planned(shop: Plant, *tasks: dict[str, str], **more: Any) -> str:
    """An approved change that plans these tasks."""
    number = await opened(shop)
    await agreed(shop, number, tasks=list(tasks) or assessed()["tasks"], **more)
    await complete(shop, number, "approve", "wu.jingli", "approve")
    return number


async def test_each_does_their_own_and_somebody_who_did_none_verifies_it(shop: Plant) -> None:
    two = (task("修订 SOP-17", "zhao.liu"), task("更新检验计划", "chen.pi"))
    number = await planned(shop, *two, training=[TRAINED, {**TRAINED, "person": "lin.jian"}])
    assert stages(shop, number) == [
        "carry_process_owner", "carry_qa_approver", "read_inspector", "read_operator", "verify",
    ]  # fmt: skip
    for stage, login in (("carry_process_owner", "zhao.liu"), ("read_operator", "wang.cao")):
        owner = shop.scalar(
            "select p.name from human_task t join person p on p.id = t.assignee_id where t.id = :id",
            id=open_task(shop, number, stage).id,
        )
        assert owner == shop.by(login).name
    seen = {"evidence": "看过现场"}
    with pytest.raises(Refusal, match="CHG-017") as early:
        await complete(shop, number, "verify", "wu.jingli", "verified", form=seen)
    assert "更新检验计划" in early.value.zh
    await carried_out(shop, number)
    await carried_out(shop, number, "carry_qa_approver", "chen.pi")
    with pytest.raises(Refusal, match="CHG-018"):  # a QA approver, who did one of them
        await complete(shop, number, "verify", "chen.pi", "verified", form=seen)
    await complete(shop, number, "verify", "wu.jingli", "verified", form=seen)
    assert stages(shop, number) == ["put_into_effect", "read_inspector", "read_operator"]
    assert shop.scalar(TASKS, number=number) == [
        ["task", "修订 SOP-17", "赵流", "赵流"], ["task", "更新检验计划", "陈批", "陈批"],
        ["training", "SOP-17 v3", "王操", None], ["training", "SOP-17 v3", "林检", None],
    ]  # fmt: skip


async def test_it_is_closed_when_everybody_who_still_works_here_is_trained(shop: Plant) -> None:
    number = await planned(shop, training=[TRAINED, {**TRAINED, "person": "li.cang"}])
    await carried_out(shop, number)
    await complete(shop, number, "verify", "chen.pi", "verified", form={"evidence": "SOP-17 v3"})
    with pytest.raises(Refusal, match="CHG-020") as untrained:
        await effective(shop, number)
    assert "李仓" in untrained.value.zh
    # given to anybody who holds the role, it is signed by that very person all the same
    reading = open_task(shop, number, "read_operator")
    with act(shop.engine, SETUP) as session:
        session.get_one(HumanTask, reading.id).assignee_id = None
    with pytest.raises(Refusal, match="CHG-021"):
        await complete(shop, number, "read_operator", "qian.xin", signed=True)
    await complete(shop, number, "read_operator", "wang.cao", signed=True)
    await complete(shop, number, "read_warehouse", "li.cang", signed=True, form={"remark": "已读"})
    await effective(shop, number)
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "按新方式生产"})
    assert set(shop.scalar(RUNS, number=number)) == {"completed"}


async def test_what_is_found_wanting_takes_more_tasks_before_it_is_verified(shop: Plant) -> None:
    number = await planned(shop)
    await carried_out(shop, number)
    await complete(shop, number, "verify", "chen.pi", "again", form={"evidence": "缺培训"}, reason="缺培训")
    with pytest.raises(Refusal, match="CHG-022"):
        await complete(shop, number, "plan_more", "zhou.shen")
    await complete(shop, number, "plan_more", "zhou.shen", form={"tasks": [task("补充操作要点", "lin.jian")]})
    assert stages(shop, number) == ["carry_inspector", "verify"]
    with pytest.raises(Refusal, match="CHG-017"):
        await complete(shop, number, "verify", "chen.pi", "verified", form={"evidence": "x"})
    await carried_out(shop, number, "carry_inspector", "lin.jian")
    await complete(shop, number, "verify", "chen.pi", "verified", form={"evidence": "SOP-17 v4"})
    await effective(shop, number)
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})


async def test_batches_wait_for_the_verification_where_somebody_lets_them(shop: Plant) -> None:
    await shop.receive("V-1")
    await shop.receive("V-2")
    number, done = await approved(shop, lot_nos=("V-1", "V-2"))
    assert done.data["tasks"] == 1
    await decide(shop, number, V_1="old_way")
    await complete(shop, number, "batches", "chen.pi", "later", reason="等新方式验证")
    await verified(shop, number)
    assert stages(shop, number) == ["batches_left"]
    await decide(shop, number, "batches_left", rest="new_way")
    await effective(shop, number)
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})


async def test_it_takes_effect_with_a_batch_from_which_on_none_pauses(shop: Plant) -> None:
    goods = item(shop, "EFFECT-1")
    await shop.receive("E-1", item_no=goods)
    number, _ = await approved(shop, kind="item", target=goods)
    await decide(shop, number, rest="old_way")
    await verified(shop, number)
    await effective(shop, number, effective="from_batch", effective_batch="E-3")
    with pytest.raises(Refusal, match="CHG-026") as early:
        await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})
    assert "E-3" in early.value.zh
    for lot in ("E-2", "E-3", "E-4"):
        await shop.receive(lot, item_no=goods)
    assert locks(shop, number) == {
        "E-1": "incoming old_way",
        "E-2": "incoming",
    }  # the one before it is decided on, like all before
    await complete(shop, number, "close", "wu.jingli", "more", form={"done": "x"}, reason="E-2")
    await decide(shop, number, "batches_left", rest="new_way")
    await complete(shop, number, "close", "wu.jingli", "other_start", form={"done": "x"}, reason="改期")
    with pytest.raises(Refusal, match="CHG-025"):
        await effective(shop, number)
    with reading(shop.engine) as session:
        assert queries.of_number(session, number).head.governed == 2
    await complete(shop, number, "put_into_effect", "wu.jingli", "more", form={"effective": "at_once"}, reason="已生效")
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})


async def test_it_takes_effect_on_a_day_that_can_be_put_off_until_it_has_come(shop: Plant) -> None:
    goods = item(shop, "EFFECT-2")
    number, _ = await approved(shop, kind="item", target=goods)
    await verified(shop, number)
    with pytest.raises(Refusal, match="CHG-023"):
        await effective(shop, number, effective="on_day", effective_on="2020-01-01")
    await effective(shop, number, effective="on_day", effective_on="2099-01-01")
    since = shop.scalar("select effective_at from change where change_no = :n", n=number)
    assert since.astimezone(ZoneInfo("Asia/Shanghai")).isoformat() == "2099-01-01T00:00:00+08:00"
    await shop.receive("D-2099", item_no=goods)
    assert locks(shop, number) == {"D-2099": "incoming"}  # its day hasn't come
    with pytest.raises(Refusal, match="CHG-012"):
        await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})
    await complete(shop, number, "close", "wu.jingli", "more", form={"done": "x"}, reason="新批次")
    await decide(shop, number, "batches_left", rest="old_way")
    with pytest.raises(Refusal, match="CHG-026"):
        await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})
    await complete(shop, number, "close", "wu.jingli", "other_start", form={"done": "x"}, reason="提前")
    await effective(shop, number)
    await shop.receive("D-NOW", item_no=goods)
    assert locks(shop, number) == {"D-2099": "incoming old_way"}
    await complete(shop, number, "close", "wu.jingli", "close", form={"done": "x"})


async def test_withdrawn_nobody_works_for_it_any_more(shop: Plant) -> None:
    number = await planned(shop, training=[TRAINED])
    await complete(shop, number, "verify", "chen.pi", "withdraw", form={"evidence": "x"}, reason="供方恢复供货")
    assert stages(shop, number) == []
    assert shop.scalar(RUNS, number=number) == ["cancelled", "cancelled"]


async def test_a_plan_is_one_that_can_be_carried_out(shop: Plant) -> None:
    number = await opened(shop)
    wrong: dict[str, dict[str, Any]] = {
        "CHG-014": {"tasks": [task("修订", "zhao.liu", "2020-01-01")]},
        "CHG-015": {"tasks": [task("修订", "zheng.shenji")]},
        "CHG-016": {"training": [TRAINED, {**TRAINED, "due": "2099-01-01"}]},
        "PRC-004": {"tasks": []},
    }
    for code, said in wrong.items():
        with pytest.raises(Refusal, match=code):
            await complete(shop, number, "assess", "zhou.shen", form=assessed(**said))
    assert shop.scalar(TASKS, number=number) == []


async def test_the_last_task_and_the_verification_meet_and_neither_is_lost(shop: Plant) -> None:
    for _ in range(often(2, 25)):
        number = await planned(shop)
        work = shop.completion(
            open_task(shop, number, "carry_process_owner"), shop.by("zhao.liu"), None, signed=True, form=WORKED
        )
        seen = shop.completion(
            open_task(shop, number, "verify"), shop.by("chen.pi"), "verified", form={"evidence": "x"}
        )
        done, refused = at_once(shop, ("complete_task", work), ("complete_task", seen))
        # either it isn't done yet, or what was signed is no longer what stands there: nobody verifies what they haven't seen
        assert (len(done), [one.code in {"CHG-017", "SIG-004"} for one in refused]) == (1, [True]), refused
        assert shop.scalar(TASKS, number=number)[0][3] == "赵流"
        assert stages(shop, number) == ["verify"]


def test_the_database_knows_the_same_steps_of_a_batch_as_nouns_declare(shop: Plant) -> None:
    body = shop.scalar("select pg_get_functiondef('task_batch_step'::regproc)")
    of_family = dict(re.findall(r"in_family\(t\.process, '([a-z-]+)'\) then '([a-z_]+)'", body))
    by_effect = dict(re.findall(r"null, '([a-z_.]+)'\) then '([a-z_]+)'", body))
    assert of_family == {kind.family: kind.step for kind in kinds.every() if kind.step}
    effects = (one for kind in kinds.every() for one in kind.effects)
    assert by_effect == {one.name: one.step for one in effects if one.step}
    assert {*of_family.values(), *by_effect.values()} == {*Step} - {Step.OPERATION, Step.LEAVE}


GONE = ("verify", "plan_more", "left", "batches_left", "put_into_effect")


def of_before() -> str:
    """The process as it was before it had tasks, which older plants keep."""
    data = as_data(shipped("change"))
    stages = {one["key"]: one for one in data["stages"] if one["key"] not in GONE}
    stages["assess"]["form"] = [one for one in stages["assess"]["form"] if one["key"] not in {"tasks", "training"}]
    stages["paused"]["next"] = "close"
    stages["batches"]["outcomes"] = [one for one in stages["batches"]["outcomes"] if one["key"] != "later"]
    del stages["close"]["not_same_as"]
    stages["close"]["outcomes"] = [one for one in stages["close"]["outcomes"] if one["key"] != "other_start"]
    for one in stages["close"]["outcomes"]:
        one["next"] = "paused" if one["next"] == "left" else one["next"]
    return json.dumps({**data, "version": 99, "stages": list(stages.values())}, ensure_ascii=False)


async def test_a_plant_that_keeps_the_process_of_before_closes_its_changes_as_before(shop: Plant) -> None:
    with act(shop.engine, SETUP) as session:
        definitions.ship(session, of_before())
    try:
        number = await opened(shop)
        await complete(shop, number, "assess", "zhou.shen", form={"risk": "low", "risk_reason": "可控"})
        for stage, login in (
            ("agree_quality", "chen.pi"),
            ("agree_production", "zhao.liu"),
            ("agree_stock", "li.cang"),
        ):
            await complete(shop, number, stage, login, "agree")
        await complete(shop, number, "approve", "wu.jingli", "approve")
        assert stages(shop, number) == ["close"]
        await complete(shop, number, "close", "wu.jingli", "close", form={"done": "已培训"})
        assert shop.scalar("select status from change where change_no = :n", n=number) == "closed"
    finally:
        with act(shop.engine, SETUP) as session:
            session.connection().execute(text("update definition_version set status = 'superseded' where version = 99"))
