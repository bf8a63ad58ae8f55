"""Sample contexts of the pages where people work: task, release, inspection, production, shipment, trace, processes."""

from decimal import Decimal as Dec

from markupsafe import Markup

from models.definition.document import digest
from models.definition.words import sentence
from models.kernel.refusal import Refusal
from models.lot.rules.lot import NOT_ENOUGH
from models.release.rules.matrix import OpenPoints
from tests.samples import band as samples_band
from tests.samples import exposure as samples_exposure
from tests.samples import operation as samples_operation
from tests.samples import packing as samples_packing
from tests.samples import plant as samples_plant
from tests.samples import recall as samples_recall
from tests.samples import recall_follow as samples_recall_follow
from tests.samples import reshape as samples_reshape
from tests.samples import subject as samples_subject
from tests.samples import trace as samples_trace
from tests.samples.pages import (
    DIGEST,
    LONG_ZH,
    absences_full,
    failed,
    half,
    hours,
    inbox_empty,
    inbox_full,
    login_demo,
    login_refused,
    lot_bare,
    lot_full,
    lots_empty,
    lots_full,
    people_full,
    person_full,
    quality_full,
    recalls_empty,
    receive_new,
    receive_refused,
    ref,
    refusal,
    search_nothing,
    search_several,
    search_similar,
    welcome_code,
    welcome_own,
)
from tests.samples.work_orders import work_order_new, work_order_page, work_orders
from tests.support.definitions import shipped
from ui.audit import page as audit
from ui.definition import page as definition
from ui.definition.picture import picture
from ui.frame.first_rows import Cut
from ui.frame.i18n import Language
from ui.frame.parts import (
    Amount,
    Balance,
    Cell,
    Deadline,
    Draft,
    EvidenceLine,
    Fact,
    FormField,
    Link,
    Matrix,
    MatrixRow,
    OpenItem,
    Option,
    Pager,
    RaisedException,
    SignatureLine,
    SignaturePanel,
    TimelineEntry,
)
from ui.frame.render import Page
from ui.frame.status import mark
from ui.frame.words.units import in_words
from ui.inspection import page as inspection
from ui.production import page as work_order
from ui.release import page as release
from ui.shipment import page as shipment
from ui.task import page as task
from ui.trace import page as trace

FIRST = SignatureLine(who="周审", role="质量审核员", at=hours(-5), meaning="本人已审核批记录", digest=DIGEST)


def head(title: str = "批准放行", process: str = "成品放行 v4") -> task.TaskHead:
    return task.TaskHead(
        id="0197a1", title=title, process=process, why="流程「成品放行」v4 第 3 步, 审核后由另一位批准", mark=mark("task", "claimed"),
        lot=ref("H-2611-04", "packed"), deadline=Deadline(due=hours(3.8)), assignee="陈批", law="ISO 13485 8.2.6; 21 CFR 11.50",
        can_release=True, delegates=(Option(value="wu.jingli", label="吴经理"), Option(value="lin.jian", label="林检", blocked="检验了本批")),
    )  # fmt: skip


def decision(value: str = "") -> FormField:
    return FormField(
        key="outcome", label="决定", kind="choice", required=True, value=value,
        options=(Option(value="release", label="放行"), Option(value="hold", label="冻结"), Option(value="rework", label="返工"), Option(value="reject", label="拒收"), Option(value="review_again", label="退回重新审核")),
    )  # fmt: skip


def reason(value: str = "", error: str = "") -> FormField:
    return FormField(key="reason", label="理由", kind="long_text", help="有例外时必填", value=value, error=error)


