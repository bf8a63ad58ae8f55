"""The report of a recall on paper: what the record says, the band of a drill on every page, an end that says so."""

import html
import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import typst

from models.paper.pdf import PRINTED
from models.recall.papers.pack import Material, pack
from models.recall.papers.report import report_pdf
from models.recall.rules import report as rules
from models.recall.rules.funnel import Answered, Shipped, funnel
from models.recall.rules.reconcile import reconcile

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
NAME = '市第一医院 #panic("x") *N* $x$'


MARKET = {
    "level": None, "proposed": None, "approved": True, "authority": None, "reference": None, "by": "孙召",
    "classified_at": AT.isoformat(),
}  # fmt: skip


def document(lots: int, mode: str = "recall") -> dict[str, Any]:
    """A report over so many batches of four customers, every second of whom has answered."""
    shipped = [
        Shipped(f"C-{n % 4}", NAME, f"H-{n:05d}", "HIP-12", "pcs", Decimal(30), returned=Decimal(n % 3))
        for n in range(lots)
    ]
    its = {f"C-{k}": [one.lot_no for one in shipped if one.customer_no == f"C-{k}"] for k in range(4)}
    said = [Decimal(30), Decimal(28), Decimal(2), Decimal(5)]
    answers = [
        Answered(no, NAME, tuple(names), Decimal(30 * len(names)), *(said if n % 2 else [None] * 4))
        for n, (no, names) in enumerate(its.items())
    ]
    notices = [
        {
            "customer_no": one.customer_no, "customer": NAME, "scope_version": 1, "contact": "采购科", "phone": None,
            "email": "a@b.test", "shipped": one.told, "sent_at": AT, "reminders": 1, "reminded_at": None,
            "acknowledged_at": AT if one.received is not None else None, "acknowledged_by": "王医生", "received": one.received,
            "on_hand": one.on_hand, "used": one.used, "will_return": one.will_return, "remark": None,
            "parent": None, "passed_by": None, "passed_on": None, "unnamed": Decimal(0), "status": "sent",
        }
        for one in answers
    ]  # fmt: skip
    left_out = [
        {
            "customer_no": "C-9",
            "customer": NAME,
            "level": "user",
            "lots": 2,
            "quantities": [["pcs", "60"]],
            "zh": "使用单位级客户；此召回只通知到零售",
            "en": "a consignee at user level; this recall goes down to retail only",
        }
    ]
    moments = dict.fromkeys(("opened_at", "decided_at", "held_at", "notified_at"), AT)
    facts = rules.Facts(
        recall={
            "recall": "RC-2026-001", "mode": mode, "title": "髋关节柄断裂", "reason": "投诉", "cause": "manual", "class": "II",
            "markets": [
                {**MARKET, "market": "US", "kind": "agency", "level": "I", "proposed": "II", "authority": "FDA", "reference": "Z-7"},
                {**MARKET, "market": "EU", "kind": "fsca"},
            ],
            "handling": {"action": "removal", "measure": "take_back", "depth": "user"}, "hazard": "暂时危害", "status": "open", "closed_at": None, "hold_report": None, **moments,
        },
        scope={
            "version": 1, "digest": "9f" * 32, "identifiers": ["P88"], "lots": lots, "customers": 4, "complete": True,
            "balanced": True, "computed_at": AT, "signed_at": AT,
        },
        notices=notices, deliveries=[{"kind": "first", "status": "printed"}], checks=[], samples=[], progress={"drawn": 0, "done": 0, "effective": 0, "effective_percent": None},
        returns=[], deadlines=[], filed=[], signatures=[], reconciliation=reconcile(shipped, answers),
        estimated_on="2027-01-31", closing=None, funnel=funnel([], shipped, answers), remaining=[], decisions=[], left_out=left_out,
    )  # fmt: skip
    return {**rules.record("status", facts), "digest": "d" * 64, "computed_at": AT.isoformat()}


def compiled(found: dict[str, Any], monkeypatch: pytest.MonkeyPatch, form: str, *, test: bool = False) -> list[str]:
    """The paper in a form whose words or pages can be read."""
    compile_, pages = typst.compile, list[str]()

    def other(*given: Any, **more: Any) -> bytes:
        made = compile_(*given, **{**more, "format": form, "pdf_standards": []})
        pages.extend(one.decode() for one in (made if isinstance(made, list) else [made]))
        return b""

    monkeypatch.setattr(typst, "compile", other)
    report_pdf(found, AT, "Asia/Shanghai", test=test)
    return pages


def test_the_paper_says_what_the_record_says(monkeypatch: pytest.MonkeyPatch) -> None:
    said = html.unescape(compiled(document(9), monkeypatch, "html")[0])
    for word in (
        "召回计划实施情况报告",
        "d" * 64,
        NAME,
        "H-00008",
        "2026-11-22 16:00",
        "2027-01-31",
        "未分批 not by lot",
        "主管部门定级 classified by the agency · FDA · Z-7 · 建议 proposed II · 孙召 2026-11-22 16:00",
        "不分级 field safety corrective action",
        "收回 taking back · 撤回 removal",
    ):
        assert word in said, word


