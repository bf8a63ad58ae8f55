"""What reaches goods and people by one press is counted and shown first, and done only as it was shown (21 CFR 7.49)."""

from decimal import Decimal
from itertools import count

import pytest

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.notice.store import products as notice_products
from models.recall.queries import recalls as queries_recalls
from models.recall.store import preview as recall_preview
from models.recall.store import recalls
from models.recall.store.preview import Holding, Telling
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling, add_customers, reach

NUMBERS = count(1)


async def case(desk: Plant, mode: str = "recall") -> Recalling:
    """A hundred of a material: ten went to the hospital with an address, twenty to one without."""
    n = next(NUMBERS)
    lot = f"PV-{n}"
    await desk.material(lot, 100)
    add_customers(desk, 2, first=10 * n)
    await desk.ship(f"PV-A{n}", lot, 10, customer=f"C-{10 * n}")
    await desk.ship(f"PV-B{n}", lot, 20, customer=f"C-{10 * n + 1}")
    reach(desk, f"C-{10 * n + 1}", email=None)
    recall = Recalling(desk, f"{'RD' if mode == 'drill' else 'RC'}-PV-{n}", mode)
    await recall.open(lot)
    await recall.freeze()
    return recall


def looked(desk: Plant, recall: Recalling) -> tuple[Holding, Telling]:
    with reading(desk.engine) as session:
        row = recalls.get(session, recall.number)
        scope = recalls.newest_scope(session, row.id)
        return recall_preview.holding(session, row, scope), recall_preview.telling(session, row, scope)


async def test_holding_everything_says_first_how_much_is_held_and_where(desk: Plant) -> None:
    recall = await case(desk)
    seen, _ = looked(desk, recall)
    assert (seen.lots, seen.held, seen.places) == (1, 1, 1)
    assert seen.amounts == (("pcs", Decimal(70)),)
    done = await recall.do("hold_all", "sun.zhao", seen=seen.digest)
    assert (done.data["lots"], done.data["to_pull"]) == (seen.lots, seen.errands)


async def test_who_is_told_is_who_was_shown_and_who_has_no_address_is_counted(desk: Plant) -> None:
    recall = await case(desk)
    await recall.do("hold_all", "sun.zhao")
    _, seen = looked(desk, recall)
    assert [one.mailed for one in seen.recipients] == [True, False]
    done = await recall.do("notify", "sun.zhao", seen=seen.digest)
    assert done.data["notices"] == len(seen.recipients) == 2
    assert [(one.customer_id, one.lines) for one in recall.notices()] == [
        (one.key, one.as_lines()) for one in seen.recipients
    ]
    _, after = looked(desk, recall)
    assert after.recipients == ()


async def test_letters_that_are_no_longer_those_that_were_shown_go_to_nobody(desk: Plant) -> None:
    recall = await case(desk)
    await recall.do("hold_all", "sun.zhao")
    _, seen = looked(desk, recall)
    lot, first = recall.number.removeprefix("RC-"), seen.recipients[0]
    await recall.book(lot, "10", customer=first.customer_no)
    await recall.refuse("RCL-022", "notify", "sun.zhao", seen=seen.digest)
    assert recall.notices() == []
    _, again = looked(desk, recall)
    assert len(again.recipients) == 1
    await recall.do("notify", "sun.zhao", seen=again.digest)


async def test_the_letter_that_is_shown_first_is_the_letter_that_is_sent(desk: Plant) -> None:
    recall = await case(desk)
    await recall.do("hold_all", "sun.zhao")
    _, seen = looked(desk, recall)
    with reading(desk.engine) as session:
        before = queries_recalls.letter(session, recall.number, seen.recipients[0].customer_no)
        with pytest.raises(Refusal, match="RCL-001"):
            queries_recalls.letter(session, recall.number, "NOBODY")
    await recall.do("notify", "sun.zhao")
    sent = recall.notices()[0]
    with reading(desk.engine) as session:
        after = queries_recalls.notice(session, sent.public_id)
        assert notice_products.phone(session) == before.phone
    assert (before.products, before.title, before.reason, before.recall_class) == (
        after.products,
        after.title,
        after.reason,
        after.recall_class,
    )


async def test_a_drill_shows_the_same_recipients(desk: Plant) -> None:
    recall = await case(desk, "drill")
    await recall.do("hold_all", "sun.zhao")
    _, seen = looked(desk, recall)
    assert len(seen.recipients) == 2
    await recall.do("notify", "sun.zhao", seen=seen.digest)