def matrix(*, clean: bool = False) -> Matrix:
    ok = Cell(state="passed", lines=(EvidenceLine(text="王操 精车资质有效至", value="2027-03-01", href="/people"),))
    warn = (
        ok
        if clean
        else Cell(
            state="exception",
            lines=(EvidenceLine(text="检具 G-17 校准到期", value="2 天后", limit="> 7 天", href="/equipment/G-17"),),
        )
    )
    na = Cell(state="na")
    unjudged = ok if clean else Cell(state="unjudged", lines=(EvidenceLine(text="转速 3200 rpm（没有限值，未判定）"),))
    elsewhere = (
        ok if clean else Cell(state="migrated", lines=(EvidenceLine(text="IV-0001 由 InvenTree 迁入，未在此检查"),))
    )
    unknown = ok if clean else Cell(state="unchecked", lines=(EvidenceLine(text="没有灭菌温度记录"),))
    return Matrix(
        stages=("来料", "加工", "清洗", "灭菌", "检验", "包装", "标签"),
        rows=(
            MatrixRow(key="man", cells=(ok,) * 7),
            MatrixRow(key="machine", cells=(ok, warn, ok, ok, ok, ok, ok)),
            MatrixRow(key="material", cells=(elsewhere, ok, na, na, na, ok, ok)),
            MatrixRow(key="method", cells=(ok, unjudged, *(ok,) * 5)),
            MatrixRow(key="environment", cells=(na, ok, warn, unknown, ok, ok, na)),
        ),
    )  # fmt: skip


def release_page(*, clean: bool, refused: bool = False, blocked: bool = False, done: bool = False) -> Page:
    exceptions = (
        RaisedException(key="machine", line=EvidenceLine(text="检具 G-17 校准到期", value="2 天后", limit="> 7 天", href="/equipment/G-17", rule="EVD-012")),
        RaisedException(key="material", depth=3, blocking=True, line=EvidenceLine(text="上游批 R-88-12 有未关闭", value="CAPA-26-031", href="/lots/R-88-12", rule="EVD-034")),
        RaisedException(key="environment", line=EvidenceLine(text="洁净间 2 11-19 14:00–14:20 湿度", value="61 %", limit="60 %", href="/e/1", rule="EVD-021")),
        RaisedException(key="material", migrated=True, lots=tuple((f"IV-{n:04}", f"/lots/IV-{n:04}") for n in range(40)), line=EvidenceLine(text="IV-0000、IV-0001、IV-0002 等 40 批 由 InvenTree 迁入（2026-11-02 导入），没有检验证据，未在此检查", value="40", rule="EV-MATERIAL-13")),
    )  # fmt: skip
    return release.ReleasePage(
        head=head(),
        amount=Amount(value=Dec(480), unit="EA"),
        expiry="2031-10",
        exceptions=() if clean else exceptions,
        points=OpenPoints(0, 0) if clean else OpenPoints(3, 1, migrated=1, unjudged=1),
        matrix=matrix(clean=clean),
        open_items=() if clean else (OpenItem(kind="CAPA", number="CAPA-26-031", text="棒料表面划伤", lot_no="R-88-12", depth=3, href="/lots/R-88-12"),),
        ancestors=37,
        balances=(
            Balance(label="物料", total=Dec(500), parts=(("放行", Dec(480)), ("报废", Dec(12)), ("留样", Dec(8))), unit="EA"),
            Balance(label="标签", total=Dec(500), parts=(("已用", Dec(480)), ("销毁", Dec(20 if clean else 17))), unit="EA"),
        ),
        inspections=(release.InspectionSummary(title="成品检验", passed=42, failed=0, not_entered=0, who="林检", at=hours(-30), href="/tasks/9"),),
        timeline=(TimelineEntry(at=hours(-300), who="林检", what="成品检验"),),
        parents=(ref("R-88-12", "released", "PEEK 棒料", "6", "rod"),),
        more=(release.Counted(label="审计追踪", n=128, href="/lots/H-2611-04/audit"),),
        decision=decision("release" if refused else ""),
        reason=reason(LONG_ZH if refused else ""),
        signature=SignaturePanel(
            meaning="本人批准放行", digest=DIGEST, signed=(FIRST,), blocked=refusal() if blocked else None, attempts_left=3 if refused else None
        ),
        work_order="WO-2611-07",
        work_order_href="/work-orders/WO-2611-07",
        refusal=Refusal("AUTH-004", "21 CFR 11.200(a)", "密码不对, 没有签名。您填写的内容都还在。", "The password is wrong; nothing was signed. What you filled in is still here.", 403) if refused else None,
        draft=Draft(key="task-0197a1", save_href="/tasks/0197a1/draft", saved_at=hours(-0.1)),
        command_key="k2",
        done=done,
        signatures=(FIRST, SignatureLine(who="陈批", role="质量批准人", at=hours(0), meaning="本人批准放行", digest=DIGEST)) if done else (),
    )  # fmt: skip


