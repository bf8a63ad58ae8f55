"""The batches of the loaded demo company, each at another point of its life, so that every inbox has something real.

Stories that need nothing from each other run at the same time.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from runtime.demo import routings, spread
from runtime.demo.aed import CHIPS, MainJob
from runtime.demo.company import HOSPITAL, ORTHOPAEDIC, PACKAGING, POLYMER, SUTURES, TITANIUM, Goods
from runtime.demo.drill import Drill
from runtime.demo.office import patiently
from runtime.demo.shift import Shift

Story = Callable[[Shift], None]

HIP = {"document": "SOP-HIP", "document_version": "4", "expires_on": "2031-10"}
SCREW = {"document": "SOP-SCR", "document_version": "3", "expires_on": "2031-10"}
CAGE = {"document": "SOP-CAGE", "document_version": "2", "expires_on": "2031-10"}
SUTURE = {"document": "SOP-SUT", "document_version": "7", "expires_on": "2029-05-31"}

SCREW_BARS = [{"item_no": "TI-08", "quantity": "0.008"}]

LATE = {
    ("H-2611-04", "approve"): timedelta(hours=2),
    ("R-2611-14", "inspect"): timedelta(hours=26),
    ("S-2611-21", "packaging"): timedelta(hours=5),
}
"""Open tasks that nobody did in time."""


CASE, PALLET = "069012345000000011", "069012345000000028"
"""Cages that wait for their next customer, under two SSCC."""


def play(make_shift: Callable[[], Shift], goods: Goods) -> None:
    """Play everything; four stories at a time keep two processors busy."""
    with ThreadPoolExecutor(4) as pool:
        stock = pool.submit(material, make_shift())

        def with_stock(story: Story) -> Story:
            def later(shift: Shift) -> None:
                stock.result()
                story(shift)

            return later

        stories = (
            MainJobStory(goods),  # the longest first
            clean_for_second(goods),
            clean_for_first(goods),
            with_stock(with_exceptions(goods)),
            with_stock(shipped(goods)),
            with_stock(held(goods)),
            with_stock(rejected(goods)),
            packing(goods),
            sutures_shipped(goods),
            damp(goods),
            failed_boards,
            waiting_material,
            failed_material,
            machining(goods),
        )
        for done in [stock, *(pool.submit(story, make_shift()) for story in stories)]:
            done.result()
    for last in (drilled, suspected):
        last(make_shift())


def drilled(shift: Shift) -> None:
    """Last quarter's drill, closed and scored."""
    title = "季度召回演练 Quarterly drill: P88-12"
    if title not in shift.progress.recalls:
        drill = Drill(shift.office)
        drill.open("P88-12", title=title, reason="年度演练计划第四季度 / yearly plan, fourth quarter")
        drill.freeze()
        drill.finish()


def suspected(shift: Shift) -> None:
    """A recall that has just begun: 孙召 reviews its scope."""
    title = "融合器表面裂纹 Cracks on spinal cages"
    if title not in shift.progress.recalls:
        recall = Drill(shift.office, mode="recall")
        recall.open(
            "C-2611-02",
            title=title,
            reason="医院投诉 2026-118: 拆包时发现表面裂纹 / hospital complaint: cracks seen at unpacking",
        )


class MainJobStory:
    """The defibrillators, from receipt to shipment."""

    def __init__(self, goods: Goods) -> None:
        self.goods = goods

    def __call__(self, shift: Shift) -> None:
        """Play it."""
        job = MainJob(shift, self.goods)
        job.batteries()
        job.stock_batteries()
        job.modules()
        job.order()
        job.assemble()
        job.burn_in()
        job.finish()
        job.release()
        job.ship()


def material(shift: Shift) -> None:
    """Released material that the other batches use."""
    shift.material("R-2611-07", "PEEK-20", 60, POLYMER, "P88-12", manufactured_on="2026-09-30", expires_on="2031-09")
    shift.material("R-2611-08", "TI-30", 400, TITANIUM, "HL-T5520", manufactured_on="2026-08-15")
    shift.material("R-2611-09", "TI-08", 40, TITANIUM, "HL-T5526", manufactured_on="2026-08-28")


