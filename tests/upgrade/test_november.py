"""A home of November is brought forward: nothing is lost, and what is left to decide is listed (DESIGN 4; REQUIREMENTS 121)."""

from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, reading
from models.lot.store import lots
from models.person.store import credentials
from models.person.store.passwords import UNUSABLE
from models.person.tables import Account
from models.plant.store import left_to_decide
from models.recall.store import duties as recall_duties
from models.recall.store import recalls
from runtime.commands.record import undecided
from tests.support.plant.direct import beside
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import APPROVAL, Recalling
from tests.support.servers.database import TestDatabase
from ui.frame.first_rows import Folding
from ui.frame.i18n import Language, Words
from ui.plant.view import undecided as views_undecided

REASON = "升级前的记录没有这一项, 已评估"
"""What the record of before doesn't say is an exception now."""


def test_what_was_let_through_before_is_listed_for_a_decision(november: TestDatabase) -> None:
    with reading(november.engine) as session:
        assert lots.alike(session) == [("Q7-0042", "q7-0042", "Q7 0042")]
        assert recalls.uncontained(session) == [("RC-2026-001", 1), ("RC-2026-002", 1)]
        own = {one["login"]: (one["set_by"], one["set_by_another"]) for one in credentials.uncertified(session)}
        places = session.connection().execute(text("select code from location where kind = 'undecided' order by code"))
        assert "MIX-01" in list(places.scalars())
    assert own == {
        "zhou.shen": ("管理员", True),
        "feng.shen": ("冯审", False),
        "chu.jian": ("管理员", True),
    }


def test_one_list_says_all_that_is_left_to_decide_and_what_to_do(november: TestDatabase) -> None:
    with reading(november.engine) as session:
        left = left_to_decide.read(session)
    assert ("Q7-0042", "q7-0042", "Q7 0042") in left.alike
    assert "MIX-01" in dict(left.places)
    assert dict(left.recalls) == {"RC-2026-001": 1, "RC-2026-002": 1}
    assert {one["login"] for one in left.logins} == {"zhou.shen", "feng.shen", "chu.jian"}
    said = undecided.lines(left)
    heads = [line for line in said if not line.startswith(" ")]
    assert [int(head.split(" · ")[0]) for head in heads] == list(
        map(len, (left.alike, left.places, left.recalls, left.logins))
    )
    assert len(said) == left.count + 4
    for row in ("Q7-0042 = q7-0042 = Q7 0042", "RC-2026-002: 1", "zhou.shen  周审"):
        assert f"    {row}" in said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_lists_what_the_command_lists_and_leads_to_each(november: TestDatabase, language: Language) -> None:
    with reading(november.engine) as session:
        left = left_to_decide.read(session)
    page = views_undecided.undecided(Words(language), left, Folding("/plant/undecided"))
    assert page.total == left.count
    counts = {one.key: one.total for one in page.lists}
    assert counts == {name: len(getattr(left, name)) for name in undecided.WHAT_TO_DO}
    assert all(page.lists[n].rows for n in range(4)), "a home of before shows something of each kind"
    seen = {one.key: [(link.label, link.href) for row in one.rows for link in row.links] for one in page.lists}
    assert ("q7-0042", "/search?text=q7-0042") in seen["alike"]
    assert ("MIX-01", "/plant/kinds/new") in seen["places"]
    assert ("RC-2026-002", "/recalls/RC-2026-002") in seen["recalls"]
    assert ("zhou.shen", "/people/zhou.shen") in seen["logins"]
    (notes,) = ([row.note for row in one.rows] for one in page.lists if one.key == "logins")
    assert any("管理员" in note for note in notes), "who set the password"


def test_a_record_of_now_leaves_nothing_to_decide(fresh_database: TestDatabase) -> None:
    with reading(fresh_database.engine) as session:
        assert undecided.lines(left_to_decide.read(session)) == ["没有待决定的事项 / nothing is left to decide"]


def test_suppliers_keep_their_status_so_that_an_empty_list_keeps_nothing_apart(november: TestDatabase) -> None:
    """Everybody whom a lot was received from is on the list, without an end; STANDARDS Q 87 holds from the next receipt on."""
    with reading(november.engine) as session:
        ask = session.connection().execute
        lost = ask(
            text(
                "select count(*) filter (where a.id is null), count(*) from lot l join supplier s on s.id = l.supplier_id and s.status <> 'blocked'"
                " left join supplier_approval a on (a.supplier_id, a.item_id) = (l.supplier_id, l.item_id) and a.status = 'approved'"
                " and a.origin = 'carried_over' and a.expires_on is null where l.kind in ('raw', 'component')"
            )
        ).one()
        assert (lost[0], lost[1] > 5) == (0, True)
        assert ask(text("select count(*) from supplier_receipt")).scalar_one() == 0