def every_field(*, refused: bool) -> tuple[FormField, ...]:
    few = (
        Option(value="a", label="首件", hint="换型后的第一件"),
        Option(value="b", label="巡检"),
        Option(value="c", label="末件", blocked="未到末件"),
    )
    return (
        FormField(key="t", label="设备编号", required=True, value="CNC-07"),
        FormField(key="i", label="件数", kind="integer", minimum="1", maximum="500", value="480"),
        FormField(key="d", label="湿度", kind="decimal", unit="%", maximum="60", value="61" if refused else "", error="「湿度」不能大于 60。" if refused else ""),
        FormField(key="q", label="投料", kind="quantity", unit="KG"),
        FormField(key="b", label="首件已确认", kind="boolean", required=True),
        FormField(key="c", label="检查类型", kind="choice", options=few, value="b"),
        FormField(key="day", label="日期", kind="date", value="2026-11-21"),
        FormField(key="mon", label="有效期", kind="month", value="2031-10"),
        FormField(key="lot", label="批次", kind="lot"),
        FormField(key="many", label="班组", kind="choices", options=few, values=("a",)),
        FormField(key="long", label="说明", kind="long_text", value=LONG_ZH if refused else ""),
    )  # fmt: skip


def task_form(_: Language) -> Page:
    return task.TaskPage(
        head=head("首件确认", "批次流程 v1"),
        fields=every_field(refused=False),
        outcomes=decision(),
        draft=Draft(key="t1"),
        command_key="k",
    )


def task_refused(_: Language) -> Page:
    return task.TaskPage(
        head=head(LONG_ZH[:70], "批次流程 v1"), facts=(Fact(label="工序", text="20 精车"),), fields=every_field(refused=True), outcomes=decision("hold"), reason=reason("湿度超限", "理由太短"),
        signature=SignaturePanel(meaning="本人完成了首件确认", digest=DIGEST), refusal=refusal(), draft=Draft(key="t1"), command_key="k",
    )  # fmt: skip


def task_blocked(_: Language) -> Page:
    return task.TaskPage(head=head("首件确认", "批次流程 v1"), blocked=refusal("TASK-002"))


def task_done(_: Language) -> Page:
    answers = (Fact(label="湿度", text="48 %"), Fact(label="首件已确认", text="是"))
    return task.TaskPage(head=head("首件确认", "批次流程 v1"), done=True, answers=answers, signatures=(FIRST,))


