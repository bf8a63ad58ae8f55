"""Counts and files of a recall are whole, whatever the screen shows (REQUIREMENTS 75, 76)."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from tests.samples.recall import SCORE, notice, scope, view
from ui.frame.first_rows import FIRST
from ui.frame.i18n import Words
from ui.recall import export as recall_export
from ui.recall.view import cockpit as views_recall
from ui.recall.view import customers as views_recall_customers
from ui.recall.view import list as views_recalls
from ui.recall.view.score import parts


@pytest.mark.parametrize(("lots", "customers"), [(3, 1), (300, 60), (30_000, 445)])
def test_the_screen_shows_the_first_rows_and_counts_all(lots: int, customers: int) -> None:
    page = views_recall.page(Words("zh"), view(lots, customers), {}, None)
    assert (page.scope.lots, len(page.scope.rows)) == (lots, min(lots, views_recall.FIRST_LOTS))
    assert (page.customers_total, len(page.customers)) == (max(customers, 3), min(max(customers, 3), FIRST))
    (total,) = page.scope.totals
    whole = Decimal(20 * lots + 30 * len(view(lots, customers).scope["customers"]))
    assert total.total.value == whole == sum(cell.amount.value for cell in total.places)
    assert total.places[0].amount.value == Decimal(20 * lots)
    for changed in page.changed:
        assert changed.count == lots
        assert changed.first.count("、") < views_recall.FEW


def test_the_file_holds_every_lot_and_nothing_in_it_runs() -> None:
    rows = [*scope(3000, 5)["lots"], {"lot_no": "=1+1", "item": "@x", "in_house": "-1"}]
    body = recall_export.table(rows, recall_export.LOT_COLUMNS, 'a"\r\nb/批.csv')
    read = list(csv.DictReader(io.StringIO(bytes(body.body).decode("utf-8-sig"))))
    assert [one["lot_no"] for one in read] == [*(one["lot_no"] for one in rows[:-1]), "'=1+1"]
    assert (read[-1]["item"], read[-1]["in_house"]) == ("'@x", "'-1")
    assert body.headers["content-disposition"] == 'attachment; filename="a___b__.csv"'


@given(st.lists(st.booleans(), max_size=12))
def test_who_is_silent_stands_before_who_answered(answers: list[bool]) -> None:
    told = tuple(notice(n, answered=answered) for n, answered in enumerate(answers))
    rows = views_recall_customers.customers(Words("zh"), view(30, 4, notices=told), {})
    done = [bool(row.notices) and all(one.acknowledged_at for one in row.notices) for row in rows]
    assert done == sorted(done)
    assert {row.number for row in rows} == {f"C-{n}" for n in {*range(4), *range(len(answers))}}
    assert len(views_recall_customers.table(rows)) == len(rows)


def test_the_score_says_where_points_were_lost() -> None:
    said = parts(Words("zh"), SCORE)
    assert sum(one.points for one in said) == SCORE["points"]
    assert sum(one.of for one in said) == 100
    assert [one.label for one in said][:2] == ["签署范围的时间", "决定冻结的时间"]
    assert "没有做到" in said[1].why
    assert "7 家客户中 5 家" in said[4].why


def test_what_was_typed_for_one_recall_is_not_offered_to_another() -> None:
    def name(asked: FormData | None = None, **prefill: str) -> str:
        page = views_recalls.new(Words("zh"), asked=asked, prefill=prefill, refusal=None, blocked=None)
        return page.draft.key

    ways = [name(), name(mode="drill"), name(mode="recall"), name(identifier="R-1"), name(identifier="R-2")]
    assert len(set(ways)) == len(ways)
    assert name(identifier="R-1") == name(identifier="R-1")
    # an answer to the form goes on with the draft of the form
    assert name(FormData({"draft": name(mode="drill")})) == name(mode="drill")
