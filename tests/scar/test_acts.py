"""Raised, answered once through a link of its own, and nothing through any other (REQUIREMENTS 52; DESIGN 2.2)."""

import hashlib
import io
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from models.attachment.store import Arrived
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.process.messages.process import Receipt
from models.scar import queries
from models.scar.store import files
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete, stages
from tests.support.processes.scars import (
    SAID,
    answered,
    answering,
    by_link,
    file,
    in_days,
    newest,
    raised,
    sent,
    supplier,
    withdrawn,
)
from tests.support.servers.database import past_walls
from tests.support.servers.together import together

EXPIRED = "update scar_round set sent_at = now() - interval '9 days', expires_at = now() - interval '1 second'"
SIGNED = "select r.canonical from signature s join signed_record r on r.digest = s.digest join human_task t on t.id = s.task_id join subject b on b.id = t.subject_id where b.number = :number"
COUNT = "select count(*) from scar_answer a join scar_round r on r.id = a.round_id join scar c on c.id = r.scar_id where c.scar_no = :n"


async def refused(code: str, act: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(Refusal) as said:
        await act()
    assert said.value.code == code


def pdf(text: bytes = b"8D") -> Arrived:
    body = b"%PDF-1.7\n" + text
    return Arrived(io.BytesIO(body), hashlib.sha256(body).hexdigest(), len(body))


async def test_it_is_answered_once_and_only_through_the_link_of_its_newest_round(desk: Plant) -> None:
    who, other = supplier(desk, "SC-1"), supplier(desk, "SC-2")
    number = await raised(desk, who)
    assert stages(desk, number) == ["send"]
    form = {"answer_by": in_days(7), "link_until": in_days(3)}
    await refused("SCR-008", lambda: complete(desk, number, "send", "zhou.shen", "send", signed=False, form=form))
    first = await sent(desk, number)
    # whoever knows the numbers but not the link is nobody, and so is another supplier with a link of its own
    await refused("AUTH-025", lambda: answered(desk, who, first, by=by_link(who, first, b"x" * 40)))
    await refused("SCR-020", lambda: answered(desk, other, first))
    await refused("SCR-025", lambda: answered(desk, who, first, cause=" "))
    await refused("SCR-026", lambda: answered(desk, who, first, files=("0" * 64,)))
    digest = file(desk, who, first, pdf(), "<img src=x onerror=alert(1)>.pdf")
    assert file(desk, who, first, pdf(), "again.pdf") == digest
    await answered(desk, who, first, files=(digest,))
    await refused("SCR-022", lambda: answered(desk, who, first))
    with pytest.raises(Refusal, match="answered already"):
        file(desk, who, first, pdf(b"late"))
    assert desk.scalar(COUNT, n=number) == 1
    assert desk.scalar("select address || name from scar_answer where files = array[cast(:d as text)]", d=digest) == "203.0.113.9王工"  # fmt: skip
    # sent back: another round with a link of its own; the first stays shut and stays readable here
    await complete(desk, number, "review", "chen.pi", "back", reason="原因不充分")
    second = await sent(desk, number)
    assert second != first
    await refused("SCR-022", lambda: answered(desk, who, first))
    await answered(desk, who, second)
    await complete(desk, number, "review", "chen.pi", "accept")
    with pytest.raises(Refusal):
        await complete(desk, number, "close", "chen.pi", "close")
    await complete(desk, number, "close", "wu.jingli", "close")
    assert desk.scalar("select status from scar where scar_no = :n", n=number) == "closed"
    assert desk.scalar("select string_agg(verdict, ' ' order by v.id) from scar_review v join scar_answer a on a.id = v.answer_id join scar_round r on r.id = a.round_id join scar c on c.id = r.scar_id where c.scar_no = :n", n=number) == "back accepted"  # fmt: skip


async def test_a_signature_covers_the_answer_word_for_word_and_the_digests_of_its_files(desk: Plant) -> None:
    who = supplier(desk, "SC-3")
    number = await raised(desk, who)
    at = await sent(desk, number)
    digest = file(desk, who, at, pdf(b"covered"))
    await answered(desk, who, at, files=(digest,))
    await complete(desk, number, "review", "chen.pi", "accept")
    text = str(desk.scalar(SIGNED, number=number))
    for one in (*SAID.values(), digest, "203.0.113.9", number):
        assert one in text


async def test_an_old_link_and_one_of_a_withdrawn_request_take_nothing(desk: Plant) -> None:
    who = supplier(desk, "SC-4")
    number = await raised(desk, who)
    at = await sent(desk, number)
    await withdrawn(desk, number)
    assert (stages(desk, number), newest(desk, number)) == ([], at)
    await refused("SCR-023", lambda: answered(desk, who, at))
    await refused("SCR-011", lambda: withdrawn(desk, number))
    late = await raised(desk, who)
    at = await sent(desk, late)
    with past_walls(desk.engine) as connection:
        connection.exec_driver_sql(f"{EXPIRED} where public_id = '{at}'")
    await refused("SCR-021", lambda: answered(desk, who, at))
    with pytest.raises(Refusal, match="has ended"):
        file(desk, who, at, pdf())


async def test_of_two_answers_at_once_one_is_kept(desk: Plant) -> None:
    who = supplier(desk, "SC-5")
    number = await raised(desk, who)
    at = await sent(desk, number)
    one, two = (answering(who, at, cause=cause) for cause in ("甲", "乙"))
    done = together(*(partial(do, desk.engine, "answer_scar", given) for given in (one, two)))
    assert sorted(isinstance(each, Receipt) for each in done) == [False, True]
    assert {each.code for each in done if isinstance(each, Refusal)} == {"SCR-022"}
    assert desk.scalar(COUNT, n=number) == 1


async def test_what_it_is_about_is_the_suppliers_own(desk: Plant) -> None:
    who = supplier(desk, "SC-6")
    await desk.receive("SC-LOT", 5)
    await refused("SCR-003", lambda: raised(desk, who, lots=("SC-LOT",)))
    await refused("SCR-005", lambda: raised(desk, who, lots=("SC-NONE",)))
    await refused("SCR-004", lambda: raised(desk, who, asks=()))
    await refused("SCR-006", lambda: raised(desk, who, capa_no="CAPA-0"))
    await refused("SCR-002", lambda: raised(desk, "S-NONE"))
    number = await raised(desk, "S-1", lots=("SC-LOT",))
    at = await sent(desk, number)
    with reading(desk.engine) as session:
        seen = queries.behind(session, at)
        assert seen.lots == ("P88-SC-LOT",), "the supplier reads the number that it printed"
        assert files.sent(session, seen.round.id) == frozenset()
