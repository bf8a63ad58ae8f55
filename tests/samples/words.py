"""English for what the samples say in Chinese where a real page would speak the reader's language.

Names of people, customers, items and what somebody typed are data and stay as they are, on real pages too.
"""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from ui.frame.i18n import Language

Said = TypeVar("Said")

ENGLISH = {
    # steps and processes
    "批准放行": "Approve the release", "成品放行 v4": "Release v4", "成品放行": "Release", "进料检验": "Incoming inspection",
    "进料检验 v1": "Incoming inspection v1", "首件确认": "First article check", "批次流程 v1": "Life of a batch v1",
    "流程「成品放行」v4 第 3 步, 审核后由另一位批准": "process “Release” v4, step 3: after the review another person approves",
    "成品检验": "Final inspection", "20 精车": "20 Turning", "工序 20 精车": "Operation 20 Turning", "30 清洗": "30 Cleaning",
    "精车": "Turning", "清洗": "Cleaning", "钝化": "Passivation", "灭菌": "Sterilisation", "来料": "Material", "加工": "Making",
    "检验": "Inspection", "包装": "Packing", "标签": "Label", "放行": "Release", "入库": "Warehouse", "出货": "Shipment", "售后": "In the market",
    "cleaning · 环": "cleaning · environment",
    # decisions, signatures, roles
    "决定": "Decision", "冻结": "Hold", "返工": "Rework", "拒收": "Reject", "退回重新审核": "Back to review", "理由": "Reason",
    "有例外时必填": "Needed with exceptions", "理由太短": "The reason is too short", "本人批准放行": "I approve the release",
    "本人已审核批记录": "I reviewed the batch record", "本人完成了检验": "I carried out this inspection",
    "本人完成了首件确认": "I checked the first article", "质量审核员": "QA reviewer", "质量批准人": "QA approver", "操作员": "Operator",
    "检验员": "Inspector", "系统管理员": "Administrator", "检验了本批": "inspected this batch",
    # fields
    "数量": "Quantity", "有效期": "Expires", "生产订单": "Work order", "生产日期": "Made on", "物料": "Item", "供应商": "Supplier",
    "供方批号": "Supplier's lot", "备注": "Remark", "日或月, 按标签所印": "Day or month, as printed on the label", "有合格证": "Has a certificate",
    "设备编号": "Equipment number", "件数": "Number of pieces", "湿度": "Humidity", "首件已确认": "First article checked",
    "检查类型": "Kind of check", "首件": "First article", "换型后的第一件": "The first one after a change-over", "巡检": "Patrol",
    "末件": "Last article", "未到末件": "not the last one yet", "日期": "Date", "班组": "Shift", "说明": "Note", "批次": "Batch", "工序": "Operation",
    "产品": "Product", "作业文件": "Document", "人员": "People", "设备": "Equipment", "合格": "Good", "不合格": "Not good", "报废": "Scrapped",
    "结论": "Outcome", "水温": "Water temperature", "主轴": "Spindle", "下达": "Opened", "客户": "Customer", "客户订单号": "Customer's order number",
    "发货时间": "Shipped at", "角色": "Role", "授予角色": "Give a role", "授予": "Give", "重置密码": "Reset the password", "重置": "Reset",
    "一次性密码如何到本人手中": "How the one-time code reaches the person", "寄到本人邮箱": "Mailed to the person's own address",
    "未配置邮件服务器": "no mail server is set up", "由两人各交一半": "One half each, by two people",
    "一次性密码待交付, 已领取 1/2": "one-time code waits, 1 of 2 halves taken", "本人邮箱": "Mail address", "姓名": "Name", "到": "Until", "运行中": "Running", "是": "Yes", "原料": "Raw material",
    # evidence, findings, errors
    "IV-0000、IV-0001、IV-0002 等 40 批 由 InvenTree 迁入（2026-11-02 导入），没有检验证据，未在此检查":
        "IV-0000, IV-0001, IV-0002 … (40 batches in all) migrated from InvenTree (imported 2026-11-02) without evidence of an inspection; not checked here",
    "转速 3200 rpm（没有限值，未判定）": "Speed 3200 rpm (no limits: not judged)",
    "IV-0001 由 InvenTree 迁入，未在此检查": "IV-0001 migrated from InvenTree; not checked here",
    "王操 精车资质有效至": "王操 is qualified for turning until", "检具 G-17 校准到期": "Calibration of gauge G-17 runs out", "2 天后": "in 2 days",
    "> 7 天": "> 7 days", "没有灭菌温度记录": "no sterilisation temperature recorded", "上游批 R-88-12 有未关闭": "Upstream batch R-88-12 has an open",
    "洁净间 2 11-19 14:00–14:20 湿度": "Clean room 2, 11-19 14:00–14:20, humidity", "留样": "samples", "已用": "applied", "销毁": "destroyed",
    "湿度超限": "Humidity out of limits", "「湿度」不能大于 60。": "“Humidity” is at most 60.", "「数量」要填数字, 例如 12.5。": "“Quantity” takes a number, such as 12.5.",
    "要填数字。": "A number is needed here.", "还有 3 个样本未判定": "3 samples are not judged yet",
    "GB/T 2828.1 · AQL 0.65 · 一般检验水平 II · 正常检验 · n = 5, Ac 0, Re 1": "GB/T 2828.1 · AQL 0.65 · general level II · normal · n = 5, Ac 0, Re 1",
    "直径": "Diameter", "长度": "Length", "表面粗糙度 Ra": "Surface roughness Ra", "外观": "Appearance", "目视, 无划伤、无气泡": "By eye: no scratches, no bubbles",
    "千分尺 SOP-QC-011": "Micrometer SOP-QC-011", "精车资质已过期": "qualification for turning has run out", "校准过期 11-01": "calibration ran out on 11-01",
    "批次 R-88-13 尚未放行（待检），不能投料。": "Batch R-88-13 is not released yet (quarantine), so it can't be consumed.",
    "PEEK 棒料 · 还有 6 根": "PEEK 棒料 · 6 rods left", "工序 20 投料没有批号": "Operation 20 consumed without a lot", "批 H-2610-09": "Batch H-2610-09",
    "差 3 件": "3 pcs missing", "供方批 (PEEK 棒料, 供方甲)": "Supplier's lot (PEEK 棒料, 供方甲)", "GTIN 校验位应为 2, 扫到的是 3": "The check digit should be 2, not 3",
    "(10) 批号": "(10) Batch", "(17) 有效期": "(17) Expires", "批号": "Batch number", "序列号": "Serial unit", "角色没有人": "Nobody holds the role",
    "检验不合格 → 启动「不合格」": "Inspection failed → starts “Nonconformance”", "关键尺寸": "Critical dimension",
    # facts of the timeline, the audit trail, exposures
    "收货": "Received", "供方批 P88-12, 6 根": "supplier's lot P88-12, 6 rods", "设备 CNC-07, 主轴 3,200 rpm": "machine CNC-07, spindle 3,200 rpm",
    "42 项": "42 results", "发货": "Shipped", "留样 8 件": "8 samples", "页面": "Page", "冻结 HD-26-014": "Hold HD-26-014", "批次 H-2611-04": "Batch H-2611-04",
    "流程 release/H-2611-04/1": "Process release/H-2611-04/1", "签署放行": "sign releases", "解除冻结": "lift holds", "账户": "accounts",
    "设备 G-17 数显卡尺": "Equipment G-17 数显卡尺", "房间/库位": "Room", "炉次": "Load", "操作人": "did the work", "所加工的批次、受检批次": "worked on, inspected",
    "投入的物料": "went in as material", "所在炉次": "the load", "工序 20「清洗」（WO-H-2611-04，炉次 ST-2611-114）：投入的物料": "Operation 20 “Cleaning” (WO-H-2611-04, load ST-2611-114): went in as material",
    "检验 I-H-2611-04-1：受检批次": "Inspection I-H-2611-04-1: inspected", "批次 CR-2": "Batch CR-2", "房间/库位 CR-2": "Room CR-2", "新产品": "New product",
    "批次 H-2611-04 数量不平：差 3 件（入 480，已知去向 477）。": "Batch H-2611-04 lacks 3 pcs (480 in, 477 accounted for).",
    "批次 H-1 是自己的上级（循环：H-1 → H-2），请核对关联。": "Batch H-1 is its own parent (loop: H-1 → H-2); check the links.",
    "2026-11-20 14:05 · 电话 · 没有联系上 · 孙召": "2026-11-20 14:05 · telephone · not reached · 孙召", "2026-11 季度": "2026-11 quarter", "已签名": "Signed",
    "您参与了本批生产": "You worked on this batch", "投料": "Consumed", "审计追踪": "Audit trail",
}  # fmt: skip


def in_words(said: Said, language: Language) -> Said:
    """The same page in the reader's words."""
    return said if language == "zh" else cast("Said", _english(said))


def _english(value: Any) -> Any:
    if isinstance(value, str):
        return ENGLISH.get(value, value) if type(value) is str else value
    if isinstance(value, tuple):
        made = [_english(one) for one in value]
        return type(value)(*made) if hasattr(value, "_fields") else tuple(made)
    if is_dataclass(value) and not isinstance(value, type | BaseException):
        return replace(value, **{one.name: _english(getattr(value, one.name)) for one in fields(value) if one.init})
    return value
