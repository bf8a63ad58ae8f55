"""A plant's genealogy of any size, from a seed: the truth as arrays in memory, and the search over them that nothing beats.

The arrays are the ground truth and never come from the database.  Lots are numbered from 0 in the order they were made,
in blocks of 3,000 (a few weeks): raw → component → in process → finished.  Each lot takes from its own block or the one
before; every eighth block begins a hub, a material that two fifths of what is made in eight blocks contain.  So the
answer to a question does not grow with the plant, and the same question can be asked of plants of different size.
One link in a thousand was recorded wrongly first and is superseded.
"""

# ruff: noqa: S311 - the same seed must give the same plant

import ctypes
import random
import shutil
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RAW, COMPONENT, IN_PROCESS, FINISHED = 300, 600, 900, 1200
BLOCK = RAW + COMPONENT + IN_PROCESS + FINISHED
LINKS = 2 * COMPONENT + 3 * IN_PROCESS + 3 * FINISHED  # of one block, hubs aside
HUB_BLOCKS, HUB_SHARE = 8, 0.4
SUPPLIERS, CUSTOMERS = 40, 400
Chance = Callable[[], float]
SOURCE = Path(__file__).with_name("_search.c")


def ints(length: int = 0) -> "array[int]":
    """Unsigned 32-bit whole numbers; zeros."""
    return array("I", bytes(4 * length))


@dataclass
class Truth:
    """Lots 0 … lots-1; links and shipment lines by number; `wrong` are links that a later one supersedes."""

    lots: int
    parent: "array[int]" = field(default_factory=ints)
    child: "array[int]" = field(default_factory=ints)
    wrong: list[tuple[int, int, int]] = field(default_factory=list)  # link that replaced it, parent, child
    line_lot: "array[int]" = field(default_factory=ints)
    line_quantity: "array[int]" = field(default_factory=ints)
    line_shipment: "array[int]" = field(default_factory=ints)
    shipment_customer: "array[int]" = field(default_factory=ints)
    hubs: list[int] = field(default_factory=list)

    def kind(self, lot: int) -> str:
        """What the lot is."""
        place = lot % BLOCK
        if place < RAW:
            return "raw"
        if place < RAW + COMPONENT:
            return "component"
        return "in_process" if place < BLOCK - FINISHED else "finished"

    def ordinary(self, kind: str, count: int, seed: int) -> list[int]:
        """Lots of a kind from the middle of the plant's life, so that their answers are whole; no hubs."""
        blocks = self.lots // BLOCK
        first = {"raw": 0, "finished": BLOCK - FINISHED}[kind]
        width = {"raw": RAW, "finished": FINISHED}[kind]
        chance = random.Random(seed)
        found: list[int] = []
        while len(found) < count:
            lot = chance.randrange(1, blocks - 3) * BLOCK + first + chance.randrange(width)
            if lot not in self.hubs and lot not in found:
                found.append(lot)
        return found


def make(edges: int, seed: int = 7) -> Truth:
    """A plant with about so many links."""
    chance = random.Random(seed).random
    blocks = max(2 * HUB_BLOCKS, round(edges / (LINKS + HUB_SHARE * IN_PROCESS)))
    truth = Truth(lots=blocks * BLOCK)
    for base in range(0, truth.lots, BLOCK):
        if base % (BLOCK * HUB_BLOCKS) == 0:
            truth.hubs.append(base)
        _link(truth, base, chance)
        _ship(truth, base, chance)
    return truth


def _link(truth: Truth, base: int, chance: Chance) -> None:
    """What the lots of a block are made of."""
    before, hub = max(0, base - BLOCK), truth.hubs[-1]
    at = base + RAW
    for width, offset, made, takes in (
        (RAW, 0, COMPONENT, 2),
        (COMPONENT, RAW, IN_PROCESS, 3),
        (IN_PROCESS, RAW + COMPONENT, FINISHED, 3),
    ):
        for lot in range(at, at + made):
            taken: set[int] = set()
            while len(taken) < takes:
                # two thirds from this block, one third from the one before; hubs are given out below
                source = (base if chance() < 0.67 else before) + offset + int(chance() * width)
                if offset or source % (BLOCK * HUB_BLOCKS):
                    taken.add(source)
            if made == IN_PROCESS and chance() < HUB_SHARE:
                taken.add(hub)
            for source in sorted(taken):
                if chance() < 0.001:
                    truth.wrong.append((len(truth.parent), base + int(chance() * RAW), lot))
                truth.parent.append(source)
                truth.child.append(lot)
        at += made