def test_the_paper_says_units_and_steps_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = {
        "stage": "review_scope",
        "outcome": "freeze",
        "meaning": "reviewed",
        "name": "孙召",
        "digest": "d",
        "at": AT.isoformat(),
    }
    found = {**document(3), "signatures": [signed | {"signed_at": AT.isoformat()}]}
    for row in (*found["reconciliation"]["totals"], *found["reconciliation"]["lines"], *found["funnel"]["places"]):
        row["uom"] = "EA"
    said = html.unescape(compiled(found, monkeypatch, "html")[0])
    for word in (
        "件 pcs",
        "60 件 pcs",
        "核对并冻结范围 Review and freeze the scope",
        "审核 reviewed · 冻结此范围 freeze this scope",
    ):
        assert word in said, word
    assert not re.search(r"\bEA\b|review_scope", said)


def passed_on() -> dict[str, Any]:
    """A customer who passed 20 of 30 on: 12 to a hospital that answered, the rest to nobody named."""
    shipped = [Shipped("C-1", NAME, "H-1", "HIP-12", "pcs", Decimal(30))]
    answers = [
        Answered("C-1", NAME, ("H-1",), Decimal(30), *map(Decimal, (30, 10, 0, 10)), key="D", passed_on=Decimal(20)),
        Answered("C-1", "市第一医院", ("H-1",), Decimal(12), *map(Decimal, (12, 5, 7, 5)), key="H", parent="D"),
    ]
    found = document(1)
    (row,) = [one for one in found["responded"]["answers"] if one["customer_no"] == "C-1"] or [
        {
            **found["not_responded"]["rows"][0],
            "acknowledged_at": AT.isoformat(),
            "acknowledged_by": "王",
            "remark": None,
        }
    ]
    said = {"received": "30", "on_hand": "10", "used": "0", "will_return": "10", "passed_on": "20"}
    whose = {"contact": None, "phone": None, "email": "qa@h1.test", "sent_at": AT.isoformat()}
    return {
        **found,
        "responded": {**found["responded"], **said, "answers": [{**row, **said}]},
        "receivers": [
            {"customer_no": "C-1", "passed_by": NAME, "receiver": "市第一医院", "quantity": "12", "status": "acknowledged",
             "acknowledged_at": AT.isoformat(), "unnamed": "0", **whose}
        ],
        "funnel": funnel([], shipped, answers).as_dict(),
        "reconciliation": reconcile(shipped, answers).as_dict(),
    }  # fmt: skip


def test_the_paper_names_receivers_and_what_went_to_nobody_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said = html.unescape(compiled(passed_on(), monkeypatch, "html")[0])
    for word in (
        "转给他人的收货单位",
        "市第一医院",
        "qa@h1.test",
        "转给他人，去向不明",
        "转得 receiver",
        "passed on 20",
    ):
        assert word in said, word
    plain = html.unescape(compiled(document(3), monkeypatch, "html")[0])
    assert "转给他人" not in plain, "where nothing was passed on the paper is as it was"


def test_a_table_that_ends_early_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    said = compiled(document(PRINTED + 500), monkeypatch, "html")[0]
    assert f"以上打印前 {PRINTED} 行，共 {PRINTED + 502} 行" in said
    assert f"H-{PRINTED + 499:05d}" not in said


@pytest.mark.parametrize(("mode", "bands"), [("drill", 2), ("recall", 0)])
def test_every_page_of_a_drill_wears_its_band(monkeypatch: pytest.MonkeyPatch, mode: str, bands: int) -> None:
    pages = compiled(document(200, mode), monkeypatch, "svg")
    assert len(pages) > 3
    assert [page.lower().count('fill="#fef0c7"') for page in pages] == [bands] * len(pages)


@pytest.mark.parametrize("mode", ["drill", "recall"])
def test_every_page_of_a_test_home_wears_its_band_and_none_of_another(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    for test in (True, False):
        pages = compiled(document(200, mode), monkeypatch, "svg", test=test)
        assert len(pages) > 3
        assert [page.lower().count('fill="#d6eaff"') for page in pages] == [2 * test] * len(pages)
        monkeypatch.undo()


@pytest.mark.parametrize("test", [True, False])
def test_the_pack_of_a_test_home_says_so_in_its_folder_and_its_readme(test: bool) -> None:
    made = pack(Material("RC-1", True, {"status": document(1)}, {1: "{}"}, {}, [], [], "Asia/Shanghai", AT, test))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        folder = "TEST-DRILL-RC-1" if test else "DRILL-RC-1"
        assert {name.partition("/")[0] for name in archive.namelist()} == {folder}
        said = archive.read(f"{folder}/README.txt").decode()
    assert said.startswith("测试 TEST · 演练 DRILL · 召回 RC-1" if test else "演练 DRILL · 召回 RC-1")


def test_the_same_facts_give_the_same_bytes() -> None:
    def made() -> bytes:
        return pack(
            Material("RC-2026-001", False, {"status": document(5)}, {1: "{}"}, {}, [], [], "Asia/Shanghai", AT, False)
        )

    assert made() == made()