def waiting_material(shift: Shift) -> None:
    """Lots in quarantine: one half measured, one untouched and late, one accepted and not on its shelf yet."""
    shift.receive("R-2611-12", "PEEK-20", 24, POLYMER, "P88-15", manufactured_on="2026-11-02", expires_on="2031-11")
    shift.measure("R-2611-12", samples=2)
    shift.receive("R-2611-14", "POUCH-T", 5000, PACKAGING, "BA-2611-3", expires_on="2029-10")
    shift.receive("R-2611-15", "PGLA-30", 8000, SUTURES, "Y-3410", expires_on="2029-06-30")
    shift.accept("R-2611-15")


def failed_material(shift: Shift) -> None:
    """A lot out of its limits: its nonconformance waits for a decision."""
    shift.receive("R-2611-13", "TI-30", 120, TITANIUM, "HL-T5533", manufactured_on="2026-10-20")
    shift.measure("R-2611-13", wrong=True)
    shift.sign("R-2611-13", "inspect", "failed")


def _stems(shift: Shift, goods: Goods, lot_no: str, quantity: int, humidity: int | None = None) -> None:
    shift.order(lot_no, goods.products["hip"], quantity, routings.TITANIUM, {"R-2611-08": quantity}, **HIP)
    shift.operate(lot_no, 10, consumes={"R-2611-08": quantity}, equipment=["M-07"])
    acid = {"name": routings.ACID["name"], "value": spread.acid(lot_no), "unit": "%"}
    shift.operate(lot_no, 15, equipment=["N-02"], parameters=[acid])
    air = shift.air(lot_no, 20, humidity)
    shift.operate(lot_no, 20, location="CR-2", equipment=["W-03"], environment=air, produced=quantity - 2, scrapped=2)


