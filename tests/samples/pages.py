"""Sample contexts of every page: empty, full, refused, long text.  The gallery draws them, the tests check them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as Dec
from zoneinfo import ZoneInfo

from models.kernel.refusal import Refusal
from models.listing.rules import Asked
from models.lot.queries.list import LIST
from models.nonconformance.queries.figures import Figures, Rate
from models.release.rules.matrix import OpenPoints
from ui.failure import page as failure
from ui.frame.i18n import Language, Words
from ui.frame.listing import ListPart, part
from ui.frame.parts import (
    Amount,
    Deadline,
    Draft,
    Fact,
    FormField,
    Link,
    LotRef,
    Milestone,
    OpenItem,
    Option,
    Pager,
    SignatureLine,
    StockRow,
    TimelineEntry,
)
from ui.frame.render import Page, Person, Shell
from ui.frame.status import mark
from ui.inbox import page as inbox
from ui.lot.mark import lot_mark
from ui.lot.page import list as lots
from ui.lot.page import lot
from ui.nonconformance import page as quality
from ui.nonconformance.figures import part as figures_part
from ui.person.page import login, people
from ui.recall.page import list as recalls
from ui.resolve import page as search

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
DIGEST = "9f3a51c0d2b74e6688a1f0c3e5d79b2468ace013579bdf02468ace13579bdf02"
LONG_ZH = (
    "因来料批次的供应商在上月更换了挤出设备且未按协议提前通知, 本批需要补做全尺寸检验并由质量经理书面确认后才可继续流转"
    * 3
)
SCRIPT = "<script>alert('批')</script>"


def hours(n: float) -> datetime:
    return NOW + timedelta(hours=n)


def shell(language: Language, path: str = "/inbox", *, person: bool = True, drill: str = "", notice: str = "") -> Shell:
    who = Person(login="chen.pi", name="陈批", roles=("质量批准人",) if language == "zh" else ("QA approver",))
    return Shell(
        language=language,
        zone=ZoneInfo("Asia/Shanghai"),
        now=NOW,
        path=path,
        csrf="csrf-token",
        person=who if person else None,
        site="苏州一厂",
        drill=drill,
        notice=notice,
        search_text="",
    )


def refusal(code: str = "SIG-003", status: int = 403) -> Refusal:
    return Refusal(
        code,
        "21 CFR 11.10(g); ISO 13485 8.2.6",
        "您检验了本批, 不能批准它的放行。请由另一位质量批准人签名。",
        "You inspected this batch, so you can't approve its release. Another QA approver has to sign.",
        status,
    )


def ref(
    lot_no: str,
    status: str = "released",
    item: str = "髋关节柄 12/14",
    n: str | None = None,
    unit: str = "EA",
    *,
    held: bool = False,
    note: str = "",
) -> LotRef:
    amount = Amount(value=Dec(n), unit=unit) if n else None
    return LotRef(lot_no=lot_no, mark=lot_mark(status, held=held), item=item, amount=amount, note=note)


def _tasks(language: Language) -> tuple[inbox.TaskRow, ...]:
    zh = language == "zh"
    return (
        inbox.TaskRow(
            id="0197a1", subject_href="/lots/H-2611-04", process="放行" if zh else "Release", item="髋关节柄 12/14", subject="批" if zh else "Batch", subject_code="H-2611-04",
            href="/tasks/0197a1", mark=mark("task", "claimed"), deadline=Deadline(due=hours(-2)), opened_at=hours(-26),
            amount=Amount(value=Dec(480), unit="EA"), points=OpenPoints(2, 1, migrated=1, unjudged=1), first_signed_by="",
            why="流程「成品放行」v4 第 3 步" if zh else "Process “Release” v4, step 3",
            order_why="后果 高 × 逾期 2 小时" if zh else "consequence high × 2 h late", others=("周审", "吴经理"),
        ),
        inbox.TaskRow(
            id="0197a2", subject_href="/lots/H-2611-04", process="放行" if zh else "Release", item="缝合线 3-0", subject="批" if zh else "Batch", subject_code="S-2611-19",
            href="/tasks/0197a2", mark=mark("task", "open"), deadline=Deadline(due=hours(3.8)), opened_at=hours(-4),
            amount=Amount(value=Dec(2000), unit="EA"), points=OpenPoints(0, 0), second_for_me=True, first_signed_by="周审",
            why="流程「成品放行」v4 第 4 步" if zh else "Process “Release” v4, step 4", order_why="后果 高" if zh else "consequence high",
        ),
        inbox.TaskRow(
            id="0197a3", subject_href="/lots/H-2611-04", process="进料检验" if zh else "Incoming inspection", item="PEEK 棒料 Ø25 × 1000 mm 医用级", subject="供方批" if zh else "Supplier's lot",
            subject_code="P88-12", href="/tasks/0197a3", mark=mark("task", "open"), deadline=Deadline(due=hours(26)),
            opened_at=hours(-1), amount=Amount(value=Dec(6), unit="rod"), facts="AQL 0.65 n=3", can_claim=True,
            why="流程「进料检验」v1 第 1 步" if zh else "Process “Incoming inspection” v1, step 1", order_why="后果 中" if zh else "consequence medium",
        ),
        inbox.TaskRow(
            id="0197a4", subject_href="/lots/H-2611-04", process="偏差评审" if zh else "Deviation review", item=LONG_ZH[:60], subject="批" if zh else "Batch", subject_code="R-88-12",
            href="/tasks/0197a4", mark=mark("task", "open"), deadline=None, opened_at=hours(-90), facts=LONG_ZH[:50],
            why=LONG_ZH, order_why="后果 低" if zh else "consequence low", cannot="您参与了本批生产" if zh else "You worked on this batch",
        ),
    )  # fmt: skip


def inbox_full(language: Language) -> Page:
    return inbox.InboxPage(
        view="mine",
        counts={"mine": 7, "claimable": 12, "second": 3, "overdue": 1},
        rows=_tasks(language),
        pager=Pager(shown=4, next_href="/inbox?cursor=x"),
        list_href="/inbox?view=mine",
        processes=(Option(value="release", label="成品放行"), Option(value="incoming-inspection", label="进料检验")),
        items=(Option(value="H12", label="髋关节柄 12/14"),),
    )


def inbox_empty(_: Language) -> Page:
    counts: dict[inbox.View, int] = {"mine": 0, "claimable": 0, "second": 0, "overdue": 0}
    return inbox.InboxPage(view="mine", counts=counts, rows=(), pager=Pager(shown=0), list_href="/inbox?view=mine")


def login_demo(language: Language) -> Page:
    zh = language == "zh"
    demo = (("lin.jian", "林检", "检验员"), ("zhou.shen", "周审", "质量审核员"), ("chen.pi", "陈批", "质量批准人"), ("wu.jingli", "吴经理", "质量经理 · 质量批准人"), ("wang.cao", "王操", "操作员"), ("li.cang", "李仓", "仓管员"))  # fmt: skip
    people_rows = tuple(login.DemoPerson(login=a, name=b, roles=c if zh else "role") for a, b, c in demo)
    return login.LoginPage(demo=people_rows, demo_password="batchwright-demo")


def welcome_code(_: Language) -> Page:
    wrong = Refusal("AUTH-043", "21 CFR 11.300(d)", "一次性密码不正确、已用过或已过期。", "The one-time code is wrong, used or too old.", 403)  # fmt: skip
    return login.WelcomePage(login="chen.pi", refusal=wrong)


def welcome_own(_: Language) -> Page:
    return login.WelcomePage(login="chen.pi", code="ABCD-EFGH", name="陈批", typed_name="陈批", binding=True)


def half(_: Language) -> Page:
    return people.HalfPage(name="陈批", login="chen.pi", half="7QKM-2VXA-9TRD-HW3N", number=1, until=hours(20), back="/people/1")  # fmt: skip


def login_refused(_: Language) -> Page:
    sentence = Refusal("AUTH-001", "21 CFR 11.300(d)", "账号或密码不对。再错 3 次, 账户将被锁定。", "Account or password is wrong. After 3 more tries the account is locked.", 403)  # fmt: skip
    return login.LoginPage(login="chen.pi", refusal=sentence)


def lot_full(language: Language) -> Page:
    stones = (("来料", "done", -900, "李仓"), ("加工", "done", -700, "王操"), ("检验", "done", -300, "林检"), ("包装", "done", -120, "王操"), ("放行", "current", None, "陈批"), ("入库", "todo", None, ""), ("出货", "todo", None, ""), ("售后", "todo", None, ""))  # fmt: skip
    return lot.LotPage(
        lot=ref("H-2611-04", "packed", held=True),
        item_code="HS-1214-TI",
        facts=(
            Fact(label="数量", amount=Amount(value=Dec(480), unit="EA")),
            Fact(label="有效期", text="2031-10"),
            Fact(label="生产订单", text="WO-2611-07", href="/work-orders/WO-2611-07", code=True),
            Fact(label="UDI-DI", text="06901234567892", code=True),
            Fact(label="生产日期", day=NOW),
        ),
        milestones=tuple(Milestone(label=a, state=b, at=hours(c) if c else None, who=d) for a, b, c, d in stones),  # type: ignore[arg-type]  # literals from a table
        stock=(
            StockRow(location="成品待检区 A-03", amount=Amount(value=Dec(472), unit="EA"), reserved=Dec(0)),
            StockRow(location="留样室", amount=Amount(value=Dec(8), unit="EA"), note="留样 8 件"),
        ),
        stock_total=Amount(value=Dec(480), unit="EA"),
        holds=(lot.HoldRow(number="HD-26-014", reason="湿度超限", who="吴经理", at=hours(-5), whose=Words(language)("lot.hold_of_quality")),),
        open_items=(OpenItem(kind="CAPA", number="CAPA-26-031", text="棒料表面划伤", lot_no="R-88-12", depth=3),),
        tasks=(lot.OpenTask(title="批准放行", href="/tasks/1", who="陈批", mark=mark("task", "claimed"), deadline=Deadline(due=hours(4))),),
        timeline=(
            TimelineEntry(at=hours(-900), who="李仓", what="收货", detail="供方批 P88-12, 6 根"),
            TimelineEntry(at=hours(-700), who="王操", what="工序 20 精车", href="/work-orders/WO-2611-07", detail="设备 CNC-07, 主轴 3,200 rpm"),
            TimelineEntry(at=hours(-300), who="林检", what="成品检验", mark=mark("verdict", "pass"), detail="42 项"),
            TimelineEntry(at=hours(-5), who="吴经理", what="冻结", mark=lot_mark("packed", held=True), detail=LONG_ZH),
        ),
        parents=(ref("R-88-12", "released", "PEEK 棒料", "6", "rod"), ref("P-2610-77", "released", "髋柄锻件", "500")),
        children=(),
        inspections=(lot.LotInspection(title="成品检验", href="/tasks/9", mark=mark("verdict", "pass"), who="林检", at=hours(-300)),),
        signatures=(SignatureLine(who="周审", role="质量审核员", at=hours(-5), meaning="本人已审核批记录", digest=DIGEST),),
        shipments=(lot.ShipmentRef(lot_no="SH-2611-03", href="/shipments/SH-2611-03", item="上海六院", mark=mark("shipment", "in_transit"), amount=Amount(value=Dec(40), unit="EA")),),
        links=(Link(label="标签", href="/lots/H-2611-04/labels"),),
        trace_back_href="/trace/H-2611-04?direction=backward",
        trace_forward_href="/trace/H-2611-04?direction=forward",
        audit_href="/lots/H-2611-04/audit",
    )  # fmt: skip


def lot_bare(_: Language) -> Page:
    stones = tuple(Milestone(label=label, state="todo") for label in ("来料", "检验", "放行", "入库"))
    return lot.LotPage(
        lot=ref("批/" + SCRIPT, "received", "新物料"), item_code="X", facts=(), milestones=stones, stock=(),
        stock_total=Amount(value=Dec(0), unit="EA"), holds=(), open_items=(), tasks=(), timeline=(), parents=(), children=(),
        trace_back_href="/trace/x", trace_forward_href="/trace/x", audit_href="/lots/x/audit",
    )  # fmt: skip


def lots_list(words: Words, shown: int, cursor: str = "", following: str | None = None) -> ListPart:
    """What is drawn around the rows."""
    return part(words, LIST, Asked({"q": "H-26"}), "/lots", {}, shown=shown, cursor=cursor, following=following)


def lots_full(language: Language) -> Page:
    words = Words(language)
    states = ("received", "in_process", "finished", "inspected", "packed", "released", "rejected", "closed")
    rows = [
        lots.LotRow(
            lot=ref(f"H-2611-{n:02}", state, held=n == 3), item_code="HS-1214-TI", kind="finished" if n % 2 else "raw",
            amount=Amount(value=Dec(f"{1284 * n}.50"), unit="EA" if n % 2 else "KG"), expiry="2031-10" if n % 2 else "2031-10-31",
            supplier_lot=f"P88-{n}", changed_at=hours(-n),
        )
        for n, state in enumerate(states, 1)
    ]  # fmt: skip
    return lots.LotsPage(
        rows=tuple(rows), list=lots_list(words, 8, "x", "y"), q="H-26", can_receive=True,
        statuses=tuple(Option(value=state, label=words(f"status.lot_{state}")) for state in states), kinds=(Option(value="raw", label="原料"),),
    )  # fmt: skip


def lots_empty(language: Language) -> Page:
    return lots.LotsPage(rows=(), list=lots_list(Words(language), 0), q="不存在", can_receive=False)


def receive_fields(error: str = "") -> tuple[FormField, ...]:
    many = tuple(Option(value=str(n), label=f"物料 {n}") for n in range(8))
    return (
        FormField(key="item", label="物料", kind="choice", required=True, options=many, value="3"),
        FormField(key="supplier", label="供应商", kind="choice", options=many),
        FormField(key="supplier_lot", label="供方批号", value="P88-12", required=True, kind="lot"),
        FormField(key="quantity", label="数量", kind="quantity", unit="rod", value="6.5.1" if error else "6", required=True, error=error),
        FormField(key="expiry", label="有效期", kind="month", value="2031-10", help="日或月, 按标签所印"),
        FormField(key="coa", label="有合格证", kind="boolean", value="true", required=True),
        FormField(key="remark", label="备注", kind="long_text", value=LONG_ZH if error else ""),
    )  # fmt: skip


def receive_refused(_: Language) -> Page:
    bad = Refusal("PRC-004", "21 CFR 11.10(f)", "表单有 1 处需要更正: 「数量」要填数字, 例如 12.5。", "1 answer of the form needs correcting.", 422)  # fmt: skip
    return lots.ReceivePage(
        fields=receive_fields("「数量」要填数字, 例如 12.5。"),
        refusal=bad,
        draft=Draft(key="receive"),
        command_key="k1",
    )


def receive_new(_: Language) -> Page:
    return lots.ReceivePage(fields=receive_fields(), draft=Draft(key="receive"), command_key="k1")


def search_several(_: Language) -> Page:
    return search.SearchPage(
        text="P88-12",
        parsed=(Fact(label="(01) UDI-DI", text="06901234567892", code=True), Fact(label="(10) 批号", text="H-2611-04", code=True), Fact(label="(17) 有效期", text="2031-10-31")),
        invalid=("GTIN 校验位应为 2, 扫到的是 3",),
        hits=(
            search.Hit(kind="supplier_lot", code="P88-12", href="/lots/R-88-12", title="PEEK 棒料 · 供方甲", by="供方批号", mark=lot_mark("released")),
            search.Hit(kind="lot", code="P88-12", href="/lots/P88-12", title="髋关节柄 12/14", by="批号", mark=lot_mark("received", held=True)),
            search.Hit(kind="serial_unit", code="P88-12-0007", href="/lots/x", title="序列号", by="序列号"),
        ),
        more=True,
    )  # fmt: skip


def search_similar(_: Language) -> Page:
    """Nothing bears exactly this number: what looks like it is offered and never opened by itself."""
    return search.SearchPage(
        text="AB O643",
        guessed=True,
        hits=(search.Hit(kind="lot", code="AB0643", href="/lots/AB0643", title="髋关节柄 12/14", by="批号", mark=lot_mark("released")),),
    )  # fmt: skip


def search_nothing(_: Language) -> Page:
    return search.SearchPage(text="🦴" * 40 + SCRIPT + "长" * 300)


def people_full(_: Language) -> Page:
    return people.PeoplePage(
        people=(
            people.PersonRow(login="chen.pi", name="陈批", roles=("质量批准人",), active=True, last_seen=hours(-1)),
            people.PersonRow(login="wang.cao", name="王操", roles=("操作员",), active=True, locked=True, qualifications=("精车", "清洗", "灭菌装载")),
            people.PersonRow(login="gone", name="前同事", roles=(), active=False),
        ),
        roles=(
            people.RoleRow(title="质量批准人", permissions=("签署放行", "冻结", "解除冻结"), people=("陈批", "吴经理"), quality=True),
            people.RoleRow(title="系统管理员", permissions=("账户",), people=()),
        ),
    )  # fmt: skip


def person_full(_: Language) -> Page:
    one = FormField(
        key="role", label="角色", kind="choice", options=(Option(value="inspector", label="检验员"),), required=True
    )
    ways = (
        Option(value="mail", label="寄到本人邮箱", blocked="未配置邮件服务器"),
        Option(value="hands", label="由两人各交一半"),
    )
    secret = FormField(key="way", label="一次性密码如何到本人手中", kind="choice", options=ways, required=True)
    why = FormField(key="reason", label="理由", required=True)
    return people.PersonPage(
        name="王操", active=True, email="wang.cao@example.test", site="SZ",
        roles=(people.HeldRole(title="操作员"),),
        skills=(people.HeldSkill(title="机加工", document="SOP-machining v3", valid_from=hours(-900), valid_until=hours(-9), holds=False),),
        accounts=(people.AccountRow(login="wang.cao", locked_at=hours(-1), disabled=False, must_change=False, last_seen=hours(-2), certified_at=hours(-99), code="一次性密码待交付, 已领取 1/2"),),
        forms=(
            people.PersonForm(key="grant", title="授予角色", action="/people/1/grant", fields=(one,), button="授予", refusal=refusal("AUTH-014", 409)),
            people.PersonForm(key="reset-wang.cao", title="重置密码", action="/people/1/accounts/wang.cao/reset", fields=(secret, why), button="重置"),
        ),
        command_key="k",
    )  # fmt: skip


def absences_full(_: Language) -> Page:
    row = people.AbsenceRow(who="陈批", deputy="吴经理", starts_at=hours(-9), ends_at=hours(90), reason="年假", in_force=True, end_href="/absences/1/end")  # fmt: skip
    fields = (FormField(key="ends_at", label="到", kind="datetime", required=True),)
    return people.AbsencesPage(rows=(row,), fields=fields, refusal=refusal("AUTH-018", 422), command_key="k")


def quality_full(language: Language) -> Page:
    task = quality.QualityTask(title="批准放行", href="/tasks/1", lot=ref("H-2611-04", "packed"), mark=mark("task", "claimed"), who="陈批", deadline=Deadline(due=hours(-30)))  # fmt: skip
    hold = quality.OpenHold(number="HD-26-014", lot=ref("H-2611-04", "packed", held=True), reason="湿度超限", who="吴经理", at=hours(-5))  # fmt: skip
    wrong = quality.Nonconformance(
        number="NC-H-2611-04-1",
        lot=ref("H-2611-04", "finished"),
        title="FQC-H-2611-04-1",
        who="",
        at=hours(-6),
        severity=mark("severity", "major"),
        deadline=Deadline(due=hours(20)),
    )
    bad = quality.FailedInspection(
        number="FQC-H-2611-04-1", lot=ref("H-2611-04", "finished"), what="关键尺寸", who="林检", at=hours(-6)
    )
    counted = Figures(
        open=7,
        ages={"week": 4, "older": 3},
        severities={"critical": 1, "major": 6},
        owners=(("陈批", 5), ("", 2)),
        on_time=Rate(n=17, of=23),
        first_pass=Rate(n=118, of=121),
        since=date(2026, 9, 3),
    )
    return quality.QualityPage(figures=figures_part(Words(language), counted), releases=(task,), inspections=(), holds=(hold,), nonconformances=(wrong,), failed=(bad,), holds_total=70)  # fmt: skip


def recalls_empty(_: Language) -> Page:
    return recalls.RecallsPage()


def failed(status: int, *, explained: bool = False) -> Callable[[Language], Page]:
    def make(_: Language) -> Page:
        return failure.FailurePage(
            status=status,
            refusal=refusal(status=status) if explained else None,
            reference="7f3c-21" if status == 500 else "",
            back=Link(label="H-2611-04", href="/lots/H-2611-04"),
        )

    return make
