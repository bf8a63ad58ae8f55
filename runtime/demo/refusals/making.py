"""What is refused while a batch is received, inspected and made (REQUIREMENTS 5, 28, 58-60; DESIGN 12)."""

from datetime import timedelta

from runtime.demo.aed import BURN_IN, CASES, EXPIRED_POUCHES, QUANTITY
from runtime.demo.company.ground import ELECTRONICS
from runtime.demo.refusals.attempts import Trial

KEY = "receipt of the batteries"


class Making(Trial):
    """From the supplier's truck to the finished batch."""

    def receive(self) -> None:
        """The supplier's lot, sent twice as after a lost answer: one receipt, the same answer."""
        li = self.people("li.cang")
        body = self.job.shift.receipt(self.names.batteries, *self.job.received) | self.job.dates
        first, again = (li.send("/lots", body, Idempotency_Key=KEY) for _ in range(2))
        if first.status_code != 201 or again.json() != first.json() or "Idempotency-Replayed" not in again.headers:
            self.attempts.wrong.append("a repeated Idempotency-Key: not the first answer again")

    def at_receipt(self) -> None:
        """The supplier's lot has arrived and is not inspected."""
        li, refused = self.people("li.cang"), self.attempts.refused
        lot = {"item_no": "BAT-LI", "quantity": 1, "location": "RCV-01", "supplier_no": ELECTRONICS}
        refused(
            "receive under a batch number that exists",
            "用已有批号收货",
            "LOT-006",
            lambda: li.post("/lots", {"lot_no": self.names.batteries, **lot}),
        )
        refused(
            "receive an unknown item",
            "收未知物料",
            "ITM-001",
            lambda: li.post("/lots", {"lot_no": "R-X", **lot, "item_no": "不存在"}),
        )
        refused("send malformed JSON", "发送残缺的 JSON", "API-400", lambda: li.post("/lots", '{"lot_no": '))
        refused(
            "use an Idempotency-Key for another request",
            "幂等键用于另一请求",
            "API-431",
            lambda: li.post("/lots", {"lot_no": "R-X", **lot}, Idempotency_Key=KEY),
        )
        refused(
            "consume a batch that is not inspected",
            "投用未检验批次",
            "LOT-002",
            lambda: self.operate(10, {self.names.batteries: 1}),
        )

    def at_inspection(self) -> None:
        """The inspector has recorded nothing, then all values."""
        refused, lin, wang = self.attempts.refused, self.people("lin.jian"), self.people("wang.cao")
        task = self.task(self.names.batteries, "inspect")
        refused(
            "sign an inspection that lacks results",
            "结果不全就签检验",
            "INS-001",
            lambda: self.sign(lin, task, "accepted"),
        )
        refused(
            "sign an inspection without the role",
            "无检验员角色签检验",
            "TASK-005",
            lambda: self.sign(wang, task, "accepted"),
        )
        self.job.shift.measure(self.names.batteries)
        changed = {"characteristic": 2, "sample_no": 1, "value": "12.75", "equipment_no": "V-11"}
        refused(
            "correct a measured value without a reason",
            "更正检验值不写理由",
            "INS-006",
            lambda: lin.post(f"/tasks/{task}/results", {"values": [changed]}),
        )
        refused(
            "sign a verdict that the values contradict",
            "签与数据相反的结论",
            "INS-005",
            lambda: self.sign(lin, task, "failed"),
        )

    def at_making(self) -> None:
        """The order is open, its material is there."""
        refused, shift = self.attempts.refused, self.job.shift
        refused("consume an expired batch", "投用过期批次", "LOT-004", lambda: self.operate(10, {EXPIRED_POUCHES: 1}))
        self.while_held(
            CASES,
            lambda: refused("consume a held batch", "投用冻结批次", "LOT-003", lambda: self.operate(10, {CASES: 1})),
        )
        refused(
            "consume more than is there",
            "投用超过库存",
            "STK-001",
            lambda: self.operate(10, {self.names.batteries: 1000}),
        )
        refused("consume an unknown batch", "投用未知批次", "LOT-001", lambda: self.operate(10, {"无此批次": 1}))
        needs = self.job.needs()
        refused(
            "work without the qualification",
            "无资格人员操作",
            "OPR-006",
            lambda: self.operate(10, needs, people=["qian.xin"]),
        )
        refused(
            "use equipment past its calibration",
            "使用校准到期设备",
            "EQP-002",
            lambda: self.operate(10, needs, equipment=["G-18"]),
        )
        refused(
            "do the second operation first",
            "跳过工序",
            "OPR-003",
            lambda: self.operate(20, {}, **BURN_IN, environment=shift.air(self.names.device, 20), produced=1),
        )
        later = (shift.now() + timedelta(hours=3)).isoformat()
        refused(
            "record work that lies in the future",
            "记录未来的操作",
            "OPR-009",
            lambda: self.operate(10, needs, finished_at=later),
        )

    def at_finishing(self) -> None:
        """The last operation is open."""
        shift, refused = self.job.shift, self.attempts.refused
        refused(
            "finish without the environment reading",
            "无环境记录完工",
            "OPR-010",
            lambda: self.operate(20, {}, **BURN_IN, produced=QUANTITY),
        )
        refused(
            "make more than was ordered",
            "产出超过订单",
            "OPR-011",
            lambda: self.operate(
                20, {}, **BURN_IN, environment=shift.air(self.names.device, 20), produced=QUANTITY + 5
            ),
        )
