"""The main job: a defibrillator batch from three levels of imported lots and a supplier's fresh lot, to its customers.

main board ← legacy chips; module ← main board, legacy high-voltage module (← charging board ← blank board); defibrillator ←
module, legacy cases, fresh batteries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.demo.company import routings
from runtime.demo.company.ground import DEALER, ELECTRONICS, RESCUE, Goods
from runtime.demo.company.numbers import Numbers
from runtime.demo.people.shift import Shift

QUANTITY = 20
CASES, CHIPS, CHARGERS, EXPIRED_POUCHES = "CASE-1187", "IC-88121", "HV-2405", "TY-2210"
SAMPLES = 1
BURN_IN: dict[str, Any] = {"location": "LINE-2", "equipment": ["B-01"]}
ACCEPTED = (
    "迁入批的检验报告已逐批审阅并存档 QA-M-01 / the papers of the migrated batches were reviewed, filed as QA-M-01"
)
"""Why they are released although an earlier system's batches are in them: one reason for all of those."""
METHOD = {"document": "SOP-AED", "document_version": "4"}


@dataclass(frozen=True)
class Names:
    """What the batches of the main job are called; `sent` says which pieces leave with which shipment for whom."""

    batteries: str
    supplier_lot: str
    board: str
    module: str
    device: str
    serials: tuple[str, ...]
    sent: Mapping[str, tuple[str, tuple[str, ...]]]

    @classmethod
    def by(cls, number: Numbers) -> "Names":
        """By the month of loading."""
        device = number("AED-01")
        serials = tuple(f"{device}-{piece:03}" for piece in range(1, QUANTITY - SAMPLES + 1))
        return cls(
            batteries=number("R-88"),
            supplier_lot=f"NC-B{number.month_before}-77",
            board=number("MB-01"),
            module=number("MA-01"),
            device=device,
            serials=serials,
            sent={number("SHP-01"): (RESCUE, serials[:12]), number("SHP-02"): (DEALER, serials[12:17])},
        )


@dataclass(frozen=True)
class MainJob:
    """The batch's life in acts; the loaded company plays them in a row, the headless demo with refusals between."""

    shift: Shift
    goods: Goods

    @property
    def names(self) -> Names:
        """What its batches are called."""
        return Names.by(self.goods.numbers)

    @property
    def received(self) -> tuple[str, int, str, str]:
        """Item, quantity, supplier and the supplier's number of the batteries."""
        return ("BAT-LI", 100, ELECTRONICS, self.names.supplier_lot)

    @property
    def dates(self) -> dict[str, str]:
        """What is printed on them."""
        return {"manufactured_on": self.goods.made(34), "expires_on": self.goods.printed(5)}

    def batteries(self) -> None:
        """A supplier's lot arrives."""
        self.shift.receive(self.names.batteries, *self.received, **self.dates)

    def stock_batteries(self) -> None:
        """It is inspected and put away."""
        self.shift.accept(self.names.batteries)
        self.shift.put_away(self.names.batteries, "RM-A1")

    def boards(self) -> None:
        """Main boards of the system before's chips, inspected and released by two people."""
        board, chips = self.names.board, {CHIPS: 2 * QUANTITY}
        self.shift.order(board, "PCBA-MAIN", QUANTITY, routings.MOUNTING, chips, **METHOD)
        self.shift.operate(board, 10, consumes=chips, produced=QUANTITY)
        self.shift.accept(board)
        self.shift.release(board, "RM-A1", ACCEPTED)

    def order_modules(self) -> None:
        """The next level begins."""
        self.shift.order(self.names.module, "MOD-AED", QUANTITY, routings.JOINING, self._boards(), **METHOD)

    def modules(self) -> None:
        """Modules of those boards, inspected and released by two people."""
        module = self.names.module
        self.order_modules()
        self.shift.operate(module, 10, consumes=self._boards(), produced=QUANTITY)
        self.shift.accept(module)
        self.shift.release(module, "RM-A1", ACCEPTED)

    def _boards(self) -> dict[str, int]:
        return {self.names.board: QUANTITY, CHARGERS: QUANTITY}

    def order(self) -> None:
        """The finished batch begins."""
        self.shift.order(
            self.names.device,
            self.goods.products["aed"],
            QUANTITY,
            routings.ASSEMBLY,
            {CASES: QUANTITY},
            {"MOD-AED": QUANTITY, "BAT-LI": QUANTITY},
            expires_on=self.goods.printed(5),
            **METHOD,
        )

    def needs(self) -> dict[str, int]:
        """What the final assembly consumes where everything is made in one go."""
        return dict.fromkeys((self.names.module, CASES, self.names.batteries), QUANTITY)

    def assemble(self, needs: dict[str, int] | None = None) -> None:
        """The first operation, with a torque within its limits."""
        torque = [{"name": routings.TORQUE["name"], "value": "0.62", "unit": "N·m"}]
        self.shift.operate(self.names.device, 10, consumes=needs or self.needs(), parameters=torque)

    def burn_in(self) -> None:
        """The last operation: everything that was ordered has been made."""
        air = self.shift.air(self.names.device, 20)
        self.shift.operate(self.names.device, 20, **BURN_IN, environment=air, produced=QUANTITY)

    def finish(self) -> None:
        """Inspect and pack; one is kept as a sample, the others have their serial numbers on the label."""
        device = self.names.device
        self.shift.accept(device)
        self.shift.pack(device, QUANTITY, samples=SAMPLES)
        self.shift.engrave(device, list(self.names.serials))

    def release(self) -> None:
        """Two people release it, and it goes to its shelf."""
        self.shift.release(self.names.device, "FG-A1", ACCEPTED)

    def ship(self) -> None:
        """To two customers."""
        device = self.names.device
        for number, (customer, serials) in self.names.sent.items():
            named = {device: list(serials)}
            self.shift.ship(number, customer, {device: len(serials)}, named, order_no=f"PO-{number[-2:]}")
