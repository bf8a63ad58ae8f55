"""What a table leaves out on the screen is always said and one link away, whatever the address (SCREENS)."""

from hypothesis import given
from hypothesis import strategies as st

from ui.frame.first_rows import FIRST, MOST, Folding
from ui.frame.i18n import Words


@given(total=st.integers(0, 3 * MOST), first=st.integers(1, FIRST), asked=st.sampled_from(["", "lots", "customers"]))
def test_what_is_left_out_is_said_and_can_be_shown(total: int, first: int, asked: str) -> None:
    shown, cut = Folding("/recalls/RC-1", asked).cut("lots", range(total), first)
    assert list(shown) == list(range(len(shown))), "the first rows, in their order"
    assert (cut.shown, cut.total) == (len(shown), total)
    if asked == "lots":
        assert cut.shown == min(total, MOST)
        assert cut.more_href == ""
        assert bool(cut.less_href) == (total > first)
    else:
        assert cut.shown == min(total, first)
        assert bool(cut.more_href) == (total > first)
        assert cut.less_href == ""


def test_the_link_keeps_the_rest_of_the_address() -> None:
    here = Folding.of("/trace/P88%2F12?direction=forward&as_of=2026-11-01&show=lots")
    assert (here.here, here.asked) == ("/trace/P88%2F12?direction=forward&as_of=2026-11-01", "lots")
    _, cut = here.cut("customers", range(99))
    assert cut.more_href == "/trace/P88%2F12?direction=forward&as_of=2026-11-01&show=customers#customers"
    _, cut = here.cut("lots", range(99))
    assert cut.less_href == "/trace/P88%2F12?direction=forward&as_of=2026-11-01#lots"


def test_english_counts_one_and_many_within_a_sentence() -> None:
    words = Words("en")
    assert words("recall.scope_counts", lots=1, house=0, customers=2) == "1 batch (0 in house) · 2 customers"
    assert words("recall.scope_counts", lots=30_000, house=1, customers=1) == "30,000 batches (1 in house) · 1 customer"
    assert words.known("unit.rod", "rod", n=1) == "rod"
    assert words.known("unit.rod", "rod") == "rods"
    assert Words("zh")("recall.scope_counts", lots=1, house=0, customers=2) == "1 批 (在厂 0 批) · 客户 2 家"