def inspection_page(*, refused: bool = False, done: bool = False) -> Page:
    looks = (Option(value="pass", label="合格"), Option(value="fail", label="不合格"))
    return inspection.InspectionPage(
        head=head("进料检验", "进料检验 v1"),
        facts=(Fact(label="供应商", text="供方甲"), Fact(label="供方批号", text="P88-12", code=True), Fact(label="数量", amount=Amount(value=Dec(6), unit="rod"))),
        sampling="GB/T 2828.1 · AQL 0.65 · 一般检验水平 II · 正常检验 · n = 5, Ac 0, Re 1",
        rows=(
            inspection.CharacteristicRow(key="dia", title="直径", method="千分尺 SOP-QC-011", nominal="25.00", lower="24.95", upper="25.05", unit="mm", samples=5, values=("25.01", "24.99", "25.08" if refused else "25.00"), verdict="fail" if refused else "partial", equipment="MIC-04"),
            inspection.CharacteristicRow(key="len", title="长度", lower="1000", unit="mm", samples=3, values=("1001", "1002", "1000"), verdict="pass"),
            inspection.CharacteristicRow(key="ra", title="表面粗糙度 Ra", upper="0.8", unit="µm", samples=8, accept=1),
            inspection.CharacteristicRow(key="look", title="外观", method="目视, 无划伤、无气泡", samples=5, options=looks, values=("pass", "pass"), verdict="partial", error="还有 3 个样本未判定" if refused else ""),
        ),
        outcomes=FormField(key="outcome", label="结论", kind="choice", required=True, options=(Option(value="accept", label="合格"), Option(value="reject", label="不合格"))),
        reason=reason(),
        signature=SignaturePanel(meaning="本人完成了检验", digest=DIGEST),
        refusal=Refusal("INS-003", "ISO 13485 8.2.6", "还有 3 个样本没有结果, 不能完成。可以先保存。", "3 samples have no result yet, so it can't be completed. You can save it for later.", 422) if refused else None,
        draft=Draft(key="t2", save_href="/tasks/0197a1/draft"),
        command_key="k",
        done=done,
        signatures=(FIRST,) if done else (),
    )  # fmt: skip


def shipments(_: Language) -> Page:
    row = shipment.ShipmentRow(number="SH-2611-03", href="/shipments/SH-2611-03", customer="上海市第六人民医院", mark=mark("shipment", "in_transit"), lots=2, at=hours(-8))  # fmt: skip
    return shipment.ShipmentsPage(rows=(row,), pager=Pager(shown=1), can_ship=True)


def shipment_new(language: Language, *, refused: bool) -> Page:
    fields = (
        FormField(
            key="customer",
            label="客户",
            kind="choice",
            required=True,
            options=tuple(Option(value=str(n), label=f"医院 {n}") for n in range(9)),
        ),
        FormField(key="reference", label="客户订单号"),
    )
    said = NOT_ENOUGH(lot="H-2611-04", where_zh="成品库", where_en="at 成品库", there="472", wanted="9999", uom="EA")
    short = in_words(said)
    lines = (
        (work_order.LotLine(lot_no="H-2611-04", quantity="9,999", error=short.sentence(language)),)
        if refused
        else (work_order.LotLine(),)
    )
    stock = (
        shipment.Shippable(
            lot=ref("H-2610-01"), location="成品库 B-01", amount=Amount(value=Dec(120), unit="EA"), expiry="2031-09"
        ),
    )
    return shipment.NewShipmentPage(
        fields=fields,
        lines=lines,
        shippable=stock if refused else (),
        refusal=short if refused else None,
        draft=Draft(key="ship"),
        command_key="k",
    )


def shipment_page(_: Language) -> Page:
    line = shipment.ShippedLine(
        lot=ref("H-2610-01"),
        shipped=Amount(value=Dec(40), unit="EA"),
        returned=Amount(value=Dec(0), unit="EA"),
        serials=40,
    )
    return shipment.ShipmentPage(number="SH-2611-03", customer="上海市第六人民医院", mark=mark("shipment", "in_transit"), facts=(Fact(label="发货时间", moment=hours(-8)),), lines=(line,), timeline=(TimelineEntry(at=hours(-8), who="李仓", what="发货"),))  # fmt: skip