def _ship(truth: Truth, base: int, chance: Chance) -> None:
    """One to three lines of each finished lot of a block."""
    first = len(truth.shipment_customer)
    truth.shipment_customer.extend(int(chance() * CUSTOMERS) for _ in range(CUSTOMERS))
    for lot in range(base + BLOCK - FINISHED, base + BLOCK):
        for _ in range(1 + int(chance() * 3)):
            truth.line_lot.append(lot)
            truth.line_quantity.append(1 + int(chance() * 40))
            truth.line_shipment.append(first + int(chance() * CUSTOMERS))


# --- the search --------------------------------------------------------------------------------------------------------


def compiler() -> str | None:
    """A C compiler of this machine."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def _library() -> Any:
    found = compiler()
    if found is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "search.so"
        subprocess.run([found, "-O2", "-shared", "-fPIC", "-o", str(made), str(SOURCE)], check=True)
        return ctypes.CDLL(str(made))


def _address(numbers: "array[int]") -> Any:
    return (ctypes.c_uint32 * len(numbers)).from_buffer(numbers) if numbers else None


class Search:
    """The truth arranged for searching both ways.  In C where the machine has a compiler, else in Python."""

    def __init__(self, truth: Truth) -> None:
        """Sort the links by where they begin and by where they end."""
        self.library = _library()
        if self.library is None:
            print("  no C compiler: the search in memory runs in Python, 30 to 50 times slower", file=sys.stderr)
        self.lots = truth.lots
        self.down = self._arrange(truth.parent, truth.child)
        self.up = self._arrange(truth.child, truth.parent)
        self.lines = self._arrange(truth.line_lot, array("I", range(len(truth.line_lot))))
        self._stamp, self._round = ints(self.lots), 0
        self._found, self._shipped = ints(self.lots), ints(len(truth.line_lot))
        self._none = (ints(self.lots + 1), ints(1))

    def _arrange(self, origin: "array[int]", target: "array[int]") -> tuple["array[int]", "array[int]"]:
        offsets, targets = ints(self.lots + 1), ints(len(origin))
        if self.library is not None:
            self.library.arrange(
                self.lots, len(origin), _address(origin), _address(target), _address(offsets), _address(targets)
            )
            return offsets, targets
        for lot in origin:
            offsets[lot + 1] += 1
        for lot in range(self.lots):
            offsets[lot + 1] += offsets[lot]
        place = array("I", offsets)
        for lot, other in zip(origin, target, strict=True):
            targets[place[lot]] = other
            place[lot] += 1
        return offsets, targets

    def prepared(self, start: int, *, forward: bool) -> Any:
        """A search that can be called again and again; answers how many lots and lines it found."""
        offsets, targets = self.down if forward else self.up
        line_offsets, line_targets = self.lines if forward else self._none
        if self.library is None:
            return lambda: self._in_python(start, offsets, targets, line_offsets, line_targets)
        shipped = ctypes.c_uint32()
        given = [
            start,
            *map(_address, (offsets, targets, line_offsets, line_targets, self._stamp)),
            0,
            *map(_address, (self._found, self._shipped)),
            ctypes.byref(shipped),
        ]
        search = self.library.search

        def run() -> tuple[int, int]:
            self._round += 1
            given[6] = self._round
            return search(*given), shipped.value

        return run

    def answer(self, start: int, *, forward: bool) -> tuple[set[int], set[int]]:
        """The lots and, forward, the lines shipped of them."""
        lots, lines = self.prepared(start, forward=forward)()
        return set(self._found[:lots]), set(self._shipped[:lines])

    def _in_python(
        self, start: int, offsets: Any, targets: Any, line_offsets: Any, line_targets: Any
    ) -> tuple[int, int]:
        seen, order, lines = {start}, [start], []
        for lot in order:
            for other in targets[offsets[lot] : offsets[lot + 1]]:
                if other not in seen:
                    seen.add(other)
                    order.append(other)
            lines += line_targets[line_offsets[lot] : line_offsets[lot + 1]]
        self._found[: len(order)] = array("I", order)
        self._shipped[: len(lines)] = array("I", lines)
        return len(order), len(lines)
