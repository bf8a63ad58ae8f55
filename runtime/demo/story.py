"""The headless demo as people read it, in Chinese and English."""

from typing import Any


def lines(document: dict[str, Any]) -> list[str]:
    """The story of the document."""
    return [
        *(_main(document) if "trace" in document else ()),
        *((_drill(document["recall_drill"]),) if "recall_drill" in document else ()),
        *(_events(document["events"]) if "events" in document else ()),
        f"Temporal: {len(document['workflows'])} workflows",
        f"{document['seconds']} s",
    ]


def _main(document: dict[str, Any]) -> list[str]:
    trace = document["trace"]
    return [
        "批次家谱 / the batch and what it was made of",
        *(_lot(lot) for lot in sorted(document["lots"], key=lambda lot: (lot["level"], lot["lot_no"]))),
        "",
        f"放行 / release {document['release']['lot_no']}",
        *(
            f"  {one['time'][:19]}  {one['name']}  {one['meaning']}  sha256 {one['digest'][:16]}…"
            for one in document["release"]["signatures"]
        ),
        "",
        "被拒绝的操作 / what was refused",
        *(f"  {no['code']:<9} {no['act_zh']} / {act}: {no['zh']}" for act, no in document["refusals"].items()),
        "",
        "发货 / shipments",
        *(
            f"  {one['shipment_no']}  {one['customer']}  {one['lines'][0]['quantity']} {one['lines'][0]['uom']}"
            for one in document["shipments"]
        ),
        "",
        f"追溯 / trace {trace['identifier']}: {trace['counts']['nodes']} 批 lots, {trace['counts']['edges']} 边 edges, "
        f"{trace['counts']['customers']} 客户 customers; "
        + ("完整 complete" if trace["complete"] else "不完整 NOT complete"),
    ]


def _events(events: dict[str, Any]) -> list[str]:
    finding, case, change, facts = (events[one] for one in ("nonconformance", "capa", "change", "facts"))
    doubt, alert = events["out_of_tolerance"], events["supplier_alert"]
    raised = dict.fromkeys(point["lot"] for one in alert["evidence"] for point in one["lots"])
    met = f"{doubt['results']} 个结果 results, {doubt['lots']} 批 lots, {doubt['customers']} 客户 customers"
    return [
        "自动发生的 / what happened by itself",
        f"  不合格 nonconformance {finding['no']}  {finding['owner']}  {str(finding['due'])[:16]}  ← {finding['cause']}",
        f"  CAPA {case['no']}  {case['status']}  ← {case['cause']}; 复测 measured on {case['effectiveness']['measure_on']}",
        f"  变更 change {change['no']}: 暂停 paused {', '.join(change['locked'])}; 继续 resumed {', '.join(change['resumed'])}",
        f"  超差 out of tolerance {doubt['no']} {doubt['instrument']}: {met}; ← {doubt['cause']}",
        f"  来货波动 supplier alert {alert['no']}: {alert['rule']} {', '.join(raised)}; 抽样 sampling {' → '.join(alert['sampling'])}; ← {alert['cause']}",
        f"  事实 facts {facts['total']}: {facts['caused']} 引起后续 caused something, {facts['not_caused']} 未引起 did not",
    ]


def _drill(drill: dict[str, Any]) -> str:
    return (
        f"召回演练 / recall drill {drill['no']}: {drill['lots']} 批 lots, {drill['customers']} 客户 customers; "
        f"{drill['score']} 分 points"
    )


def _lot(lot: dict[str, Any]) -> str:
    origin = "迁入 migrated" if lot["origin"] == "migrated" else "本系统 native"
    source = f"  ← {lot['supplier']} {lot['supplier_lot_no'] or '?'}" if lot["supplier"] else ""
    level = "  " * (lot["level"] + 1)
    return f"{level}{lot['lot_no']}  {lot['item']}  {lot['quantity']} {lot['uom']}  {lot['status']}  {origin}{source}"
