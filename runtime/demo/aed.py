"""The main job: a defibrillator batch from three levels of imported lots and a supplier's fresh lot, to its customers.

main board ← legacy chips; module ← main board, legacy high-voltage module (← charging board ← blank board); defibrillator ←
module, legacy cases, fresh batteries.
"""

from dataclasses import dataclass
from typing import Any

from runtime.demo import routings
from runtime.demo.company import DEALER, ELECTRONICS, RESCUE, Goods
from runtime.demo.shift import Shift

QUANTITY = 20
BATTERIES, SUPPLIER_LOT = "R-2611-88", "NC-B2610-77"
BOARD, MODULE, DEVICE = "MB-2611-01", "MA-2611-01", "AED-2611-01"
CASES, CHIPS, CHARGERS, EXPIRED_POUCHES = "CASE-1187", "IC-88121", "HV-2405", "TY-2210"
RECEIVED = ("BAT-LI", 100, ELECTRONICS, SUPPLIER_LOT)
DATES = {"manufactured_on": "2026-10-12", "expires_on": "2031-10"}
SAMPLES = 1
BURN_IN: dict[str, Any] = {"location": "LINE-2", "equipment": ["B-01"]}
SERIALS = [f"AED-2611-01-{piece:03}" for piece in range(1, QUANTITY - SAMPLES + 1)]
ACCEPTED = (
    "迁入批的检验报告已逐批审阅并存档 QA-M-2611 / the papers of the migrated batches were reviewed, filed as QA-M-2611"
)
"""Why they are released although an earlier system's batches are in them: one reason for all of those."""
SHIPMENTS = {"SHP-2611-01": (RESCUE, SERIALS[:12]), "SHP-2611-02": (DEALER, SERIALS[12:17])}


@dataclass(frozen=True)
class MainJob:
    """The batch's life in acts; the loaded company plays them in a row, the headless demo with refusals between."""

    shift: Shift
    goods: Goods

    def batteries(self) -> None:
        """A supplier's lot arrives."""
        self.shift.receive(BATTERIES, *RECEIVED, **DATES)

    def stock_batteries(self) -> None:
        """It is inspected and put away."""
        self.shift.accept(BATTERIES)
        self.shift.put_away(BATTERIES, "RM-A1")

    def modules(self) -> None:
        """Two levels of our own sub-assemblies, each inspected and released by two people."""
        method = {"document": "SOP-AED", "document_version": "4"}
        chips = {CHIPS: 2 * QUANTITY}
        self.shift.order(BOARD, "PCBA-MAIN", QUANTITY, routings.MOUNTING, chips, **method)
        self.shift.operate(BOARD, 10, consumes=chips, produced=QUANTITY)
        self.shift.accept(BOARD)
        self.shift.release(BOARD, "RM-A1", ACCEPTED)
        boards = {BOARD: QUANTITY, CHARGERS: QUANTITY}
        self.shift.order(MODULE, "MOD-AED", QUANTITY, routings.JOINING, boards, **method)
        self.shift.operate(MODULE, 10, consumes=boards, produced=QUANTITY)
        self.shift.accept(MODULE)
        self.shift.release(MODULE, "RM-A1", ACCEPTED)

    def order(self) -> None:
        """The finished batch begins."""
        self.shift.order(
            DEVICE,
            self.goods.products["aed"],
            QUANTITY,
            routings.ASSEMBLY,
            {CASES: QUANTITY},
            {"MOD-AED": QUANTITY, "BAT-LI": QUANTITY},
            document="SOP-AED",
            document_version="4",
            expires_on="2031-10",
        )

    def needs(self) -> dict[str, int]:
        """What the final assembly consumes."""
        return dict.fromkeys((MODULE, CASES, BATTERIES), QUANTITY)

    def assemble(self) -> None:
        """The first operation, with a torque within its limits."""
        torque = [{"name": routings.TORQUE["name"], "value": "0.62", "unit": "N·m"}]
        self.shift.operate(DEVICE, 10, consumes=self.needs(), parameters=torque)

    def burn_in(self) -> None:
        """The last operation: everything that was ordered has been made."""
        self.shift.operate(DEVICE, 20, **BURN_IN, environment=self.shift.air(DEVICE, 20), produced=QUANTITY)

    def finish(self) -> None:
        """Inspect and pack; one is kept as a sample, the others have their serial numbers on the label."""
        self.shift.accept(DEVICE)
        self.shift.pack(DEVICE, QUANTITY, samples=SAMPLES)
        self.shift.number(DEVICE, SERIALS)

    def release(self) -> None:
        """Two people release it, and it goes to its shelf."""
        self.shift.release(DEVICE, "FG-A1", ACCEPTED)

    def ship(self) -> None:
        """To two customers."""
        for number, (customer, serials) in SHIPMENTS.items():
            self.shift.ship(number, customer, {DEVICE: len(serials)}, {DEVICE: serials}, order_no=f"PO-{number[-2:]}")
