"""Another name while a batch is released: what was signed keeps the name as signed, and nobody signs two names (21 CFR 11.70)."""

import hashlib

import pytest

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.plant.store import names
from tests.support.house.proves import proves
from tests.support.plant.plant import SETUP, Plant

ITEM = "select i.{column} from item i join lot l on l.item_id = i.id where l.lot_no = :lot"
SIGNED = (
    "select r.canonical from signed_record r join signature s on s.digest = r.digest join lot l on l.id = s.lot_id"
    " where l.lot_no = :lot and s.subject = 'release' and s.outcome = 'release' order by s.id desc limit 1"
)
DIGEST = SIGNED.replace("r.canonical", "r.digest")


def rename(desk: Plant, lot: str, name: str | None, name_en: str | None) -> None:
    """What the batch is of, with the names that it has now where none is said."""
    item, kept, kept_en = (desk.scalar(ITEM.format(column=one), lot=lot) for one in ("item_no", "name", "name_en"))
    with act(desk.engine, SETUP) as session:
        names.rename(session, "items", item, (kept, kept_en), (name or kept, name_en))


@proves("S 12")
async def test_a_signed_release_keeps_the_name_that_it_was_signed_with(desk: Plant) -> None:
    await desk.material("RN-M", 200)
    await desk.make("RN-1", "RN-M", 50)
    await desk.complete("RN-1", "review", "zhou.shen", "release")
    await desk.complete("RN-1", "approve", "chen.pi", "release")
    name, text, digest = (
        desk.scalar(ITEM.format(column="name"), lot="RN-1"),
        desk.scalar(SIGNED, lot="RN-1"),
        desk.scalar(DIGEST, lot="RN-1"),
    )
    assert name in text
    rename(desk, "RN-1", f"{name} 二代", None)
    assert desk.scalar(ITEM.format(column="name"), lot="RN-1") == f"{name} 二代"
    assert desk.scalar(SIGNED, lot="RN-1") == text
    assert hashlib.sha256(text.encode()).hexdigest() == digest


async def test_a_name_that_changes_between_two_signatures_is_reviewed_again_and_an_english_one_is_not(
    desk: Plant,
) -> None:
    await desk.material("RN-N", 200)
    for lot in ("RN-2", "RN-3"):
        await desk.make(lot, "RN-N", 50)
        await desk.complete(lot, "review", "zhou.shen", "release")
    rename(desk, "RN-2", None, "Stem of the second design")
    await desk.complete("RN-2", "approve", "chen.pi", "release")
    rename(desk, "RN-3", "髋关节柄 三代", "Stem of the third design")
    with pytest.raises(Refusal, match="SIG-005"):
        await desk.complete("RN-3", "approve", "chen.pi", "release")
