"""What the demo company did in the eleven weeks before it began here: twelve finished batches of three families, and their parts.

Each family has batches that went well and one that didn't, as a plant's past has them: stems out of their limits, a batch
of sutures whose needles came off, modules that failed their high-voltage test, sutures and a defibrillator that came back.
All of it is read by the real importer, from the dump that `legacy` writes: it is migrated, says so, and nobody here signed it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.kernel.time.moments import plant_day
from runtime.demo.before import legacy
from runtime.demo.before.legacy import Calendar, Days, Dump

DATA = Path(__file__).parents[1] / "data"
MASTER = ("company.", "part.", "stock.stocklocation")
"""Master data that the history points at; it is told again as it stands, which changes nothing."""
MATERIAL, PARTS, GOODS, REJECTS, RETURNS = 9002, 9003, 9004, 9005, 9006
"""Places of the old site."""
SENT, BACK = "15:30", "10:40"
"""When the lorry leaves, and when it brings something back."""
HOSPITAL, ORTHOPAEDIC, RESCUE, DEALER = 9101, 9102, 9103, 9104
AED, HIP, SUTURE, CAGE, SCREW = (f"095200100000{n}" for n in (18, 25, 32, 49, 56))


@dataclass(frozen=True)
class Test:
    """A result in the inspection of a batch, of a test by its key in the master data."""

    key: str
    value: str
    passed: bool = True


@dataclass(frozen=True)
class Raw:
    """A supplier's lot: what came, working days before the start, with which shelf life in years."""

    number: str
    item: str
    quantity: int
    day: int
    tests: tuple[Test, ...] = ()
    years: int | None = None


@dataclass(frozen=True)
class Step:
    """An operation as it was noted: day, time, machine and words in both languages."""

    day: int
    clock: str
    words: str
    machine: str | None = None


@dataclass(frozen=True)
class Trip:
    """Goods to a customer: sent so many working days before the start, and when some of it came back, how much and why."""

    day: int
    customer: int
    quantity: int
    back: int = 0
    back_on: int = 0
    why: str = ""


@dataclass(frozen=True)
class Batch:
    """A batch that was made: what of, when, how it was checked, what became of it.  `uses` are numbers as in `Raw` or keys."""

    key: str
    item: str
    title: str
    made: int
    uses: Mapping[str, Decimal | int]
    steps: tuple[Step, ...]
    tests: tuple[Test, ...]
    trips: tuple[Trip, ...] = ()
    scrapped: int = 0
    rejected: int = 0
    trouble: str = ""
    failed: Test | None = None
    years: int | None = None
    serial: bool = False

    @property
    def first(self) -> int:
        """The day of its first operation."""
        return self.steps[0].day

    @property
    def last(self) -> int:
        """The day on which it was finished."""
        return self.steps[-1].day


def _machined(day: int, what: str, dose: str, gauge: str = "G-17") -> tuple[Step, ...]:
    return (
        Step(day, "08:40", f"工序 10 机加工 Machining: {what}", "M-07"),
        Step(day - 2, "09:20", "工序 20 超声清洗 Ultrasonic cleaning: 45 °C, 15 min", "W-03"),
        Step(day - 2, "14:10", "装袋封口 Pouch sealed: 140 °C, 1.2 s, 0.4 MPa", "P-02"),
        Step(day - 4, "10:30", f"辐照灭菌 Gamma sterilisation (GB 18280.1): {dose} kGy"),
        Step(day - 4, "15:40", "成品检验完成, 入库 Final inspection done, put on its shelf", gauge),
    )


def _titanium(day: int, what: str, dose: str, gauge: str = "G-17") -> tuple[Step, ...]:
    made, *others = _machined(day, what, dose, gauge)
    bath = Step(day - 1, "10:20", "工序 15 钝化 Passivation (ASTM F86): HNO₃ 30 %, 60 min", "N-02")
    return made, bath, *others


