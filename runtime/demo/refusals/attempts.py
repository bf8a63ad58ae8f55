"""What must be refused is tried, and each refusal is kept with its code; the record must be the same afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from models.kernel.store.act import reading
from models.plant.store import demo
from runtime.demo.aed import MainJob, Names
from runtime.demo.company.ground import RESCUE
from runtime.demo.people.office import Colleague, RefusedError


@dataclass
class Attempts:
    """Attempted acts → refusals; `wrong` says what was not refused as it should be."""

    engine: Engine
    refusals: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def refused(self, act: str, zh: str, code: str, do: Callable[[], Any]) -> None:
        """Try it; it must be refused with that code and change nothing."""
        before = self._last_change()
        try:
            do()
        except RefusedError as no:
            said = no.document
            if no.code != code:
                self.wrong.append(f"{act}: refused with {no.code}, not {code} ({said.get('en')})")
            unchanged = self._last_change() == before
            if not unchanged:
                self.wrong.append(f"{act}: refused, but the record changed")
            self.refusals[act] = {
                "act_zh": zh,
                "code": no.code,
                "clause": said.get("clause"),
                "zh": said.get("zh"),
                "en": said.get("en"),
                "status": no.status,
                "record_unchanged": unchanged,
            }
        else:
            self.wrong.append(f"{act}: was not refused")

    def _last_change(self) -> int:
        with reading(self.engine) as session:
            return demo.last_change(session)


@dataclass
class Trial:
    """The batch, and the people who try what must not be possible."""

    job: MainJob
    attempts: Attempts

    @property
    def names(self) -> Names:
        """What the batches are called."""
        return self.job.names

    def people(self, login: str) -> Colleague:
        """Somebody at work."""
        return self.job.shift.office[login]

    def task(self, lot_no: str, stage: str) -> str:
        """The open task of a batch at a stage."""
        found = self.job.shift.task(lot_no, stage)
        if found is None:
            message = f"{lot_no} has no open task {stage}"
            raise LookupError(message)
        return str(found["id"])

    def sign(self, who: Colleague, task: str, outcome: str) -> Any:
        """Sign what is shown now."""
        shown = who.get(f"/tasks/{task}/record")
        signature = {"password": who.password, "meaning": shown["meaning"], "digest": shown["digest"]}
        return who.post(f"/tasks/{task}/complete", {"outcome": outcome, "signature": signature})

    def operate(self, seq: int, consumes: dict[str, int], **more: Any) -> Any:
        """Record an operation of the finished batch."""
        body = self.job.shift.operation(self.names.device, seq, consumes) | more
        return self.people("wang.cao").post(f"/work-orders/WO-{self.names.device}/operations", body)

    def ship(self, number: str, quantity: int, lot_no: str | None = None) -> Any:
        """Ship some of the finished batch, or of another."""
        lines = {lot_no or self.names.device: quantity}
        return self.people("li.cang").post("/shipments", self.job.shift.shipment(number, RESCUE, lines))

    def while_held(self, lot_no: str, do: Callable[[], None]) -> None:
        """Do something while a batch is frozen."""
        hold = self.job.shift.hold(lot_no, "演示: 待核实")
        do()
        if hold is not None:
            self.job.shift.lift(hold, "演示: 已核实")

    @staticmethod
    def refused_anyhow(do: Callable[[], Any]) -> None:
        """Try it and take the refusal."""
        try:
            do()
        except RefusedError:
            return