def trace_page(*, complete: bool) -> Page:
    gaps = (
        ()
        if complete
        else (EvidenceLine(text="工序 20 投料没有批号", value="WO-2611-07", href="/work-orders/WO-2611-07"),)
    )
    off = () if complete else (EvidenceLine(text="批 H-2610-09", value="差 3 件", limit="0", href="/lots/H-2610-09"),)
    out = trace.TracedCustomer(customer="上海市第六人民医院", contact="设备科 021-5555", lot=ref("H-2610-01"), shipment=Link(label="SH-2611-03", href="/shipments/SH-2611-03"), shipped=Amount(value=Dec(40), unit="EA"), returned=Amount(value=Dec(2), unit="EA"), outstanding=Amount(value=Dec(38), unit="EA"))  # fmt: skip
    rows = (
        trace.TracedLot(lot=ref("R-88-12", item="PEEK 棒料"), level=0, supplier_lot="P88-12", supplier="供方甲", in_house=Amount(value=Dec(0), unit="rod")),
        trace.TracedLot(lot=ref("H-2611-04", "packed", held=True), level=1, in_house=Amount(value=Dec(480), unit="EA")),
        trace.TracedLot(lot=ref("H-2610-01"), level=2),
    )  # fmt: skip
    return trace.TracePage(
        identifier="P88-12", title="供方批 (PEEK 棒料, 供方甲)", direction="forward", digest=DIGEST, lots=1284, edges=1902, customers=87, in_house_lots=212, held_lots=0, shipments_in_transit=3,
        totals=(trace.ShippedTotal(shipped=Amount(value=Dec(18420), unit="EA"), returned=Amount(value=Dec(40), unit="EA"), outstanding=Amount(value=Dec(18380), unit="EA")),),
        gaps=trace.Findings(lines=gaps, all=len(gaps)), imbalances=trace.Findings(lines=off, all=len(off)), rows=rows, shipped=(out,), cuts={"customers": Cut(shown=1, total=87, more_href="?show=customers#customers"), "lots": Cut(shown=3, total=1284, more_href="?show=lots#lots")}, as_of=None if complete else hours(-24),
        direction_hrefs=(("forward", "?direction=forward"), ("backward", "?direction=backward"), ("both", "?direction=both")), exports=(Link(label="CSV", href="?csv"), Link(label="JSON", href="?json")),
    )  # fmt: skip


def trace_begun(_: Language) -> Page:
    return trace.TraceBegunPage(
        identifier="HIP-12",
        title="物料 · 髋臼杯",
        reach=100_000,
        start=100_000,
        rows=tuple(ref(f"H-2611-{n:02}") for n in range(1, 21)),
        whole_href="/trace/HIP-12?direction=both&whole=1",
        exports=(Link(label="CSV", href="?csv"), Link(label="JSON", href="?json")),
    )


def trace_start(_: Language) -> Page:
    return trace.TraceStartPage(
        text="不存在",
        refusal=Refusal("ID-001", "DESIGN 2.5", "没有找到「不存在」。", "Nothing is called “不存在”.", 404),
    )


def definitions(_: Language) -> Page:
    row = definition.DefinitionRow(key="release", version=4, title="成品放行", href="/definitions/release/versions/4", mark=mark("definition", "effective"), steps=5, running=12, digest=DIGEST, effective_at=hours(-2000))  # fmt: skip
    return definition.DefinitionsPage(rows=(row,))


def definition_page(language: Language) -> Page:
    """The shipped release process, read as the page reads it."""
    read = shipped("release")
    return definition.DefinitionPage(
        title=read.title.say(language),
        description=read.description.say(language),
        version=read.version,
        mark=mark("definition", "effective"),
        digest=digest(read),
        facts=(Fact(label="运行中", text="12"),),
        steps=tuple(
            definition.StepSentence(
                key=stage.key,
                sentence=sentence(stage, language, read),
                details=tuple(outcome.title.say(language) for outcome in stage.outcomes),
                law=stage.law or "",
            )
            for stage in read.stages
        ),
        picture=Markup(picture(read, language)),  # noqa: S704 - our own drawing, its texts are escaped
        findings=(definition.Finding(code="DEF-031", text="角色没有人", step="review", title="审核批记录"),),
        signatures=(FIRST,),
        triggers=("检验不合格 → 启动「不合格」",),
        versions=(Link(label="v3", href="/definitions/release/versions/3"),),
    )