def _sewn(day: int) -> tuple[Step, ...]:
    return (
        Step(day, "08:30", "工序 10 针线装接 Needle attachment", "L-02"),
        Step(day, "13:40", "工序 20 洁净间绕线封装 Winding and sealing: 47 % RH, 21 °C", "P-02"),
        Step(day - 1, "08:50", "环氧乙烷灭菌 Ethylene oxide (GB 18279.1): 50 °C, 60 % RH, 600 mg/L, 4 h"),
        Step(day - 3, "14:20", "解析 48 h 以上, 检验完成 Aerated for more than 48 h, inspection done", "L-02"),
    )


def _fitted(day: int, what: str, machine: str | None = None) -> tuple[Step, ...]:
    return (
        Step(day, "08:50", f"工序 10 {what}"),
        Step(day - 1, "15:10", "检验完成, 入库 Inspection done, put on its shelf", machine),
    )


def _assembled(day: int) -> tuple[Step, ...]:
    return (
        Step(day, "08:40", "工序 10 总装 Final assembly: 0.62 N·m"),
        Step(day - 1, "09:10", "工序 20 整机老化 Burn-in: 24 h, 40 °C", "B-01"),
        Step(day - 3, "10:20", "检验完成, 入库 Inspection done, put on its shelf", "E-03"),
    )


ROD, THREAD, NEEDLES = Test("tensile", "965 MPa"), Test("tensile", "26.4 N"), Test("hardness", "540 HV")
RAW = (
    Raw("HL-T5461", "TI-30", 160, 54, (ROD,)),
    Raw("HL-T5466", "TI-08", 20, 48, (Test("tensile", "972 MPa"),)),
    Raw("P88-09", "PEEK-20", 12, 54, (Test("melt", "343 °C"),), 5),
    Raw("BA-TY-4402", "POUCH-T", 6000, 53, (), 3),
    Raw("Y-3355", "PGLA-30", 4000, 53, (THREAD,), 3),
    Raw("N-4468", "NDL-26", 5000, 53, (NEEDLES,)),
    Raw("IC-90332", "IC-CHG", 400, 54),
    Raw("PCB-2290", "PCB-CHG", 60, 54),
    Raw("CAP-5610", "CAP-HV", 160, 53),
    Raw("CASE-1204", "CASE-A", 60, 53),
    Raw("NC-B1187", "BAT-LI", 60, 52, (), 5),
    Raw("HL-T5488", "TI-08", 20, 22, (Test("tensile", "958 MPa"),)),
    Raw("P88-12", "PEEK-20", 60, 24, (Test("melt", "344 °C"),), 5),
    Raw("HL-T5520", "TI-30", 400, 23, (Test("tensile", "961 MPa"),)),
    Raw("Y-3372", "PGLA-30", 3000, 20, (Test("tensile", "25.9 N"),), 3),
)
"""Suppliers' lots by the numbers of their suppliers."""

TAPER, CAGE_HEIGHT, THREAD_DIAMETER = Test("taper", "14.011 mm"), Test("height", "10.02 mm"), Test("thread", "3.43 mm")
ATTACHED, RESIDUE = Test("attachment", "9.3 N"), Test("residue", "3.1 µg/g")
DELIVERED, PROOF = Test("energy", "151.0 J"), Test("hipot", "1.5 kV AC, 1 min")

