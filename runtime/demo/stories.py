"""The batches of the loaded demo company, each at another point of its life, so that every inbox has something real.

Stories that need nothing from each other run at the same time.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from runtime.demo.aed import CASES, CHIPS, QUANTITY, MainJob
from runtime.demo.before import spread
from runtime.demo.company import routings
from runtime.demo.company.ground import HOSPITAL, ORTHOPAEDIC, PACKAGING, POLYMER, SUTURES, TITANIUM, Goods
from runtime.demo.people.drill import Drill
from runtime.demo.people.office import patiently
from runtime.demo.people.shift import Shift

Story = Callable[[Shift], None]

SCREW_BARS = [{"item_no": "TI-08", "quantity": "0.008"}]
ROD, BAR, CELLS = "P88-12", "HL-T5520", "NC-B1187"
"""Suppliers' lots that the system before had in stock: what our open batches are made of."""

LATE = {
    ("R-12", "inspect"): timedelta(hours=2),
    ("R-14", "inspect"): timedelta(hours=26),
    ("S-22", "inspect"): timedelta(hours=3),
}
"""Open tasks that nobody did in time, by what the stories call the batch: each of what came or was finished days ago."""
LOADS = {
    "C-02": "GM-07",
    "H-03": "GM-07",
    "H-04": "GM-08",
    "H-05": "GM-09",
    "S-18": "EO-11",
    "S-19": "EO-11",
    "S-20": "EO-12",
    "S-21": "EO-12",
    "S-22": "EO-13",
}
"""In which load of the steriliser a batch was."""

CASE, PALLET = "069012345000000011", "069012345000000028"
"""Cages that wait for their next customer, under two SSCC."""


def _method(shift: Shift, what: str, version: str, years: int) -> dict[str, Any]:
    return {"document": what, "document_version": version, "expires_on": shift.goods.printed(years)}


def play(make_shift: Callable[[], Shift], goods: Goods) -> None:
    """Play everything; four stories at a time keep two processors busy."""
    stories = (
        defibrillators(goods),  # the longest first
        clean_for_second(goods),
        clean_for_first(goods),
        with_exceptions(goods),
        shipped(goods),
        boards(goods),
        held(goods),
        rejected(goods),
        packing(goods),
        sutures_shipped(goods),
        damp(goods),
        failed_boards,
        material,
        waiting_material,
        failed_material,
        machining(goods),
    )
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(story, make_shift()) for story in stories]:
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
    """A recall of cages that hospitals have had for weeks, just begun: 孙召 reviews its scope."""
    title = "融合器表面裂纹 Cracks on spinal cages"
    if title not in shift.progress.recalls:
        recall = Drill(shift.office, mode="recall")
        recall.open(
            shift.goods.past["CG-1"],
            title=title,
            reason="医院投诉 T-118: 拆包时发现表面裂纹 / hospital complaint: cracks seen at unpacking",
        )


def defibrillators(goods: Goods) -> Story:
    """Defibrillators of modules, cells and cases that the system before had in stock, from their order to their customers."""

    def story(shift: Shift) -> None:
        job = MainJob(shift, goods)
        needs = dict.fromkeys((goods.past["MA"], CASES, CELLS), QUANTITY)
        job.order()
        job.assemble(needs)
        job.burn_in()
        job.finish()
        job.release()
        job.ship()

    return story


def boards(goods: Goods) -> Story:
    """Main boards, released today, and the order for the modules that they go into next."""

    def story(shift: Shift) -> None:
        job = MainJob(shift, goods)
        job.boards()
        job.order_modules()

    return story


def material(shift: Shift) -> None:
    """Released material that the next batches will use."""
    job = MainJob(shift, shift.goods)
    job.batteries()
    job.stock_batteries()
    made = shift.goods.made(64)
    shift.material(shift.number("R-09"), "TI-08", 40, TITANIUM, "HL-T5526", manufactured_on=made)


def waiting_material(shift: Shift) -> None:
    """Lots in quarantine: one half measured, one untouched and late, one accepted and not on its shelf yet."""
    number, goods = shift.number, shift.goods
    dates = {"manufactured_on": goods.made(19), "expires_on": goods.printed(5)}
    shift.receive(number("R-12"), "PEEK-20", 24, POLYMER, "P88-15", **dates)
    shift.measure(number("R-12"), samples=2)
    pouches = number("BA-3")
    shift.receive(number("R-14"), "POUCH-T", 5000, PACKAGING, pouches, expires_on=goods.printed(3))
    shift.receive(number("R-15"), "PGLA-30", 8000, SUTURES, "Y-3410", expires_on=goods.printed(3))
    shift.accept(number("R-15"))


def failed_material(shift: Shift) -> None:
    """A lot out of its limits: its nonconformance waits for a decision."""
    lot = shift.number("R-13")
    shift.receive(lot, "TI-30", 120, TITANIUM, "HL-T5533", manufactured_on=shift.goods.made(27))
    shift.measure(lot, wrong=True)
    shift.sign(lot, "inspect", "failed")


def _stems(shift: Shift, goods: Goods, key: str, quantity: int, humidity: int | None = None) -> str:
    lot = shift.number(key)
    method = _method(shift, "SOP-HIP", "4", 5)
    shift.order(lot, goods.products["hip"], quantity, routings.TITANIUM, {BAR: quantity}, **method)
    shift.operate(lot, 10, consumes={BAR: quantity}, equipment=["M-07"])
    acid = {"name": routings.ACID["name"], "value": spread.acid(lot), "unit": "%"}
    shift.operate(lot, 15, equipment=["N-02"], parameters=[acid])
    air = shift.air(lot, 20, humidity)
    shift.operate(lot, 20, location="CR-2", equipment=["W-03"], environment=air, scrapped=2)
    shift.irradiated(lot, shift.number(LOADS[key]), quantity - 2)
    return lot


