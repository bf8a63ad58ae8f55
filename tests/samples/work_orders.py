"""Sample contexts of the pages of work orders."""

from decimal import Decimal as Dec

from tests.samples.pages import (
    hours,
    ref,
    refusal,
)
from ui.frame.i18n import Language
from ui.frame.parts import (
    Amount,
    Draft,
    Fact,
    FormField,
    Option,
    Pager,
)
from ui.frame.render import Page
from ui.frame.status import mark
from ui.production import page as work_order


def work_orders(*, empty: bool = False) -> Page:
    row = work_order.WorkOrderRow(number="WO-2611-07", href="/work-orders/WO-2611-07", item="髋关节柄 12/14", item_code="HS-1214-TI", mark=mark("order", "in_process"), amount=Amount(value=Dec(500), unit="EA"), lot=ref("H-2611-04", "in_process"), done=2, operations=6, changed_at=hours(-2))  # fmt: skip
    return work_order.WorkOrdersPage(rows=() if empty else (row, row), pager=Pager(shown=2), can_create=True)


def work_order_new(_: Language) -> Page:
    fields = (
        FormField(key="item", label="产品", required=True, kind="lot"),
        FormField(key="quantity", label="数量", kind="quantity", unit="EA", required=True),
    )
    steps = (
        work_order.StepLine(
            seq="10",
            code="MACH",
            title_zh="机加工",
            title_en="Machining",
            qualification="machining",
            equipment_kind="machining_centre",
        ),
        work_order.StepLine(seq="二十", title_zh="清洗", environment=True, error="要填数字。"),
        work_order.StepLine(),
    )
    return work_order.NewWorkOrderPage(fields=fields, steps=steps, skills=("machining", "cleaning"), equipment_kinds=("washer",), refusal=refusal("OPR-001"), draft=Draft(key="wo"))  # fmt: skip


def work_order_page(*, refused: bool = False, blocked: bool = False) -> Page:
    people = tuple(
        Option(value=str(n), label=name, blocked="精车资质已过期" if n == 2 else "")
        for n, name in enumerate(("王操", "钱工", "郑工"))
    )
    machines = tuple(
        Option(value=str(n), label=name, blocked="校准过期 11-01" if n == 1 else "")
        for n, name in enumerate(("CNC-07", "CNC-08"))
    )
    lines = (
        work_order.LotLine(lot_no="R-88-12", quantity="6", uom="m"),
        work_order.LotLine(
            lot_no="R-88-13", quantity="2", error="批次 R-88-13 尚未放行（待检），不能投料。" if refused else ""
        ),
        work_order.LotLine(),
    )
    form = work_order.OperationForm(
        fields=(FormField(key="operation", label="工序", required=True, value="30 清洗"), FormField(key="method", label="作业文件", value="SOP-CL-003 v7")),
        people=FormField(key="people", label="人员", kind="choices", options=people, values=("0",), required=True),
        equipment=FormField(key="equipment", label="设备", kind="choices", options=machines),
        title="30 清洗",
        parameters=(work_order.ValueLine(name="水温", unit="°C", lower="55", upper="65", value="六十" if refused else "", error="要填数字。" if refused else ""), work_order.ValueLine()),
        environment=(work_order.ValueLine(name="湿度", unit="%", upper="60"), work_order.ValueLine()),
        produced=(FormField(key="produce_quantity", label="合格", kind="quantity", unit="EA"), FormField(key="scrap", label="报废", kind="quantity", unit="EA")),
        lines=lines,
    )  # fmt: skip
    operation = work_order.RecordedOperation(
        number="20", title="精车", at=hours(-20), people=("王操", "钱工"), equipment=("CNC-07", "G-17"), consumed=(ref("R-88-12", n="6", unit="rod"),), produced=(ref("H-2611-04", "in_process", n="500"),),
        parameters=(Fact(label="主轴", text="3,200 rpm"),), environment=(Fact(label="湿度", text="48 %"),), method="SOP-TU-001 v3",
    )  # fmt: skip
    return work_order.WorkOrderPage(
        number="WO-2611-07", mark=mark("order", "in_process"), item="髋关节柄 12/14", item_code="HS-1214-TI",
        facts=(Fact(label="数量", amount=Amount(value=Dec(500), unit="EA")), Fact(label="下达", moment=hours(-100))),
        operations=() if blocked else (operation,), form=None if blocked else form, refusal=refusal("LOT-002", 409) if refused else None, blocked=refusal("OPR-004") if blocked else None,
        draft=Draft(key="wo7"), command_key="k", lot=ref("H-2611-04", "in_process"), copy_href="/work-orders/new?like=WO-2611-07",
        plan=(work_order.PlannedStep(number="20", title="精车", mark=mark("step", "done")), work_order.PlannedStep(number="30", title="清洗", mark=mark("step", "next"), needs="cleaning · 环"), work_order.PlannedStep(number="40", title="钝化", mark=mark("step", "later"))),
        usable=(work_order.Usable(lot=ref("R-88-12", item="PEEK 棒料"), amount=Amount(value=Dec(6), unit="rod"), expiry="2031-10"),),
    )  # fmt: skip