PARTS_MADE = (
    Batch(
        "CHG", "PCBA-CHG", "充电板贴片", 54, {"PCB-2290": 54, "IC-90332": 54},
        _fitted(50, "贴片 Component mounting"), (),
    ),
    Batch(
        "MB", "PCBA-MAIN", "主控板贴片", 54, {"IC-90332": 108},
        _fitted(49, "贴片 Component mounting", "V-11"), (Test("supply", "3.31 V"),),
    ),
    Batch(
        "HV", "MOD-HV", "高压充电模块装配", 54, {"CHG": 54, "CAP-5610": 108},
        _fitted(47, "组件装配 Module assembly"), (Test("hipot", "2.1 kV"),),
        rejected=2, failed=Test("hipot", "1.3 kV 击穿 breakdown", passed=False),
        trouble="2 件耐压击穿: 电容引脚虚焊; 隔离报废, 其余逐件复测合格"
        " / 2 failed their high-voltage test: cold solder joint; set apart and scrapped, all others tested again and good",
    ),
    Batch(
        "MA", "MOD-AED", "除颤器主机组件装配", 52, {"MB": 52, "HV": 52},
        _fitted(45, "组件装配 Module assembly", "E-03"), (Test("charge", "7.4 s"),),
    ),
)  # fmt: skip
"""Sub-assemblies of the defibrillators."""

FINISHED = (
    Batch(
        "HS-1", HIP, "髋关节柄", 38, {"HL-T5461": 40, "BA-TY-4402": 38},
        _titanium(49, "12/14", "27.4", "A-06"), (TAPER, Test("dose", "27.4 kGy")),
        (Trip(41, ORTHOPAEDIC, 20), Trip(38, HOSPITAL, 12)), scrapped=2, years=5,
    ),
    Batch(
        "CG-1", CAGE, "椎间融合器", 39, {"P88-09": 2, "BA-TY-4402": 39},
        _machined(47, "Ø20 PEEK", "26.8"), (CAGE_HEIGHT, Test("dose", "26.8 kGy")),
        (Trip(39, ORTHOPAEDIC, 15), Trip(30, HOSPITAL, 12)), scrapped=1, years=5,
    ),
    Batch(
        "SC-1", SCREW, "接骨螺钉", 500, {"HL-T5466": 4, "BA-TY-4402": 500},
        _titanium(41, "Ø3.5 mm", "27.1"), (THREAD_DIAMETER, Test("dose", "27.1 kGy")),
        (Trip(33, DEALER, 300), Trip(21, ORTHOPAEDIC, 100)), years=5,
    ),
    Batch(
        "HS-2", HIP, "髋关节柄", 58, {"HL-T5461": 60, "BA-TY-4402": 58},
        _titanium(33, "12/14", "27.0", "A-06"), (Test("taper", "14.018 mm"), Test("dose", "27.0 kGy")),
        (Trip(24, HOSPITAL, 24), Trip(15, DEALER, 20)), scrapped=2, rejected=4, years=5,
        failed=Test("taper", "14.052 mm", passed=False),
        trouble="4 件锥柄大端直径 14.052 mm, 上限 14.030 mm: 夹具磨损, 已更换; 4 件报废, 其余逐件检验合格"
        " / taper of 4 stems 14.052 mm, limit 14.030 mm: worn fixture, replaced; 4 scrapped, all others measured and good",
    ),
    Batch(
        "HS-3", HIP, "髋关节柄", 39, {"HL-T5461": 40, "BA-TY-4402": 39},
        _titanium(27, "12/14", "26.9", "A-06"), (Test("taper", "13.993 mm"), Test("dose", "26.9 kGy")),
        (Trip(18, ORTHOPAEDIC, 16), Trip(11, HOSPITAL, 10)), scrapped=1, years=5,
    ),
    Batch(
        "CG-2", CAGE, "椎间融合器", 40, {"P88-09": 2, "BA-TY-4402": 40},
        _machined(19, "Ø20 PEEK", "27.2"), (CAGE_HEIGHT, Test("dose", "27.2 kGy")), (Trip(10, ORTHOPAEDIC, 20),), years=5,
    ),
    Batch(
        "SC-2", SCREW, "接骨螺钉", 600, {"HL-T5488": 5, "BA-TY-4402": 600},
        _titanium(14, "Ø3.5 mm", "26.6"), (THREAD_DIAMETER, Test("dose", "26.6 kGy")), (Trip(6, DEALER, 200),), years=5,
    ),
    Batch(
        "SU-1", SUTURE, "可吸收缝合线", 1000, {"Y-3355": 750, "N-4468": 1000, "BA-TY-4402": 1000},
        _sewn(47), (ATTACHED, RESIDUE), (Trip(41, HOSPITAL, 400), Trip(37, DEALER, 500)), years=3,
    ),
    Batch(
        "SU-2", SUTURE, "可吸收缝合线", 1200, {"Y-3355": 900, "N-4468": 1200, "BA-TY-4402": 1200},
        _sewn(33), (Test("attachment", "9.1 N"), Test("residue", "2.8 µg/g")),
        (
            Trip(27, HOSPITAL, 600, 48, 17, "运输途中外箱受潮, 4 盒退回 / outer case wet in transport, 4 boxes came back"),
            Trip(25, DEALER, 300),
        ), years=3,
    ),
    Batch(
        "SU-3", SUTURE, "可吸收缝合线", 800, {"Y-3372": 600, "N-4468": 800, "BA-TY-4402": 800},
        _sewn(16), (), rejected=800, years=3,
        failed=Test("attachment", "5.8 N", passed=False),
        trouble="针线连接强度 5.8 N, 下限 6.7 N (YY 1116): 压接模具磨损; 整批报废"
        " / needle attachment 5.8 N, limit 6.7 N (YY 1116): worn swaging die; the whole batch was scrapped",
    ),
    Batch(
        "AD-1", AED, "自动体外除颤器", 10, {"MA": 10, "CASE-1204": 10, "NC-B1187": 10},
        _assembled(42), (DELIVERED, PROOF), (Trip(36, RESCUE, 6), Trip(34, DEALER, 3)), serial=True,
    ),
    Batch(
        "AD-2", AED, "自动体外除颤器", 10, {"MA": 10, "CASE-1204": 10, "NC-B1187": 10},
        _assembled(27), (Test("energy", "150.4 J"), PROOF),
        (
            Trip(20, RESCUE, 5),
            Trip(19, DEALER, 4, 1, 8, "开机自检报警, 退回检查 / self-test alarm at switching on, came back to be examined"),
        ), serial=True,
    ),
    Batch(
        "AD-3", AED, "自动体外除颤器", 10, {"MA": 10, "CASE-1204": 10, "NC-B1187": 10},
        _assembled(12), (Test("energy", "149.8 J"), PROOF), (Trip(5, HOSPITAL, 4),), serial=True,
    ),
)  # fmt: skip
"""What was made and sold: with lots of suppliers that went into weeks of batches, and from there to several customers."""