def _sutures(shift: Shift, goods: Goods, key: str, quantity: int, humidity: int | None = None) -> str:
    lot = shift.number(key)
    needs = {"Y-3301": quantity * 3 // 4, "N-4410": quantity}  # 75 cm of thread on each needle
    method = _method(shift, "SOP-SUT", "7", 3)
    shift.order(lot, goods.products["suture"], quantity, routings.WINDING, needs, **method)
    shift.operate(lot, 10, consumes=needs)
    air = shift.air(lot, 20, humidity)
    shift.operate(lot, 20, location="CR-2", equipment=["P-02"], environment=air)
    shift.gassed(lot, shift.number(LOADS[key]), quantity)
    return lot


def machining(goods: Goods) -> Story:
    """A batch on the line, its first operation not done yet."""

    def story(shift: Shift) -> None:
        method = _method(shift, "SOP-SCR", "3", 5)
        lot = shift.number("SC-31")
        shift.order(lot, goods.products["screw"], 500, routings.TITANIUM, bill=SCREW_BARS, **method)

    return story


def clean_for_first(goods: Goods) -> Story:
    """A clean batch that waits for its review."""

    def story(shift: Shift) -> None:
        lot = _sutures(shift, goods, "S-20", 1500)
        shift.accept(lot)
        shift.pack(lot, 1500, samples=8)

    return story


def clean_for_second(goods: Goods) -> Story:
    """A clean batch that 周审 has reviewed: 陈批 or 吴经理 signs second."""

    def story(shift: Shift) -> None:
        lot = _sutures(shift, goods, "S-19", 2000)
        shift.accept(lot)
        shift.pack(lot, 2000)
        shift.sign(lot, "review", "release")

    return story


def with_exceptions(goods: Goods) -> Story:
    """Humidity above its limit, inspected twice: reviewed with a reason, waiting for the second signature."""

    def story(shift: Shift) -> None:
        lot = _stems(shift, goods, "H-04", 100, humidity=61)
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
        lot = _stems(shift, goods, "H-05", 60)
        shift.accept(lot)
        shift.pack(lot, 58)
        shift.hold(lot, "清洗机 W-03 记录缺一页, 待核实 / a page of the washer's record is missing")

    return story


def packing(goods: Goods) -> Story:
    """An inspected batch that waits to be packed."""

    def story(shift: Shift) -> None:
        shift.accept(_sutures(shift, goods, "S-21", 800))

    return story


def sutures_shipped(goods: Goods) -> Story:
    """A clean batch of sutures, released and partly at its customer."""

    def story(shift: Shift) -> None:
        lot = _sutures(shift, goods, "S-18", 1000)
        shift.accept(lot)
        shift.pack(lot, 1000, samples=8)
        shift.release(lot, "FG-A1")
        shift.ship(shift.number("SHP-14"), HOSPITAL, {lot: 300}, order_no="PO-7793", tracking_no="SD-88100236")

    return story


def damp(goods: Goods) -> Story:
    """Sutures that were wound in damp air: the deviation waits for its decision."""

    def story(shift: Shift) -> None:
        _sutures(shift, goods, "S-22", 1200, humidity=66)

    return story


def failed_boards(shift: Shift) -> None:
    """Main boards whose supply voltage is too high: nobody has decided yet what becomes of them."""
    lot, chips = shift.number("MB-02"), {CHIPS: 20}
    shift.order(lot, "PCBA-MAIN", 10, routings.MOUNTING, chips, document="SOP-AED", document_version="4")
    shift.operate(lot, 10, consumes=chips, produced=10)
    shift.measure(lot, wrong=True)
    shift.sign(lot, "inspect", "failed")


def shipped(goods: Goods) -> Story:
    """Cages of a traceable PEEK lot (P88-12), released, partly shipped, partly on a pallet."""

    def story(shift: Shift) -> None:
        lot = shift.number("C-02")
        method = _method(shift, "SOP-CAGE", "2", 5)
        shift.order(lot, goods.products["cage"], 40, routings.MACHINING, {ROD: 2}, **method)
        shift.operate(lot, 10, consumes={ROD: 2}, equipment=["M-07"])
        shift.operate(lot, 20, location="CR-2", equipment=["W-03"], environment=shift.air(lot, 20), scrapped=1)
        shift.irradiated(lot, shift.number(LOADS["C-02"]), 39)
        shift.accept(lot)
        shift.pack(lot, 39, samples=1)
        shift.release(lot, "FG-A1")
        shift.ship(shift.number("SHP-11"), ORTHOPAEDIC, {lot: 20}, order_no="PO-7781", tracking_no="SD-88100231")
        shift.ship(shift.number("SHP-12"), HOSPITAL, {lot: 8}, order_no="PO-7790", tracking_no="SD-88100232")
        shift.pack_unit(CASE, "case", "FG-A1", {"lot_no": lot, "quantity": 6})
        shift.pack_unit(PALLET, "pallet", "FG-A1", {"unit_no": CASE}, {"lot_no": lot, "quantity": 2})

    return story


def rejected(goods: Goods) -> Story:
    """Stems that failed their inspection and were rejected, with the nonconformance closed."""

    def story(shift: Shift) -> None:
        lot = _stems(shift, goods, "H-03", 30)
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
    """陈批 has taken the one with exceptions on: it stands under 「我的」."""
    task = shift.task(shift.number("H-04"), "approve")
    if task is not None and task["assignee"] is None:
        patiently(lambda: shift.office["chen.pi"].post(f"/tasks/{task['id']}/claim"))
