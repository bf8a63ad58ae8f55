"""Why something was there, in a sentence: what went on, and in which role it took part (requirement 20).

A fact that the record knows and this page has no word for is shown under its own name: nothing is left out for want of
words.
"""

_ROLES: dict[str, tuple[str, str]] = {
    "made": ("所加工的批次", "the lot that was worked on"),
    "consumed": ("投入的物料", "went in as material"),
    "split": ("被拆分", "was split"),
    "merge": ("被合并", "was merged"),
    "rework": ("被返工", "was reworked"),
    "repack": ("被重新包装", "was repacked"),
    "install": ("被装入", "was installed"),
    "load": ("同一炉次", "was in the same load"),
    "came_out": ("所产出的批次", "came out of it"),
    "used": ("使用的设备", "was the machine"),
    "performed": ("操作人", "did the work"),
    "room": ("作业房间", "was the room"),
    "cycle": ("所在炉次", "was the load"),
    "inspected": ("受检批次", "was inspected"),
    "measured": ("检验人", "measured"),
    "gauge": ("检具", "was the gauge"),
    "lay": ("存放于此", "lay here"),
    "place": ("存放地点", "was where it lay"),
    "subject": ("所涉批次", "was what it was about"),
    "recorded": ("经手人", "did it"),
}
_FACTS: dict[str, tuple[str, str]] = {
    "lot.received": ("收货", "Receipt"),
    "lot.packed": ("包装贴标", "Packing and labelling"),
    "lot.warehoused": ("入库", "Putting away"),
    "lot.shipped": ("发货", "Shipment"),
    "lot.released": ("放行", "Release"),
    "lot.rejected": ("拒收", "Rejection"),
    "lot.rework": ("返工决定", "Decision to rework"),
    "lot.closed": ("关闭", "Closing"),
    "production.started": ("下生产订单", "Opening of the work order"),
}
RECORDED_BY_THE_RUN = ("operation.recorded", "lot.consumed", "production.finished")
"""Facts that an operation says better: who did it, not who typed it."""


def why(
    event: str, act: str, titles: tuple[str | None, str | None], order: str | None, load: str | None, role: str
) -> tuple[str, str]:
    """The sentence in Chinese and in English."""
    zh, en = _event(event, act, titles, order, load)
    role_zh, role_en = role_words(role)
    return f"{zh}：{role_zh}", f"{en}: {role_en}"


def role_words(role: str) -> tuple[str, str]:
    """The role alone, in Chinese and in English."""
    return _ROLES.get(role, (role, role))


def _event(
    event: str, act: str, titles: tuple[str | None, str | None], order: str | None, load: str | None
) -> tuple[str, str]:
    match event:
        case "operation":
            where = "，".join(part for part in (order, f"炉次 {load}" if load else None) if part)
            there = ", ".join(part for part in (order, f"load {load}" if load else None) if part)
            zh = f"工序 {act}" + (f"「{titles[0]}」" if titles[0] else "") + (f"（{where}）" if where else "")
            en = f"Operation {act}" + (f" “{titles[1]}”" if titles[1] else "") + (f" ({there})" if there else "")
            return zh, en
        case "inspection":
            return f"检验 {act}", f"Inspection {act}"
        case "stay":
            return "存放", "Storage"
        case "link":
            return "系谱关联", "Genealogy link"
        case _:
            return _FACTS.get(act, (act, act))
