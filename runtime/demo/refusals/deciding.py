"""What is refused around release and shipment (REQUIREMENTS 35-38, 54, 57, 88, 112; 21 CFR 11.200, 11.300)."""

from datetime import timedelta

from runtime.demo.aed import ACCEPTED
from runtime.demo.people.office import Colleague
from runtime.demo.refusals.attempts import Trial

SECOND_LOGIN, OWN = "zhou.shen.2", "Second-account-2026"


class Deciding(Trial):
    """From the first signature to the customer."""

    def at_review(self) -> None:
        """Packed; the first signature is due."""
        refused, zhou, lin, admin = (
            self.attempts.refused,
            self.people("zhou.shen"),
            self.people("lin.jian"),
            self.people("admin"),
        )
        task = self.task(self.names.device, "review")
        refused("ship a batch that is not released", "发运未放行批次", "LOT-002", lambda: self.ship("SHP-X", 1))
        refused("sign without the role", "无角色签放行", "TASK-005", lambda: self.sign(lin, task, "release"))
        refused("sign as administrator", "管理员签放行", "TASK-005", lambda: self.sign(admin, task, "release"))
        admin.post("/people/lin.jian/roles", {"role": "qa_reviewer", "reason": "演示: 职责冲突"})
        refused(
            "the inspector signs the release of what he inspected",
            "检验员放行自己检验的批次",
            "PRC-005",
            lambda: self.sign(lin, task, "release"),
        )
        admin.delete("/people/lin.jian/roles/qa_reviewer?reason=演示结束")
        shown = self.job.shift.signature("zhou.shen", task)
        for act, zh, code, wrong in (
            ("sign with a wrong password", "密码错误", "SIG-002", {"password": "wrong password"}),
            ("sign with another meaning", "签名含义不符", "SIG-008", {"meaning": "approved"}),
        ):
            body = {"outcome": "release", "reason": ACCEPTED, "signature": shown | wrong}
            refused(act, zh, code, lambda body=body: zhou.post(f"/tasks/{task}/complete", body))  # type: ignore[misc]
        refused(
            "release without a signature",
            "不签名放行",
            "SIG-001",
            lambda: zhou.post(f"/tasks/{task}/complete", {"outcome": "release"}),
        )
        refused(
            "release what nobody here checked without a reason",
            "含未在此检查的迁入批，不写理由放行",
            "REL-002",
            lambda: self.sign(zhou, task, "release"),
        )
        self.while_held(
            self.names.device,
            lambda: refused(
                "release a held batch", "放行冻结批次", "REL-001", lambda: self.sign(zhou, task, "release")
            ),
        )
        refused(
            "sign a record that changed after it was shown",
            "显示之后记录已变",
            "SIG-004",
            lambda: zhou.post(f"/tasks/{task}/complete", {"outcome": "release", "signature": shown}),
        )

    def at_approval(self) -> None:
        """周审 has signed; somebody else must sign second."""
        refused, zhou, chen, admin = (
            self.attempts.refused,
            self.people("zhou.shen"),
            self.people("chen.pi"),
            self.people("admin"),
        )
        task = self.task(self.names.device, "approve")
        admin.post("/people/zhou.shen/roles", {"role": "qa_approver", "reason": "演示: 同一人两次"})
        refused("one person signs twice", "同一人签两次", "PRC-005", lambda: self.sign(zhou, task, "release"))
        refused(
            "an administrator makes a second login for somebody",
            "管理员为他人建第二个账号",
            "AUTH-030",
            lambda: admin.post("/people/zhou.shen/accounts", {"login": SECOND_LOGIN, "way": "hands"}),
        )
        own = {"login": SECOND_LOGIN, "current": self.job.shift.office.password, "new": OWN, "binding": True}
        zhou.post("/me/accounts", own | {"name": zhou.name})
        second = Colleague(self.job.shift.office.address, SECOND_LOGIN, OWN)
        refused(
            "one person signs twice through a second account",
            "换账号签第二次",
            "PRC-005",
            lambda: self.sign(second, task, "release"),
        )
        second.close()
        now = self.job.shift.now()
        absence = {
            "to": "zhou.shen",
            "starts_at": now.isoformat(),
            "ends_at": (now + timedelta(days=1)).isoformat(),
            "reason": "出差",
        }
        away = chen.post("/me/delegations", absence)["items"][0]["id"]
        refused(
            "one person signs twice through a delegation",
            "借代理签第二次",
            "PRC-005",
            lambda: self.sign(zhou, task, "release"),
        )
        chen.delete(f"/me/delegations/{away}")
        admin.delete("/people/zhou.shen/roles/qa_approver?reason=演示结束")
        self._claimed_and_locked(task, chen)

    def _claimed_and_locked(self, task: str, chen: Colleague) -> None:
        refused, wu = self.attempts.refused, self.people("wu.jingli")
        wu.post(f"/tasks/{task}/claim")
        refused(
            "complete a task that another has claimed",
            "完成他人认领的待办",
            "TASK-004",
            lambda: self.sign(chen, task, "release"),
        )
        wu.post(f"/tasks/{task}/release")
        shown = self.job.shift.signature("wu.jingli", task) | {"password": "wrong password"}
        body = {"outcome": "release", "reason": ACCEPTED, "signature": shown}
        for _ in range(4):
            self.refused_anyhow(lambda: wu.post(f"/tasks/{task}/complete", body))
        refused("a fifth wrong password", "第五次密码错误", "SIG-003", lambda: wu.post(f"/tasks/{task}/complete", body))
        office = self.job.shift.office
        refused(
            "log in to a locked account",
            "登录已锁账号",
            "AUTH-002",
            lambda: Colleague(office.address, "wu.jingli", office.password),
        )
        self.people("admin").post("/accounts/wu.jingli/unlock", {"reason": "演示: 本人核实"})
        office.forget("wu.jingli")

    def at_shipping(self, approved: str) -> None:
        """Released and on its shelf; `approved` is the task of the second signature."""
        refused, chen, li = self.attempts.refused, self.people("chen.pi"), self.people("li.cang")
        refused(
            "complete a task twice",
            "重复完成待办",
            "TASK-002",
            lambda: chen.post(f"/tasks/{approved}/complete", {"outcome": "release"}),
        )
        self.while_held(
            self.names.device,
            lambda: refused("ship a held batch", "发运冻结批次", "LOT-003", lambda: self.ship("SHP-X", 1)),
        )
        refused(
            "ship more than is there", "发运超过库存", "STK-001", lambda: self.ship("SHP-X", 1000, self.names.batteries)
        )
        refused(
            "ship pieces without their serial numbers", "发运未写明序列号", "SER-001", lambda: self.ship("SHP-X", 2)
        )
        refused(
            "ship to an unknown customer",
            "发给未知客户",
            "SHP-001",
            lambda: li.post("/shipments", self.job.shift.shipment("SHP-X", "没有这家", {self.names.device: 1})),
        )

    def at_the_door(self) -> None:
        """Afterwards, from outside and with nonsense."""
        refused, li, auditor = self.attempts.refused, self.people("li.cang"), self.people("zheng.shenji")
        number = next(iter(self.names.sent))
        refused("ship twice under one number", "发货单号重复", "SHP-003", lambda: self.ship(number, 1))
        refused(
            "the auditor freezes a batch",
            "审计员冻结批次",
            "AUTH-005",
            lambda: auditor.post(f"/lots/{self.names.device}/holds", {"reason": "x"}),
        )
        refused(
            "change something from another site's page",
            "跨站请求",
            "AUTH-006",
            lambda: li.post("/shipments", {}, **{"X-CSRF-Token": "forged"}),
        )
        refused("ask without logging in", "未登录查询", "AUTH-001", lambda: li.anonymous("/tasks"))
        refused("trace an unknown identifier", "追溯未知编号", "TRC-001", lambda: li.get("/trace/NO-SUCH-LOT"))
        refused("trace an emoji", "追溯表情符号", "ID-003", lambda: li.get("/trace/🙂"))
        refused("trace nothing", "追溯空编号", "ID-001", lambda: li.get("/trace/%20"))
        refused("trace 10,000 characters", "追溯一万个字符", "ID-002", lambda: li.get("/trace/" + "9" * 10_000))
