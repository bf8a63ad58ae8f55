"""What people do with a batch, in the words of the plant: receive, inspect, order, make, pack, sign, put away, ship.

Each method is one or two requests to the API by the person whose work it is.  With `progress` from the record, what has
been done already is skipped, so that a story that was killed half-way goes on.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.plant.store.demo import Progress
from runtime.demo.before import spread
from runtime.demo.before.agenda import Diary
from runtime.demo.company import routings
from runtime.demo.company.ground import Goods
from runtime.demo.company.masters import GAUGE
from runtime.demo.company.numbers import Numbers
from runtime.demo.people.office import Office, RefusedError, patiently

DONE_ALREADY = frozenset({"LOT-006", "OPR-004", "OPR-005", "OPR-015", "SHP-003", "TASK-002", "PRC-001"})
PEOPLE = {
    "inspect": "lin.jian",
    "disposition": "chen.pi",
    "decide": "wu.jingli",
    "putaway": "li.cang",
    "packaging": "wang.cao",
    "review": "zhou.shen",
    "approve": "chen.pi",
}


@dataclass
class Shift:
    """The people at work on one batch after another; the diary says when it was, `now` what the record's clock says."""

    office: Office
    diary: Diary
    goods: Goods
    now: Callable[[], datetime]
    progress: Progress = field(default_factory=Progress)
    _times: Counter[tuple[str, str]] = field(default_factory=Counter)
    _codes: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def number(self) -> Numbers:
        """What a batch of the stories is called here."""
        return self.goods.numbers

    # Material ---------------------------------------------------------------------------------------------------------

    def receive(self, lot_no: str, *goods: Any, **more: Any) -> None:
        """李仓 receives a supplier's lot."""
        if lot_no not in self.progress.lots:
            came = self.diary.came(lot_no)
            told = {"received_at": came.isoformat() if came else None, **more}
            self._do("li.cang", "/lots", self.receipt(lot_no, *goods, **told))

    @staticmethod
    def receipt(
        lot_no: str, item_no: str, quantity: int, supplier_no: str, supplier_lot_no: str, **more: Any
    ) -> dict[str, Any]:
        """A receipt's request."""
        return {
            "lot_no": lot_no,
            "item_no": item_no,
            "quantity": quantity,
            "location": "RCV-01",
            "supplier_no": supplier_no,
            "supplier_lot_no": supplier_lot_no,
            **more,
        }

    def measure(
        self, lot_no: str, samples: int = 3, *, wrong: bool = False, look: bool = True, about: str = ""
    ) -> None:
        """林检 records appearance (a look) and the item's value (or one `about` that) of so many samples, if the inspection still waits."""
        task = self.task(lot_no, "inspect")
        if task is None or self._was_done(lot_no, "inspect"):
            return
        values: list[dict[str, Any]] = [
            {"characteristic": 1, "sample_no": n, "passed": look} for n in range(1, samples + 1)
        ]
        check = self.goods.check(task["item_no"])
        value, gauge = about or (check.wrong if wrong else check.usual), GAUGE[check.what.gauge]
        values += [
            {"characteristic": 2, "sample_no": n, "value": spread.around(value, lot_no, n), "equipment_no": gauge}
            for n in range(1, samples + 1)
        ]
        self._do("lin.jian", f"/tasks/{task['id']}/results", {"values": values})

    def accept(self, lot_no: str) -> None:
        """Inspect the whole sample, find it good, sign."""
        self.measure(lot_no)
        self.sign(lot_no, "inspect", "accepted")

    def put_away(self, lot_no: str, location: str) -> None:
        """李仓 puts it on its shelf."""
        self.complete(lot_no, "putaway", form={"location": location})

    def material(self, lot_no: str, *received: Any, **more: Any) -> None:
        """Receive, accept and put away."""
        self.receive(lot_no, *received, **more)
        self.accept(lot_no)
        self.put_away(lot_no, "RM-A1")

    # Making -----------------------------------------------------------------------------------------------------------

    def order(
        self,
        lot_no: str,
        item_no: str,
        quantity: int,
        steps: list[dict[str, Any]],
        uses: dict[str, int] | None = None,
        items: dict[str, int] | None = None,
        /,
        **more: Any,
    ) -> None:
        """赵流 opens the work order `WO-<lot>`; its bill are `items`, and the items of the lots that it will use."""
        self._codes |= {(lot_no, one["seq"]): one["code"] for one in steps}
        if lot_no not in self.progress.lots:
            bill: Counter[str] = Counter(items or {})
            for used, needed in (uses or {}).items():
                bill[self.office["zhao.liu"].get(f"/lots/{used}")["lot"]["item_no"]] += needed
            more.setdefault(
                "bill", [{"item_no": item, "quantity": f"{Decimal(n) / quantity:f}"} for item, n in bill.items()]
            )
            opened = self.diary.opened(lot_no)
            body = {
                "work_order_no": f"WO-{lot_no}",
                "opened_at": opened.isoformat() if opened else None,
                "lot_no": lot_no,
                "item_no": item_no,
                "quantity": quantity,
                "location": "LINE-2",
                "steps": steps,
                **more,
            }
            self._do("zhao.liu", "/work-orders", body)
            self.diary.recorded(lot_no)

    def operate(self, lot_no: str, seq: int, **more: Any) -> None:
        """王操 records an operation."""
        if (lot_no, seq) not in self.progress.runs:
            self._do("wang.cao", f"/work-orders/WO-{lot_no}/operations", self.operation(lot_no, seq, **more))
            self.diary.recorded(lot_no)

    def operation(self, lot_no: str, seq: int, consumes: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
        """The record of an operation; `consumes` is lot number → quantity."""
        began, ended = self._period(lot_no, seq)
        return {
            "seq": seq,
            "people": ["wang.cao"],
            "started_at": began.isoformat(),
            "finished_at": ended.isoformat(),
            "consumes": [{"lot_no": lot, "quantity": quantity} for lot, quantity in (consumes or {}).items()],
            **more,
        }

    def air(self, lot_no: str, seq: int, humidity: int | None = None) -> list[dict[str, Any]]:
        """The readings of the room's air, taken half-way through an operation."""
        began, ended = self._period(lot_no, seq)
        at = (began + (ended - began) / 2).isoformat()
        damp = spread.humidity(lot_no) if humidity is None else humidity
        return [
            {"quantity": routings.HUMIDITY, "value": damp, "unit": "%", "measured_at": at},
            {"quantity": routings.TEMPERATURE, "value": spread.temperature(lot_no), "unit": "°C", "measured_at": at},
        ]

    def irradiated(self, lot_no: str, load_no: str, produced: int, scrapped: int = 0) -> None:
        """Sealed in pouches, sterilised by the contract steriliser, released by the doses of the load (ISO 11137)."""
        hot = f"{138 + spread.pick(5, lot_no, 'seal')}"
        self.operate(lot_no, 25, location="CR-2", equipment=["P-02"], parameters=_values(routings.SEALED, hot))
        self.operate(lot_no, 30, location="EXT-01", equipment=["GM-01"], load=load_no)
        doses = _values(routings.DOSE, *spread.dose(load_no))
        self.operate(lot_no, 40, location="QA-01", parameters=doses, produced=produced, scrapped=scrapped)

    def gassed(self, lot_no: str, load_no: str, produced: int) -> None:
        """Sterilised in our own chamber, aerated, released by the indicators of the load (ISO 11135)."""
        cycle = _values(routings.CHAMBER, *spread.gas(load_no).values())
        self.operate(lot_no, 30, location="ST-R1", equipment=["ST-01"], load=load_no, parameters=cycle)
        began, ended = self._period(lot_no, 40)
        aired = _values(routings.AERATED, str((ended - began) // timedelta(hours=1)), "0")
        self.operate(lot_no, 40, location="QA-01", parameters=aired, produced=produced)

    def _period(self, lot_no: str, seq: int) -> tuple[datetime, datetime]:
        return self.diary.period(lot_no, seq, self._codes[lot_no, seq])

    def pack(self, lot_no: str, quantity: int, samples: int = 0) -> None:
        """王操 packs and labels; two labels are spoilt."""
        form = {
            "packed_quantity": str(quantity - samples),
            "labels_printed": quantity - samples + 2,
            "labels_applied": quantity - samples,
            "labels_scrapped": 2,
            "samples_kept": str(samples),
        }
        self.complete(lot_no, "packaging", form=form)

    # Deciding ---------------------------------------------------------------------------------------------------------

    def release(self, lot_no: str, location: str, reason: str | None = None) -> None:
        """周审 reviews, 陈批 approves, 李仓 puts it away."""
        self.sign(lot_no, "review", "release", reason=reason)
        self.sign(lot_no, "approve", "release", reason=reason)
        self.put_away(lot_no, location)

    def sign(self, lot_no: str, stage: str, outcome: str, reason: str | None = None, login: str | None = None) -> None:
        """Complete a step with a signature over the record as it is shown now."""
        person = login or PEOPLE[stage]
        self.complete(lot_no, stage, outcome=outcome, reason=reason, login=person, signed=True)

    def decide(self, lot_no: str, outcome: str, cause: str, reason: str) -> None:
        """吴经理 decides on the oldest open deviation or nonconformance of a batch and signs."""
        met = outcome == "accept"
        form = {"cause": cause, "owner": "wang.cao", "requirements_met": met}
        self.complete(lot_no, "decide", outcome=outcome, reason=reason, form=form, signed=True)

    def complete(
        self, lot_no: str, stage: str, *, login: str | None = None, signed: bool = False, **given: Any
    ) -> dict[str, Any] | None:
        """Complete a step, unless it is done already."""
        before = self._was_done(lot_no, stage)
        self._times[lot_no, stage] += 1
        if before:
            return None
        task = self.task(lot_no, stage)
        if task is None:  # the record of an act that was under way when we were killed
            return None
        who = login or PEOPLE[stage]
        body = {name: value for name, value in given.items() if value is not None}
        if signed:
            body["signature"] = self.signature(who, task["id"])
        done: dict[str, Any] | None = self._do(who, f"/tasks/{task['id']}/complete", body)
        return done

    def signature(self, login: str, task_id: str) -> dict[str, str]:
        """What a person gives to sign what they see now."""
        person = self.office[login]
        shown = patiently(lambda: person.get(f"/tasks/{task_id}/record"))
        return {"password": person.password, "meaning": shown["meaning"], "digest": shown["digest"]}

    def hold(self, lot_no: str, reason: str, login: str = "wu.jingli") -> str | None:
        """Freeze a batch; answers the hold's id."""
        if (lot_no, reason) in self.progress.holds:
            return None
        done = self._do(login, f"/lots/{lot_no}/holds", {"reason": reason})
        return str(done["data"]["holds"][0]) if done else None

    def lift(self, hold: str, reason: str, login: str = "wu.jingli") -> None:
        """Lift a hold."""
        person = self.office[login]
        shown = patiently(lambda: person.get(f"/holds/{hold}/record"))
        proof = {"password": person.password, "meaning": shown["meaning"], "digest": shown["digest"]}
        self._do(login, f"/holds/{hold}/lift", {"reason": reason, "signature": proof})

    def engrave(self, lot_no: str, serials: list[str]) -> None:
        """王操 gives the pieces of a batch their serial numbers, where they haven't got them yet."""
        path = f"/lots/{lot_no}/serials"
        person = self.office["wang.cao"]
        known = {one["serial_no"] for one in patiently(lambda: person.get(path))}
        if missing := [one for one in serials if one not in known]:
            patiently(lambda: person.post(path, {"serials": missing}, **{"Idempotency-Key": f"demo-serials-{lot_no}"}))

    def ship(
        self,
        shipment_no: str,
        customer_no: str,
        lines: dict[str, int],
        serials: dict[str, list[str]] | None = None,
        **more: Any,
    ) -> None:
        """李仓 ships."""
        if shipment_no not in self.progress.shipments:
            self._do("li.cang", "/shipments", self.shipment(shipment_no, customer_no, lines, serials, **more))

    def pack_unit(self, unit_no: str, kind: str, location: str, *contents: dict[str, Any]) -> None:
        """李仓 packs a case or a pallet; asked again after a lost answer, it is the same act."""
        if unit_no not in self.progress.units:
            body = {"unit_kind": kind, "location": location, "contents": list(contents)}
            path = f"/logistic-units/{unit_no}/pack"
            patiently(lambda: self.office["li.cang"].post(path, body, **{"Idempotency-Key": f"demo-{unit_no}"}))

    @staticmethod
    def shipment(
        shipment_no: str,
        customer_no: str,
        lines: dict[str, int],
        serials: dict[str, list[str]] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """A shipment's request; `serials` names the pieces of a batch that has numbers."""
        booked = [
            {"lot_no": lot, "quantity": quantity, "serials": (serials or {}).get(lot, [])}
            for lot, quantity in lines.items()
        ]
        return {
            "shipment_no": shipment_no,
            "customer_no": customer_no,
            "lines": booked,
            "carrier": "顺达物流 Shunda Logistics",
            **more,
        }

    # ------------------------------------------------------------------------------------------------------------------

    def task(self, lot_no: str, stage: str) -> dict[str, Any] | None:
        """The open task of a batch at a stage, as the person whose work it is finds it in the inbox."""
        person = self.office[PEOPLE[stage]]
        more: dict[str, str] = {}
        while True:
            page = patiently(lambda more=more: person.get("/tasks", view="all", limit=200, **more))
            for task in page["items"]:
                if task["lot_no"] == lot_no and task["stage"] == stage and task["status"] == "open":
                    return dict(task)
            if page["next"] is None:
                return None
            more = {"cursor": page["next"]}

    def waiting(self, lot_no: str, stage: str) -> dict[str, Any]:
        """The same, where the story can't go on without it."""
        found = self.task(lot_no, stage)
        if found is None:
            message = f"nobody is asked to {stage} {lot_no}"
            raise LookupError(message)
        return found

    def _was_done(self, lot_no: str, stage: str) -> bool:
        return self.progress.stages[lot_no, stage] > self._times[lot_no, stage]

    def _do(self, login: str, path: str, body: dict[str, Any]) -> Any:
        """One request; asked again, it may find its own earlier self (or that of a killed load) done."""
        tries = 0

        def post() -> Any:
            nonlocal tries
            tries += 1
            return self.office[login].post(path, body)

        try:
            return patiently(post)
        except RefusedError as no:
            if no.code in DONE_ALREADY and (tries > 1 or self.progress.lots):
                return None
            raise


def _values(asked: tuple[dict[str, Any], ...], *values: str) -> list[dict[str, str]]:
    """What was told of the parameters that a step asks for, in their order."""
    return [
        {"name": one["name"], "value": value, "unit": one["unit"]} for one, value in zip(asked, values, strict=True)
    ]