def _sutures(shift: Shift, goods: Goods, lot_no: str, quantity: int, humidity: int | None = None) -> None:
    needs = {"Y-3301": quantity * 3 // 4, "N-4410": quantity}  # 75 cm of thread on each needle
    shift.order(lot_no, goods.products["suture"], quantity, routings.WINDING, needs, **SUTURE)
    shift.operate(lot_no, 10, consumes=needs)
    air = shift.air(lot_no, 20, humidity)
    shift.operate(lot_no, 20, location="CR-2", equipment=["P-02"], environment=air, produced=quantity)


def machining(goods: Goods) -> Story:
    """A batch on the line, its first operation not done yet."""

    def story(shift: Shift) -> None:
        shift.order("SC-2611-31", goods.products["screw"], 500, routings.TITANIUM, bill=SCREW_BARS, **SCREW)

    return story


def clean_for_first(goods: Goods) -> Story:
    """A clean batch that waits for its review."""

    def story(shift: Shift) -> None:
        _sutures(shift, goods, "S-2611-20", 1500)
        shift.accept("S-2611-20")
        shift.pack("S-2611-20", 1500, samples=8)

    return story


def clean_for_second(goods: Goods) -> Story:
    """A clean batch that 周审 has reviewed: 陈批 or 吴经理 signs second."""

    def story(shift: Shift) -> None:
        _sutures(shift, goods, "S-2611-19", 2000)
        shift.accept("S-2611-19")
        shift.pack("S-2611-19", 2000)
        shift.sign("S-2611-19", "review", "release")

    return story


def with_exceptions(goods: Goods) -> Story:
    """Humidity above its limit, inspected twice: reviewed with a reason, late for the second signature."""

    def story(shift: Shift) -> None:
        lot = "H-2611-04"
        _stems(shift, goods, lot, 100, humidity=61)
        shift.decide(
            lot,
            "accept",
            cause="空调滤网堵塞, 湿度超限 20 分钟 / clogged filter, humidity high for 20 min",
            reason="清洗后烘干, 对产品无影响 / dried after cleaning, no effect on the product",
        )
        shift.measure(lot, wrong=True)
        shift.sign(lot, "inspect", "failed")
        shift.sign(
            lot,
            "disposition",
            "reinspect",
            reason="气动量仪 A-06 零点漂移, 复校后重新检验 / air gauge drifted, inspect again after recalibration",
        )
        shift.decide(
            lot,
            "unfounded",
            cause="气动量仪 A-06 零点漂移 / zero of air gauge A-06 had drifted",
            reason="复校后逐件重测, 全部在限内 / all pieces measured again, all within limits",
        )
        shift.accept(lot)
        shift.pack(lot, 98, samples=2)
        shift.sign(
            lot,
            "review",
            "release",
            reason="湿度超限 20 分钟, 对清洗无影响; 复检合格 / humidity without effect on cleaning; passed when inspected again",
        )

    return story


def held(goods: Goods) -> Story:
    """A packed batch that the quality manager has frozen."""

    def story(shift: Shift) -> None:
        lot = "H-2611-05"
        _stems(shift, goods, lot, 60)
        shift.accept(lot)
        shift.pack(lot, 58)
        shift.hold(lot, "清洗机 W-03 记录缺一页, 待核实 / a page of the washer's record is missing")

    return story


def packing(goods: Goods) -> Story:
    """An inspected batch that waits to be packed, late."""

    def story(shift: Shift) -> None:
        _sutures(shift, goods, "S-2611-21", 800)
        shift.accept("S-2611-21")

    return story


def sutures_shipped(goods: Goods) -> Story:
    """A clean batch of sutures, released and partly at its customer."""

    def story(shift: Shift) -> None:
        lot = "S-2611-18"
        _sutures(shift, goods, lot, 1000)
        shift.accept(lot)
        shift.pack(lot, 1000, samples=8)
        shift.release(lot, "FG-A1")
        shift.ship("SHP-2611-14", HOSPITAL, {lot: 300}, order_no="PO-7793", tracking_no="SD-88100236")

    return story


def damp(goods: Goods) -> Story:
    """Sutures that were wound in damp air: the deviation waits for its decision."""

    def story(shift: Shift) -> None:
        _sutures(shift, goods, "S-2611-22", 1200, humidity=66)

    return story


def failed_boards(shift: Shift) -> None:
    """Main boards whose supply voltage is too high: nobody has decided yet what becomes of them."""
    lot, chips = "MB-2611-02", {CHIPS: 20}
    shift.order(lot, "PCBA-MAIN", 10, routings.MOUNTING, chips, document="SOP-AED", document_version="4")
    shift.operate(lot, 10, consumes=chips, produced=10)
    shift.measure(lot, wrong=True)
    shift.sign(lot, "inspect", "failed")


def shipped(goods: Goods) -> Story:
    """Cages of a traceable PEEK lot (P88-12), released, partly shipped, partly on a pallet."""

    def story(shift: Shift) -> None:
        lot = "C-2611-02"
        shift.order(lot, goods.products["cage"], 40, routings.MACHINING, {"R-2611-07": 2}, **CAGE)
        shift.operate(lot, 10, consumes={"R-2611-07": 2}, equipment=["M-07"])
        shift.operate(
            lot, 20, location="CR-2", equipment=["W-03"], environment=shift.air(lot, 20), produced=39, scrapped=1
        )
        shift.accept(lot)
        shift.pack(lot, 39, samples=1)
        shift.release(lot, "FG-A1")
        shift.ship("SHP-2611-11", ORTHOPAEDIC, {lot: 20}, order_no="PO-7781", tracking_no="SD-88100231")
        shift.ship("SHP-2611-12", HOSPITAL, {lot: 8}, order_no="PO-7790", tracking_no="SD-88100232")
        shift.pack_unit(CASE, "case", "FG-A1", {"lot_no": lot, "quantity": 6})
        shift.pack_unit(PALLET, "pallet", "FG-A1", {"unit_no": CASE}, {"lot_no": lot, "quantity": 2})

    return story


def rejected(goods: Goods) -> Story:
    """Stems that failed their inspection and were rejected, with the nonconformance closed."""

    def story(shift: Shift) -> None:
        lot = "H-2611-03"
        _stems(shift, goods, lot, 30)
        shift.measure(lot, wrong=True, look=False)
        shift.sign(lot, "inspect", "failed")
        shift.sign(
            lot,
            "disposition",
            "reject",
            reason="锥度超差且表面划伤, 无法返工 / taper out of limits and scratched, no rework possible",
        )
        shift.decide(
            lot,
            "reject",
            cause="夹具磨损 / worn fixture",
            reason="锥度超差且表面划伤, 整批报废 / taper out of limits and scratched, scrapped",
        )

    return story


def claim(shift: Shift) -> None:
    """陈批 has taken the late one on: it stands under 「我的」."""
    task = shift.task("H-2611-04", "approve")
    if task is not None and task["assignee"] is None:
        patiently(lambda: shift.office["chen.pi"].post(f"/tasks/{task['id']}/claim"))