def master() -> list[legacy.Row]:
    """The master data that the history stands on."""
    texts = (DATA / "company.jsonl", DATA / "history.jsonl")
    rows = [json.loads(line) for file in texts for line in file.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["model"].startswith(MASTER)]


def content(begun: datetime, zone: str, calendar: Calendar) -> bytes:
    """The dump of the system before, for a plant that begins here at that moment; the same moment gives the same bytes."""
    return History(Days(plant_day(begun, zone), calendar, ZoneInfo(zone))).dump.content()


class History:
    """Writes the story into a dump; `numbers` says what each batch is called."""

    def __init__(self, days: Days) -> None:
        self.days = days
        self.dump = Dump(days, master())
        made = sorted((*PARTS_MADE, *FINISHED), key=lambda one: -one.first)
        self.numbers = {one.number: one.number for one in RAW} | {
            one.key: f"{one.key.partition('-')[0]}-{days.week(one.first)}" for one in made
        }
        self.builds = {batch.key: self._order(number, batch) for number, batch in enumerate(made, 2001)}
        self.uses: dict[str, list[tuple[Batch, Decimal | int]]] = {}
        for batch in made:
            for used, quantity in batch.uses.items():
                self.uses.setdefault(used, []).append((batch, quantity))
        for raw in RAW:
            self._received(raw)
        goods = {batch.key: self._made(batch) for batch in made}
        trips = ((trip, goods[batch.key][n]) for batch in made for n, trip in enumerate(batch.trips))
        for number, (trip, items) in enumerate(sorted(trips, key=lambda one: -one[0].day), 2001):
            self._sent(number, trip, items)

    def _order(self, number: int, batch: Batch) -> int:
        """The order of a batch, opened the day before its first operation."""
        return self.dump.add(
            "build.build", reference=f"BO-{number}", title=batch.title, part=self.dump.parts[batch.item],
            quantity=batch.made + batch.scrapped, completed=batch.made, status=40, batch=self.numbers[batch.key],
            creation_date=self.days.back(batch.first + 1).isoformat(),
            completion_date=self.days.at(batch.last, batch.steps[-1].clock),
        )  # fmt: skip

    def _received(self, raw: Raw) -> None:
        """A supplier's lot: what is left of it, what it went into, its inspection on the next working day."""
        came, inspected = self.days.at(raw.day, "09:40"), self.days.at(raw.day - 1, "14:10")
        part = self.dump.sold_by[self.dump.parts[raw.item]]
        common = {"supplier_part": part.key, "expiry_date": raw.years and self.days.later(raw.day, raw.years)}
        order = self.dump.add(
            "order.purchaseorder", reference=f"PO-{raw.number}", supplier=part.supplier, supplier_reference=raw.number,
            creation_date=self.days.back(raw.day + 8).isoformat(), status=30,
        )  # fmt: skip
        left = raw.quantity - sum(quantity for _, quantity in self.uses.get(raw.number, ()))
        here = self.dump.stock(raw.item, raw.number, left, came, location=MATERIAL, purchase_order=order, **common)
        self.dump.event(here, legacy.RECEIVED, came, "收货, 质量证明书齐全 / received with its certificate")
        self.dump.event(here, legacy.UPDATED, inspected, "进料检验合格 / incoming inspection passed")
        for test in raw.tests:
            self.dump.result(here, raw.item, test.key, test.value, inspected, passed=test.passed)
        self._consumed(raw.item, raw.number, raw.number, common)

    def _consumed(self, item: str, key: str, number: str, common: Mapping[str, Any]) -> list[int]:
        """What went into other batches, when their work took it: pouches at sealing, everything else at the beginning."""
        taken = []
        for batch, quantity in self.uses.get(key, ()):
            sealed = [step for step in batch.steps if step.machine == "P-02"]
            step = sealed[0] if item == "POUCH-T" and sealed else batch.steps[0]
            at = self.days.at(step.day, step.clock)
            taken.append(self.dump.stock(item, number, quantity, at, consumed_by=self.builds[batch.key], **common))
        return taken

    def _made(self, batch: Batch) -> list[list[int]]:
        """What became of a batch; the stock items of each of its trips."""
        number, done = self.numbers[batch.key], self.days.at(batch.last, batch.steps[-1].clock)
        expires = self.days.later(batch.last, batch.years) if batch.years else None
        made = {"build": self.builds[batch.key], "expiry_date": expires}
        gone = sum(trip.quantity for trip in batch.trips)
        left = batch.made - batch.rejected - gone - sum(quantity for _, quantity in self.uses.get(batch.key, ()))
        pieces = iter(range(1, batch.made + 1))

        def put(quantity: Decimal | int, at: str, **more: Any) -> list[int]:
            """One row for a quantity, or one for each numbered piece."""
            if not batch.serial:
                return [self.dump.stock(batch.item, number, quantity, at, **(made | more))]
            serials = [f"{number.replace('AD-', 'AED-')}-{next(pieces):03}" for _ in range(int(quantity))]
            return [self.dump.stock(batch.item, number, 1, at, serial=one, **(made | more)) for one in serials]

        place = GOODS if batch in FINISHED else PARTS
        here = put(left, done, location=place) if left else []
        here += self._consumed(batch.item, batch.key, number, made)
        sent = [
            put(trip.quantity - trip.back, self.days.at(trip.day, SENT), customer=trip.customer) for trip in batch.trips
        ]
        whole = batch.rejected == batch.made
        main = here[0] if here else put(batch.made, done, location=REJECTS, status=legacy.REJECTED)[0]
        self._told(batch, main)
        # what was set apart or came back is split off: its build is that of the batch that it was part of
        apart = {"build": None, "parent": main}
        if batch.rejected and not whole:
            [bad] = put(batch.rejected, done, location=REJECTS, status=legacy.REJECTED, **apart)
            self._failed(batch, bad)
        elif whole:
            self._failed(batch, main)
        for trip, items in zip(batch.trips, sent, strict=True):
            if trip.back:
                at = self.days.at(trip.back_on, BACK)
                back = put(trip.back, at, location=RETURNS, status=legacy.RETURNED, **apart)
                for one in back:
                    self.dump.event(one, legacy.OUTPUT_COMPLETED, done, "")
                items.extend(back)
        return sent

    def _told(self, batch: Batch, main: int) -> None:
        """Its operations and the results of its inspection."""
        for place, step in enumerate(batch.steps):
            last = place == len(batch.steps) - 1
            kind = legacy.OUTPUT_CREATED if not place else legacy.OUTPUT_COMPLETED if last else legacy.UPDATED
            words = f"{step.words} · {step.machine}" if step.machine else step.words
            self.dump.event(main, kind, self.days.at(step.day, step.clock), words)
        for test in batch.tests:
            done = self.days.at(batch.last, batch.steps[-1].clock)
            self.dump.result(main, batch.item, test.key, test.value, done, passed=test.passed)

    def _failed(self, batch: Batch, item: int) -> None:
        """The nonconformance of a batch, under the number that the system before gave it, and the result that showed it."""
        done = self.days.at(batch.last, batch.steps[-1].clock)
        number = f"NCR-{self.days.week(batch.last)}"
        self.dump.event(item, legacy.OUTPUT_REJECTED, done, f"{number}: {batch.trouble}")
        if batch.failed is not None:
            self.dump.result(item, batch.item, batch.failed.key, batch.failed.value, done, passed=False)

    def _sent(self, number: int, trip: Trip, items: Sequence[int]) -> None:
        """A shipment, arrived on the next working day, and what came back of it."""
        order = self.dump.add(
            "order.salesorder", reference=f"SO-{number}", customer=trip.customer, status=20,
            creation_date=self.days.back(trip.day + 2).isoformat(),
        )  # fmt: skip
        shipment = self.dump.add(
            "order.salesordershipment", order=order, reference="1", tracking_number=f"SD-8809{number}",
            shipment_date=self.days.at(trip.day, SENT), delivery_date=self.days.at(trip.day - 1, "10:20"),
        )  # fmt: skip
        stock = {row["pk"]: row["fields"] for row in self.dump.rows if row["model"] == "stock.stockitem"}
        back = [one for one in items if stock[one]["status"] == legacy.RETURNED]
        for one in items:
            self.dump.add("order.salesorderallocation", shipment=shipment, item=one, quantity=stock[one]["quantity"])
        if not back:
            return
        at = self.days.at(trip.back_on, BACK)
        returned = self.dump.add(
            "order.returnorder", reference=f"RMA-{number}", customer=trip.customer, status=30,
            creation_date=self.days.back(trip.back_on + 2).isoformat(),
        )  # fmt: skip
        for one in back:
            self.dump.event(one, legacy.CAME_BACK, at, trip.why)
            self.dump.add(
                "order.returnorderlineitem", order=returned, item=one, quantity=stock[one]["quantity"],
                received_date=at, notes=trip.why,
            )  # fmt: skip