def test_signatures_of_before_still_say_what_was_signed(november: TestDatabase) -> None:
    signed = "select s.digest, r.canonical, s.form from signature s left join signed_record r on r.digest = s.digest"
    with reading(november.engine) as session:
        rows = session.connection().execute(text(signed)).all()
    assert len(rows) > 30
    assert {row.form for row in rows} == {1}  # nothing was said for people that they didn't say
    assert [row.digest for row in rows if sha256(row.canonical.encode()).hexdigest() != row.digest] == []


def test_drills_of_before_bind_nobody_to_a_legal_deadline(november: TestDatabase) -> None:
    """Their deadlines stay on record; nobody is asked to meet them, and no closed drill is followed for them."""
    with reading(november.engine) as session:
        assert recall_duties.waiting(session) == []
        for number, expected in (("RD-2026-001", False), ("RD-2026-002", False), ("RC-2026-002", True)):
            recall = recalls.get(session, number)
            assert bool(recall_duties.timers(session, recall)) is expected
            assert bool(recalls.deadlines(session, recall.id)) is expected


async def test_who_got_a_password_from_somebody_else_signs_after_confirming_who_they_are(
    november: TestDatabase,
) -> None:
    plant = beside(november.engine)
    with pytest.raises(Refusal, match="SIG-010"):
        await plant.complete("S-2611-20", "review", "zhou.shen", "release", reason=REASON)
    confirmed(plant, "zhou.shen")
    await plant.complete("S-2611-20", "review", "zhou.shen", "release", reason=REASON)
    await plant.complete("S-2611-20", "approve", "chen.pi", "release", reason=REASON)
    assert plant.scalar("select status from lot where lot_no = 'S-2611-20'") == "released"


async def test_a_release_of_which_one_had_signed_is_reviewed_again_and_approved(november: TestDatabase) -> None:
    """The record says more than it did: the first signature stays on it, and the release takes two new ones."""
    plant = beside(november.engine)
    confirmed(plant, "zhou.shen")
    with pytest.raises(Refusal, match="SIG-005"):
        await plant.complete("S-2611-19", "approve", "chen.pi", "release", reason=REASON)
    await plant.complete("S-2611-19", "approve", "chen.pi", "review_again", reason="升级后重新审核")
    await plant.complete("S-2611-19", "review", "zhou.shen", "release", reason=REASON)
    await plant.complete("S-2611-19", "approve", "chen.pi", "release", reason=REASON)
    assert plant.scalar("select status from lot where lot_no = 'S-2611-19'") == "released"
    signed = "select count(*) from signature s join lot l on l.id = s.lot_id where l.lot_no = :lot and s.form = :form"
    assert plant.scalar(signed + " and s.subject = 'release'", lot="S-2611-19", form=1) == 1
    assert plant.scalar(signed + " and s.subject = 'release'", lot="S-2611-19", form=2) == 3


async def test_recalls_of_before_hold_their_scope_and_go_on(november: TestDatabase) -> None:
    """One that was approved before openings held anything, one that still is reviewed: nothing of theirs stays free."""
    plant = beside(november.engine)
    approved, reviewed = Recalling(plant, "RC-2026-002"), Recalling(plant, "RC-2026-001")
    await approved.do("hold_all", "sun.zhao")
    await reviewed.do("review_scope", "sun.zhao", "freeze", signed=True)
    await reviewed.do("approve_scope", "wu.jingli", "approve", signed=True, form=APPROVAL)
    with reading(november.engine) as session:
        assert recalls.uncontained(session) == []
    await approved.do("notify", "sun.zhao")
    assert approved.task("follow_up").status == "open"


async def test_a_recall_of_before_whose_customers_were_told_is_brought_to_its_end(november: TestDatabase) -> None:
    plant = beside(november.engine)
    told = Recalling(plant, "RC-2026-003")
    for notice, received in zip(told.notices(), (12, 5), strict=True):
        await told.acknowledge(notice, received, on_hand=0, used=received, will_return=0)
    await told.draw("a")
    for row in told.checks().rows:
        await told.check(row)
    await told.decide("scrap")
    await told.do("follow_up", "sun.zhao", "done")
    await told.do("close", "wu.jingli", "close", signed=True, reason="全部已使用或收回")
    assert plant.scalar("select status from recall where recall_no = 'RC-2026-003'") == "closed"


def confirmed(plant: Plant, login: str) -> None:
    """The person has confirmed who it is, as at the first sign-in."""
    by = plant.by(login)
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        account = session.exec(select(Account).where(Account.login == login)).one()
        if account.own_since is None:
            credentials.certify(session, account, "周审", UNUSABLE)
