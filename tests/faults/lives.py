"""Short lives of batches, and what the record must say of each at its end: every row, once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.clients import Shift
from tests.support.often import often
from tests.support.plant.plant import STEPS

BOUGHT = ["lot.received", "incoming-inspection.inspect"]
FAILED = ["inspection.failed", "nonconformance.opened"]
DECIDED = ["nonconformance.decided", "material-review.decide"]
STORED = [*BOUGHT, "inspection.accepted", "lot.released", "batch-lifecycle.putaway", "lot.warehoused"]


@dataclass(frozen=True)
class End:
    """The right end of one batch: `stock` in house, `tasks` done, `signers` by subject, its movements, its facts."""

    lot_no: str
    status: str
    life: str
    stock: int
    acts: int
    tasks: list[str]
    signatures: dict[str, int]
    movements: list[str]
    facts: list[str]
    edges: int = 0
    results: int = 6
    holds: int = 0
    operations: int = 0


Life = Callable[[Shift, str], list[End]]


def receive(people: Shift, lot_no: str, quantity: int = 100, **more: Any) -> None:
    people["li.cang"].act(
        "/lots",
        {
            "lot_no": lot_no,
            "item_no": "PEEK-20",
            "quantity": quantity,
            "location": "RCV-01",
            "supplier_no": "S-1",
            "supplier_lot_no": f"P88-{lot_no}",
            **more,
        },
    )


def measure(people: Shift, lot_no: str, value: str = "12.00") -> None:
    """All values in two requests: a partial result survives too."""
    inspector = people["lin.jian"]
    path = f"/tasks/{inspector.task(lot_no, 'inspect')}/results"
    samples = (1, 2, 3)
    inspector.act(path, {"values": [{"characteristic": 1, "sample_no": n, "passed": True} for n in samples]})
    inspector.act(
        path,
        {"values": [{"characteristic": 2, "sample_no": n, "value": value, "equipment_no": "G-17"} for n in samples]},
    )


def stored(people: Shift, lot_no: str) -> list[End]:
    """Received, inspected, put away: in stock."""
    receive(people, lot_no)
    measure(people, lot_no)
    people["lin.jian"].sign(lot_no, "inspect", "accepted")
    people["li.cang"].complete(lot_no, "putaway", form={"location": "RM-A1"})
    return [
        End(
            lot_no,
            status="released",
            life="running",
            stock=100,
            acts=5,
            tasks=["inspect", "putaway"],
            signatures={"inspection": 1},
            movements=["receive 100", "move 100"],
            facts=STORED,
        )
    ]


def rejected(people: Shift, lot_no: str) -> list[End]:
    """Measured outside the limits, rejected by QA."""
    receive(people, lot_no)
    measure(people, lot_no, "13.00")
    people["lin.jian"].sign(lot_no, "inspect", "failed")
    people["wu.jingli"].sign(lot_no, "disposition", "reject", reason="尺寸超差")
    people["chen.pi"].sign(lot_no, "decide", "reject", reason="退供方", form={"cause": "供方磨削余量不足"})
    return [
        End(
            lot_no,
            status="rejected",
            life="completed",
            stock=100,
            acts=6,
            tasks=["inspect", "decide", "disposition"],
            signatures={"inspection": 1, "disposition": 1, "task": 1},
            movements=["receive 100"],
            facts=[*BOUGHT, *FAILED, "incoming-inspection.disposition", "lot.rejected", *DECIDED],
        )
    ]


def held(people: Shift, lot_no: str) -> list[End]:
    """In stock, frozen and freed."""
    [end] = stored(people, lot_no)
    placed = people["wu.jingli"].act(f"/lots/{lot_no}/holds", {"reason": "供方通知"})
    people["wu.jingli"].lift(placed["data"]["holds"][0], "已澄清")
    return [replace(end, acts=end.acts + 2, holds=1, signatures={**end.signatures, "act": 1})]


def shipped(people: Shift, lot_no: str) -> list[End]:
    """A batch made of another, released by two people and shipped to the last piece; both lives end."""
    material = f"{lot_no}-M"
    [end] = stored(people, material)
    make(people, lot_no, material)
    people["zhou.shen"].sign(lot_no, "review", "release")
    people["chen.pi"].sign(lot_no, "approve", "release")
    people["li.cang"].complete(lot_no, "putaway", form={"location": "FG-A1"})
    lines = [{"lot_no": lot_no, "quantity": 100}]
    people["li.cang"].act("/shipments", {"shipment_no": f"SH-{lot_no}", "customer_no": "C-1", "lines": lines})
    return [
        replace(
            end,
            status="closed",
            life="completed",
            stock=0,
            movements=[*end.movements, "consume 100"],
            facts=[*end.facts, "lot.consumed", "lot.closed"],
            edges=1,
        ),
        End(
            lot_no,
            status="closed",
            life="completed",
            stock=0,
            acts=11,
            tasks=["inspect", "packaging", "review", "approve", "putaway"],
            signatures={"inspection": 1, "release": 2},
            movements=["produce 100", "move 100", "ship 100"],
            facts=[
                "production.started",
                "operation.recorded",
                "operation.recorded",
                "production.finished",
                "final-inspection.inspect",
                "inspection.accepted",
                "batch-lifecycle.packaging",
                "lot.packed",
                "release.review",
                "release.approve",
                "lot.released",
                "batch-lifecycle.putaway",
                "lot.warehoused",
                "lot.shipped",
                "lot.closed",
            ],
            edges=1,
            operations=2,
        ),
    ]


def make(people: Shift, lot_no: str, material: str) -> None:
    """Ordered, machined, cleaned, inspected, packed."""
    order, now = f"WO-{lot_no}", datetime.now(UTC)
    people["zhao.liu"].act(
        "/work-orders",
        {
            "work_order_no": order,
            "lot_no": lot_no,
            "item_no": "HIP-12",
            "quantity": 100,
            "location": "LINE-2",
            "steps": [step.model_dump(mode="json") for step in STEPS],
            "expires_on": "2031-10",
            "document": "SOP-HIP",
            "document_version": "4",
            "bill": [{"item_no": "PEEK-20", "quantity": 1}],
        },
    )
    done: dict[str, Any] = {
        "started_at": (now - timedelta(hours=1)).isoformat(),
        "finished_at": (now - timedelta(minutes=1)).isoformat(),
        "people": ["wang.cao"],
        "location": "CR-2",
    }
    consumes = [{"lot_no": material, "quantity": 100}]
    humidity = {"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60}
    operator = people["wang.cao"]
    operator.act(f"/work-orders/{order}/operations", {**done, "seq": 10, "equipment": ["M-07"], "consumes": consumes})
    operator.act(
        f"/work-orders/{order}/operations",
        {**done, "seq": 20, "equipment": ["W-03"], "environment": [humidity], "produced": 100},
    )
    measure(people, lot_no)
    people["lin.jian"].sign(lot_no, "inspect", "accepted")
    labels = {"labels_printed": 102, "labels_applied": 100, "labels_scrapped": 2}
    operator.complete(lot_no, "packaging", form={"packed_quantity": "100", "samples_kept": "0", **labels})


ACTS: dict[Life, int] = {shipped: 16, held: 7, rejected: 6, stored: 5}
"""What people do in each life.  A shipped batch is made of another, that of the others is one."""
LIVES: list[Life] = [*[shipped] * often(1, 4), held, rejected, *[stored] * often(0, 10)]
"""With the suite 3 lives with 4 batches, one of which is only stored; in depth 16 with 20."""

"""In depth the same, with the suite those of a single batch."""


@contextmanager
def many_under_way(people: Shift, prefix: str, ends: list[End], lives: Sequence[Life] = LIVES) -> Iterator[None]:
    """All these batches begin; after the block, wait until all have come to their end."""
    with ThreadPoolExecutor(len(lives)) as pool:
        futures = [pool.submit(life, people, f"{prefix}-{number}") for number, life in enumerate(lives)]
        yield
        for future in futures:
            ends += future.result()
    assert len(ends) == len(lives) + lives.count(shipped)
    assert sum(end.acts for end in ends) == sum(ACTS[life] for life in lives)