def audit_page(*, empty: bool = False) -> Page:
    rows = (
        audit.AuditRow(seq=1842, at=hours(-5), who="吴经理", source="页面", operation="insert", record="冻结 HD-26-014", changes=(audit.Change(column="reason", before="", after="湿度超限"),), reason=LONG_ZH[:60], leaf=DIGEST),
        audit.AuditRow(seq=1790, at=hours(-30), who="林检", source="流程 release/H-2611-04/1", operation="update", record="批次 H-2611-04", changes=(audit.Change(column="status", before="finished", after="inspected"), audit.Change(column="note", before="x", after=""))),
    )  # fmt: skip
    return audit.AuditPage(
        subject="H-2611-04", rows=() if empty else rows, pager=Pager(shown=2), lot=ref("H-2611-04", "packed")
    )


PAGES = {
    "login-demo": login_demo,
    "login-refused": login_refused,
    "welcome-code": welcome_code,
    "welcome-own": welcome_own,
    "inbox-full": inbox_full,
    "inbox-empty": inbox_empty,
    "task-form": task_form,
    "task-refused": task_refused,
    "task-blocked": task_blocked,
    "task-done": task_done,
    "release-exceptions": lambda _: release_page(clean=False),
    "release-clean": lambda _: release_page(clean=True),
    "release-refused": lambda _: release_page(clean=False, refused=True),
    "release-blocked": lambda _: release_page(clean=True, blocked=True),
    "release-done": lambda _: release_page(clean=True, done=True),
    "inspection-entry": lambda _: inspection_page(),
    "inspection-refused": lambda _: inspection_page(refused=True),
    "inspection-done": lambda _: inspection_page(done=True),
    "lot-full": lot_full,
    "lot-bare": lot_bare,
    "lots-full": lots_full,
    "lots-empty": lots_empty,
    "receive-new": receive_new,
    "receive-refused": receive_refused,
    "work-orders": lambda _: work_orders(),
    "work-orders-empty": lambda _: work_orders(empty=True),
    "work-order-new": work_order_new,
    "work-order": lambda _: work_order_page(),
    "work-order-refused": lambda _: work_order_page(refused=True),
    "work-order-blocked": lambda _: work_order_page(blocked=True),
    "shipments": shipments,
    "shipment-new": lambda language: shipment_new(language, refused=False),
    "shipment-refused": lambda language: shipment_new(language, refused=True),
    "shipment": shipment_page,
    "search-several": search_several,
    "search-similar": search_similar,
    "search-nothing": search_nothing,
    "trace-start": trace_start,
    "trace-begun": trace_begun,
    "trace-complete": lambda _: trace_page(complete=True),
    "trace-gaps": lambda _: trace_page(complete=False),
    **samples_subject.PAGES,
    **samples_trace.PAGES,
    "definitions": definitions,
    "definition": definition_page,
    "audit": lambda _: audit_page(),
    "audit-empty": lambda _: audit_page(empty=True),
    "people": people_full,
    "person": person_full,
    "half": half,
    "absences": absences_full,
    "quality": quality_full,
    "recalls-empty": recalls_empty,
    **samples_band.pages(
        lambda: task_form("zh"), work_order_page, lambda language: shipment_new(language, refused=True)
    ),
    **samples_exposure.PAGES | samples_operation.PAGES | samples_packing.PAGES | samples_plant.PAGES,
    **samples_recall.PAGES,
    **samples_recall_follow.PAGES,
    **samples_reshape.PAGES,
    "failure-403": failed(403, explained=True),
    "failure-404": failed(404),
    "failure-409": failed(409),
    "failure-422": failed(422),
    "failure-500": failed(500),
}
