"""What happens by itself: a failed inspection and its CAPA, a change that makes batches wait, a gauge that is out of tolerance, lots that drift.

Nobody opens the nonconformance, the CAPA, the assessment or the alert, and nobody holds a batch for the change: each follows from what was
recorded, and people finish it from their inbox.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models.kernel.time.moments import plant_day
from runtime.demo.company.ground import TITANIUM
from runtime.demo.company.masters import GAUGE
from runtime.demo.people.office import Office, patiently
from runtime.demo.people.shift import Shift
from runtime.demo.refusals.attempts import Attempts

MATERIAL = "TI-30"
REVIEWER, APPROVER, MANAGER, OWNER, OPERATOR, WAREHOUSE = (
    "zhou.shen",
    "chen.pi",
    "wu.jingli",
    "zhao.liu",
    "wang.cao",
    "li.cang",
)
ACTION_DAYS, MEASURED_DAYS = 14, 90
"""In how many days the action is to be done, and in how many it is measured whether it has helped."""


@dataclass(frozen=True)
class Matter:
    """A case that a process is about: its steps by those whose work they are."""

    office: Office
    subject: str

    def seen(self) -> dict[str, Any]:
        """Its tasks, runs and signatures."""
        found: dict[str, Any] = patiently(lambda: self.office[REVIEWER].get(f"/subjects/{self.subject}"))
        return found

    def do(self, stage: str, login: str, outcome: str | None = None, **more: Any) -> None:
        """Complete the step that waits, signed where it takes a signature."""
        seen = self.seen()
        task = next((one for one in seen["tasks"] if one["stage"] == stage and one["status"] == "open"), None)
        if task is None:
            message = f"{seen['number']} has no open task {stage}"
            raise LookupError(message)
        person, path = self.office[login], f"/tasks/{task['id']}"
        shown = patiently(lambda: person.get(f"{path}/record"))
        body: dict[str, Any] = {"outcome": outcome, **more}
        if shown["meaning"]:
            body["signature"] = {"password": person.password, "meaning": shown["meaning"], "digest": shown["digest"]}
        patiently(lambda: person.post(f"{path}/complete", body, Idempotency_Key=f"{task['id']}-{stage}"))

    def facts(self) -> list[dict[str, Any]]:
        """What became true of it, the newest first."""
        found: list[dict[str, Any]] = patiently(lambda: self.office[REVIEWER].get(f"/subjects/{self.subject}/facts"))[
            "items"
        ]
        return found

    def caused(self, process: str) -> tuple[str, str]:
        """The workflow of that process which something about this case began, and the fact that did."""
        return next(
            (cause["workflow_id"], fact["name"])
            for fact in self.facts()
            for cause in fact["causes"]
            if cause["process"] == process and cause["caused"]
        )


@dataclass
class Events:
    """The stories, step by step through the API."""

    shift: Shift
    attempts: Attempts

    @property
    def office(self) -> Office:
        """Everybody who is at work."""
        return self.shift.office

    def play(self) -> dict[str, Any]:
        """The part `events` of the document of `batchwright demo --json`."""
        nonconformance, capa = self._failed()
        return {
            "nonconformance": nonconformance,
            "capa": capa,
            "change": self._changed(),
            "out_of_tolerance": self._out_of_tolerance(),
            "supplier_alert": self._drifted(),
        }

    def _failed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A lot out of its limits: the nonconformance is there with the signature, and the CAPA with what it is said to cost."""
        lot = self.shift.number("R-41")
        self.shift.receive(lot, MATERIAL, 60, TITANIUM, "HL-T5541")
        self.shift.measure(lot, wrong=True)
        batch = Matter(self.office, self.shift.waiting(lot, "inspect")["subject"])
        self.shift.sign(lot, "inspect", "failed")
        path = f"/nonconformances/NC-{lot}-1"
        found = patiently(lambda: self.office[MANAGER].get(path))
        finding = self._of("nonconformance", f"NC-{lot}-1")
        task = next(one for one in finding.seen()["tasks"] if one["status"] == "open")
        fact = next(one["name"] for one in batch.facts() if one["happened_at"] == found["happened_at"])
        opened = {"no": f"NC-{lot}-1", "owner": found["owner"], "due": task["due_at"], "cause": fact}
        form = {"cause": "供方磨削余量不足 / too little left to grind", "cause_class": "supplied", "cost": "68000"}
        finding.do("decide", MANAGER, "return", form=form, reason="退回供应商 / back to the supplier")
        return opened, self._solved(finding)

    def _solved(self, finding: Matter) -> dict[str, Any]:
        """The CAPA as far as people go: its day of measuring is months away."""
        workflow, fact = finding.caused("capa")
        number = workflow.removeprefix("capa/")
        case, today = self._of("capa", number), plant_day(self.shift.now(), self.shift.goods.days.zone)
        case.do("contain", REVIEWER, form={"containment": "同炉批次已冻结 / batches of the same heat are held"})
        told = {
            "problem": "直径超上限 0.06 mm / 0.06 mm over the limit",
            "method": "five_why",
            "steps": [{"asked": "为什么超限 / why", "found": "磨削余量不足 / too little left to grind"}],
            "cause": "供方更换砂轮后未首检 / no first-piece check after the wheel was changed",
            "cause_class": "supplied",
        }
        case.do("investigate", REVIEWER, form=told)
        case.do("judge", REVIEWER, "needed")
        case.do(
            "plan", REVIEWER, form=_plan(today + timedelta(days=ACTION_DAYS), today + timedelta(days=MEASURED_DAYS))
        )
        case.do("approve", APPROVER, "approve")
        case.do(
            "do_production", OPERATOR, "done", form={"said": "首件检验已列入来料要求 / first-piece report is asked for"}
        )
        evidence = {"evidence": "首件报告 / the reports", "no_adverse_effect": True}
        case.do("verify", APPROVER, "verified", form=evidence)
        seen = patiently(lambda: self.office[REVIEWER].get(f"/capas/{number}"))
        planned = seen["rounds"][-1]
        kept = ("measure", "direction", "limit", "measure_on", "value", "result")
        signed = [{key: one[key] for key in ("name", "meaning", "at")} for one in case.seen()["signatures"]]
        return {
            "no": number,
            "status": seen["status"],
            "cause": fact,
            "effectiveness": {key: planned[key] for key in kept},
            "signatures": signed,
        }

    def _changed(self) -> dict[str, Any]:
        """Two batches wait for the decision at their incoming inspection; one that is past it goes on untouched."""
        past, *waiting = lots = [self.shift.number(one) for one in ("R-42", "R-43", "R-44")]
        for lot in lots:
            self.shift.receive(lot, MATERIAL, 20, TITANIUM, f"HL-{lot}")
            self.shift.measure(lot)
        self.shift.sign(past, "inspect", "accepted")
        asked = {
            "title": "来料增加首件报告",
            "title_en": "First-piece report with each delivery",
            "reason": "供方砂轮更换后未首检 / no first-piece check after the wheel was changed",
            "kind": "item",
            "target": MATERIAL,
            "first_step": "incoming",
        }
        number = patiently(lambda: self.office["lin.jian"].post("/changes", asked, Idempotency_Key="demo-change"))[
            "data"
        ]["number"]
        case = self._of("change", number)
        case.do("assess", REVIEWER, form=_assessed(plant_day(self.shift.now(), self.shift.goods.days.zone)))
        for stage, login in (("agree_quality", APPROVER), ("agree_production", OWNER), ("agree_stock", WAREHOUSE)):
            case.do(stage, login, "agree")
        case.do("approve", MANAGER, "approve")
        locked = [one["lot_no"] for one in self._change(number)["batches"]]
        self._refused(waiting[0])
        rows = [{"batch": waiting[0], "way": "old_way"}]
        case.do(
            "batches",
            APPROVER,
            "decide",
            form={"batches": rows, "rest": "old_way"},
            reason="已到货 / delivered already",
        )
        for lot in waiting:
            self.shift.sign(lot, "inspect", "accepted")
        done = {"said": "来料要求已修订 / the requirements are revised", "evidence": "QR-TI-30 v2"}
        case.do("carry_process_owner", OWNER, form=done)
        case.do("verify", APPROVER, "verified", form={"evidence": "QR-TI-30 v2"})
        case.do("read_inspector", "lin.jian", form={})
        case.do("put_into_effect", MANAGER, "effective", form={"effective": "at_once"})
        case.do("close", MANAGER, "close", form={"done": "每次交货附首件报告 / a report comes with each delivery"})
        seen = self._change(number)
        return {
            "no": number,
            "status": seen["status"],
            "impact": seen["impact"]["counts"],
            "locked": locked,
            "resumed": [one["lot_no"] for one in seen["batches"] if one["decision"]],
            "untouched": [past],
        }

    def _out_of_tolerance(self) -> dict[str, Any]:
        """The gauge that measured them reads too much: it is blocked, and each of its results since it was good last is decided on."""
        gauge = GAUGE[self.shift.goods.check(MATERIAL).what.gauge]
        owner, path = self.office[OWNER], f"/equipment/{gauge}/calibrations/ask"
        patiently(lambda: owner.post(path, {}, Idempotency_Key=f"demo-ask-{gauge}"))
        instrument = self._of("equipment", gauge)
        told = {
            "performed_at": self.shift.now().isoformat(timespec="seconds"),
            "done_by": "市计量院 / city institute of metrology",
            "unit": "mm",
            "readings": [
                {"point": "10 mm", "lower": "9.998", "upper": "10.002", "as_found": "10.011", "as_left": "10.000"}
            ],
            "standard_other": "GB-07 量块 / gauge block",
            "standard_until": f"{self.shift.goods.numbers.day.year + 2}-12-31",
            "interval_months": 12,
        }
        instrument.do("perform", OWNER, "record", form=told)
        workflow, fact = instrument.caused("out-of-tolerance")
        number = workflow.rpartition("/")[2]
        case, reason = (
            self._of("out_of_tolerance", number),
            "偏差小于公差的十分之一 / less than a tenth of the tolerance",
        )
        case.do("judge", APPROVER, "decide", form={"rest": "no_effect"}, reason=reason)
        case.do("close", MANAGER, "close", form={"conclusion": "缩短校准周期 / the interval becomes shorter"})
        seen = patiently(lambda: owner.get(f"/out-of-tolerance/{number}"))
        counts = {key: seen["counts"][key] for key in ("results", "lots", "customers")}
        return {
            "no": number,
            "instrument": gauge,
            "cause": fact,
            "status": seen["status"],
            **counts,
            "decided": seen["decided"],
        }

    def _drifted(self) -> dict[str, Any]:
        """Bars within their limits and thicker than before: the lot that shows it raises the alert, and sampling is tightened till it is closed."""
        number = self._charted()
        for lot in (self.shift.number("R-50"), self.shift.number("R-51")):
            self._came(lot, about="29.992")
        seen = self._chart(number)
        (found,) = seen["alerts"]
        alert = self._of("drift_alert", found["number"])
        cause = next(one["name"] for one in alert.facts() if one["causes"])
        said = {
            "looked_at": "supplier",
            "findings": "供方修整了砂轮 / the wheel was dressed",
            "decision": "ask_supplier",
        }
        alert.do("assess", REVIEWER, form=said)
        alert.do("conclude", APPROVER, "close")
        after = self._chart(number)
        return {
            "no": found["number"],
            "chart": number,
            "rule": found["evidence"][0]["rule"],
            "evidence": [
                {
                    "rule": one["rule"],
                    "lots": [{"lot": point["lot"], "value": point["value"]} for point in one["points"]],
                }
                for one in found["evidence"]
            ],
            "limits": {key: seen[key] for key in ("version", "centre", "sigma")},
            "cause": cause,
            "sampling": [seen["sampling"], after["sampling"]],
            "status": after["alerts"][0]["status"],
            "decision": after["alerts"][0]["decision"],
        }

    def _charted(self) -> str:
        """Steady lots, and the chart whose limits come from them, signed by another person."""
        failed, *base = (self.shift.number(f"R-{n}") for n in range(41, 50))
        for lot in base[3:]:
            self._came(lot)
        asked = {
            "supplier_no": TITANIUM,
            "item_no": MATERIAL,
            "characteristic": self.shift.goods.check(MATERIAL).what.zh,
        }
        body = {**asked, "reason": "磨削余量波动 / what is left to grind varies"}
        path = "/drift-charts"
        number = patiently(lambda: self.office[OWNER].post(path, body, Idempotency_Key="demo-chart"))["data"]["number"]
        chart = self._of("drift_chart", number)
        form = {
            "lots": len(base) + 1,
            "leave_out": failed,
            "rules": "calm",
            "basis": "换砂轮后的稳定批次 / since the new wheel",
        }
        chart.do("propose", REVIEWER, form=form)
        chart.do("freeze", APPROVER, "approve")
        return str(number)

    def _came(self, lot: str, about: str = "") -> None:
        self.shift.receive(lot, MATERIAL, 20, TITANIUM, f"HL-{lot}")
        self.shift.measure(lot, about=about)
        self.shift.sign(lot, "inspect", "accepted")

    def _chart(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = patiently(lambda: self.office[OWNER].get(f"/drift-charts/{number}"))
        return found

    def _refused(self, lot_no: str) -> None:
        """Its next step waits for the decision."""
        person, task = self.office["lin.jian"], self.shift.waiting(lot_no, "inspect")["id"]
        body = {"outcome": "accepted", "signature": self.shift.signature("lin.jian", task)}
        said = ("accept a batch that a change has paused", "对因变更暂停的批次作出检验结论", "CHG-001")
        self.attempts.refused(*said, lambda: person.post(f"/tasks/{task}/complete", body))

    def _change(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = patiently(lambda: self.office[OWNER].get(f"/changes/{number}"))
        return found

    def _of(self, kind: str, number: str) -> Matter:
        found = patiently(lambda: self.office[REVIEWER].get("/subjects", kind=kind, number=number))["items"]
        return Matter(self.office, next(one["id"] for one in found if one["number"] == number))


def _assessed(today: date) -> dict[str, Any]:
    due = (today + timedelta(days=ACTION_DAYS)).isoformat()
    task = {"title": "修订来料要求 / revise what is asked for", "changes": "QR-TI-30", "owner": OWNER, "due": due}
    reader = {"person": "lin.jian", "title": "QR-TI-30 v2", "due": due}
    return {"risk": "low", "risk_reason": "只增加文件 / papers only", "tasks": [task], "training": [reader]}


def _plan(due: Any, measure_on: Any) -> dict[str, Any]:
    action = {
        "title": "来料附首件报告 / first-piece report with each delivery",
        "kind": "corrective",
        "area": "production",
        "owner": OPERATOR,
        "due": due.isoformat(),
    }
    return {
        "actions": [action],
        "measure": "findings",
        "direction": "at_most",
        "limit": "0",
        "item": MATERIAL,
        "measure_on": measure_on.isoformat(),
    }
