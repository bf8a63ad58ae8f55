"""Why something was there, in a sentence: what went on, and in which role it took part (requirement 20).

A fact that the record knows and this page has no word for is shown under its own name: nothing is left out for want of
words.
"""

from models.kernel.text import Text

_ROLES: dict[str, Text] = {
    "made": Text("所加工的批次", "the lot that was worked on"),
    "consumed": Text("投入的物料", "went in as material"),
    "split": Text("被拆分", "was split"),
    "merge": Text("被合并", "was merged"),
    "rework": Text("被返工", "was reworked"),
    "repack": Text("被重新包装", "was repacked"),
    "install": Text("被装入", "was installed"),
    "load": Text("同一炉次", "was in the same load"),
    "came_out": Text("所产出的批次", "came out of it"),
    "used": Text("使用的设备", "was the machine"),
    "performed": Text("操作人", "did the work"),
    "room": Text("作业房间", "was the room"),
    "cycle": Text("所在炉次", "was the load"),
    "inspected": Text("受检批次", "was inspected"),
    "measured": Text("检验人", "measured"),
    "gauge": Text("检具", "was the gauge"),
    "lay": Text("存放于此", "lay here"),
    "place": Text("存放地点", "was where it lay"),
    "subject": Text("所涉批次", "was what it was about"),
    "recorded": Text("经手人", "did it"),
}
_FACTS: dict[str, Text] = {
    "lot.received": Text("收货", "Receipt"),
    "lot.packed": Text("包装贴标", "Packing and labelling"),
    "lot.warehoused": Text("入库", "Putting away"),
    "lot.shipped": Text("发货", "Shipment"),
    "lot.released": Text("放行", "Release"),
    "lot.rejected": Text("拒收", "Rejection"),
    "lot.rework": Text("返工决定", "Decision to rework"),
    "lot.closed": Text("关闭", "Closing"),
    "production.started": Text("下生产订单", "Opening of the work order"),
}
RECORDED_BY_THE_RUN = ("operation.recorded", "lot.consumed", "production.finished")
"""Facts that an operation says better: who did it, not who typed it."""


def why(
    event: str, act: str, titles: tuple[str | None, str | None], order: str | None, load: str | None, role: str
) -> Text:
    """The sentence in Chinese and in English."""
    zh, en = _event(event, act, titles, order, load)
    role_zh, role_en = role_words(role)
    return Text(f"{zh}：{role_zh}", f"{en}: {role_en}")


def role_words(role: str) -> Text:
    """The role alone, in Chinese and in English."""
    return _ROLES.get(role, Text(role, role))


def _event(event: str, act: str, titles: tuple[str | None, str | None], order: str | None, load: str | None) -> Text:
    match event:
        case "operation":
            where = "，".join(part for part in (order, f"炉次 {load}" if load else None) if part)
            there = ", ".join(part for part in (order, f"load {load}" if load else None) if part)
            zh = f"工序 {act}" + (f"「{titles[0]}」" if titles[0] else "") + (f"（{where}）" if where else "")
            en = f"Operation {act}" + (f" “{titles[1]}”" if titles[1] else "") + (f" ({there})" if there else "")
            return Text(zh, en)
        case "inspection":
            return Text(f"检验 {act}", f"Inspection {act}")
        case "stay":
            return Text("存放", "Storage")
        case "link":
            return Text("系谱关联", "Genealogy link")
        case _:
            return _FACTS.get(act, Text(act, act))
