"""What the database reads of a text (folding, labels) takes it no longer than the text is long, like the readers in front of it."""

import time

import pytest
from sqlalchemy import text

from tests.support.graph import Plant
from tests.support.house.readers import shapes

PARTS = (
    "+",
    "-",
    " ",
    "a-",
    "1",
    "\u0301",
    "e\u0301",
    "\u200b",
    "\ufdfa",
    "１",
    "(10)A",
    "]C1",
    "+H1",
    "<GS>",
    "https://a/",
    "lot:",
    "\\x1d",
)
LITTLE = 0.05
FUNCTIONS = ("identity_key", "near_key", "label_numbers", "label_keys", "mail_key")


def _spent(plant: Plant, function: str, given: str) -> float:
    """The shortest of three, for other tests may be using the machine."""
    tries = []
    for _ in range(3):
        started = time.perf_counter()
        plant.session.connection().execute(text(f"select length({function}(:given)::text)"), {"given": given})
        tries.append(time.perf_counter() - started)
        if tries[-1] < LITTLE:
            break
    return min(tries)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_of_the_database_takes_time_in_proportion_to_its_text(graph_plant: Plant, function: str) -> None:
    slow = {}
    for shape, make in shapes(PARTS):
        size = 5_000
        once, four = (_spent(graph_plant, function, str(make(size * times))) for times in (1, 4))
        if four / max(once, LITTLE) >= 9 or four > 5:
            slow[shape] = (once, four)
    assert slow == {}
