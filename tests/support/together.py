"""Several people at the same instant: threads that start together, each with its own connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from models.messages.process import Receipt
from models.rules.refusals import Refusal

Answer = Receipt | Refusal


def together(*acts: Callable[[], Receipt]) -> list[Answer]:
    """Everybody's answer, in the order given.  Anything but a receipt or a refusal is a bug and is raised."""
    start = Barrier(len(acts))

    def one(act: Callable[[], Receipt]) -> Answer:
        start.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def split(answers: list[Answer]) -> tuple[list[Receipt], list[Refusal]]:
    """Who did it, and who was told no."""
    return (
        [one for one in answers if isinstance(one, Receipt)],
        [one for one in answers if isinstance(one, Refusal)],
    )
