"""What the roles of a plant are made of: permissions, which are code, and duties that exclude each other (REQUIREMENTS 112, STANDARDS D 102).

A role is data (table `role`): the plant names it and says what it permits.  What a person may do is read with the person, in the act.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import md5

from models.kernel.text import Text


class Role(StrEnum):
    """The roles that Batchwright ships, where code names one; a plant may have more."""

    OPERATOR = "operator"
    INSPECTOR = "inspector"
    WAREHOUSE = "warehouse"
    QA_REVIEWER = "qa_reviewer"
    QA_APPROVER = "qa_approver"
    QUALITY_MANAGER = "quality_manager"
    PROCESS_OWNER = "process_owner"
    RECALL_COORDINATOR = "recall_coordinator"
    SALES = "sales"
    AFTER_SALES = "after_sales"
    SUPPLIER_QUALITY = "supplier_quality"
    EQUIPMENT = "equipment"
    DOCUMENTS = "documents"
    TRAINING = "training"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """`<noun>.<verb>`, with the noun of DESIGN 5; a permission is asked for in one place only."""

    RECORD_READ = "record.read"
    ITEM_WRITE = "item.write"
    PARTNER_WRITE = "partner.write"
    EQUIPMENT_WRITE = "equipment.write"
    LOT_RECEIVE = "lot.receive"
    NONCONFORMANCE_RAISE = "nonconformance.raise"
    CAPA_OPEN = "capa.open"
    CHANGE_OPEN = "change.open"
    SUPPLIER_ASSESS = "supplier.assess"
    LOT_HOLD = "lot.hold"
    LOT_LIFT = "lot.lift"
    LOT_RESHAPE = "lot.reshape"
    LOT_DISPOSE = "lot.dispose"
    LOT_LINK_CORRECT = "lot.link.correct"
    STOCK_MOVE = "stock.move"
    SERIAL_REGISTER = "serial.register"
    UNIT_PACK = "unit.pack"
    WORK_ORDER_CREATE = "work_order.create"
    OPERATION_RECORD = "operation.record"
    PLAN_WRITE = "inspection_plan.write"
    INSPECTION_RECORD = "inspection.record"
    RELEASE_SIGN = "release.sign"
    SHIPMENT_CREATE = "shipment.create"
    TASK_REASSIGN = "task.reassign"
    DEFINITION_WRITE = "definition.write"
    RECALL_RUN = "recall.run"
    RETURN_BOOK = "return.book"
    RETURN_DISPOSE = "return.dispose"
    TRACE_CHECK = "trace.check"
    AUDIT_READ = "audit.read"
    PEOPLE_WRITE = "people.write"
    PEOPLE_HAND_OVER = "people.hand_over"
    QUALIFICATION_WRITE = "qualification.write"
    FAULT_SETTLE = "fault.settle"
    ATTACHMENT_ADD = "attachment.add"


PERMISSION_NAMES: dict[Permission, Text] = {
    Permission.RECORD_READ: Text("查看记录", "read the record"),
    Permission.ITEM_WRITE: Text("维护物料", "keep items"),
    Permission.PARTNER_WRITE: Text("维护供应商与客户", "keep suppliers and customers"),
    Permission.EQUIPMENT_WRITE: Text("维护设备", "keep equipment"),
    Permission.LOT_RECEIVE: Text("收货", "receive batches"),
    Permission.LOT_HOLD: Text("冻结批次", "hold batches"),
    Permission.LOT_LIFT: Text("解除冻结", "lift holds"),
    Permission.LOT_RESHAPE: Text("拆分、合并、换包装", "split, merge and repack batches"),
    Permission.UNIT_PACK: Text("装箱与拆箱", "pack and unpack cases and pallets"),
    Permission.SERIAL_REGISTER: Text("登记序列号", "register serial numbers"),
    Permission.NONCONFORMANCE_RAISE: Text("提出不合格和偏差", "raise nonconformances and deviations"),
    Permission.CAPA_OPEN: Text("提出 CAPA", "open CAPAs"),
    Permission.CHANGE_OPEN: Text("提出变更", "ask for changes"),
    Permission.SUPPLIER_ASSESS: Text("申请评估供应商", "ask to assess suppliers"),
    Permission.LOT_DISPOSE: Text("提出部分处置", "propose partial dispositions"),
    Permission.LOT_LINK_CORRECT: Text("更正投料记录", "correct what was consumed"),
    Permission.STOCK_MOVE: Text("移动库存", "move stock"),
    Permission.WORK_ORDER_CREATE: Text("下达生产订单", "open work orders"),
    Permission.OPERATION_RECORD: Text("记录工序", "record operations"),
    Permission.PLAN_WRITE: Text("维护检验计划", "keep inspection plans"),
    Permission.INSPECTION_RECORD: Text("记录检验", "record inspections"),
    Permission.RELEASE_SIGN: Text("签署放行", "sign releases"),
    Permission.SHIPMENT_CREATE: Text("出货", "ship"),
    Permission.TASK_REASSIGN: Text("改派待办", "reassign tasks"),
    Permission.DEFINITION_WRITE: Text("编辑流程定义", "write process definitions"),
    Permission.RECALL_RUN: Text("执行召回", "run recalls"),
    Permission.RETURN_BOOK: Text("登记退货", "book returns"),
    Permission.RETURN_DISPOSE: Text("处置退货", "decide about returns"),
    Permission.TRACE_CHECK: Text("发起追溯体检", "check the trace"),
    Permission.AUDIT_READ: Text("查看审计追踪", "read the audit trail"),
    Permission.PEOPLE_WRITE: Text("管理人员与账户", "manage people and accounts"),
    Permission.PEOPLE_HAND_OVER: Text("交付一次性密码", "hand over one-time codes"),
    Permission.QUALIFICATION_WRITE: Text("记录资质", "write down skills"),
    Permission.FAULT_SETTLE: Text("处理系统故障", "deal with faults"),
    Permission.ATTACHMENT_ADD: Text("上传附件", "attach files"),
}
"""What each allows, as a refusal and the list of roles say it."""


class Duty(StrEnum):
    """What kind of work a role is: roles of two kinds never sit in one person."""

    BUSINESS = "business"
    ADMINISTRATION = "administration"
    AUDIT = "audit"


DUTY_NAMES: dict[Duty, Text] = {
    Duty.BUSINESS: Text("业务", "business of the plant"),
    Duty.ADMINISTRATION: Text("系统管理", "administration"),
    Duty.AUDIT: Text("审计", "audit"),
}
_ADMINISTRATION = (Permission.PEOPLE_WRITE, Permission.FAULT_SETTLE)
_LOOK = (Permission.RECORD_READ, Permission.AUDIT_READ)
_WITHIN: dict[Duty, tuple[Permission, ...]] = {
    Duty.BUSINESS: tuple(one for one in Permission if one not in _ADMINISTRATION),
    # operates the system and its accounts; decides nothing about quality
    Duty.ADMINISTRATION: (*_ADMINISTRATION, Permission.PEOPLE_HAND_OVER, *_LOOK),
    Duty.AUDIT: _LOOK,
}


def within(duty: Duty) -> tuple[Permission, ...]:
    """What a role of that duty may permit at all, in the order of the permissions."""
    return tuple(one for one in Permission if one in _WITHIN[duty])


@dataclass(frozen=True, kw_only=True, slots=True)
class PlantRole:
    """A role as the plant has it.  `quality`: a sign-off about quality may be given to it; an inactive one permits nothing."""

    key: str
    name: Text
    permissions: frozenset[Permission]
    duty: Duty = Duty.BUSINESS
    quality: bool = False
    shipped: bool = False
    active: bool = True
    version: int = 1


class Roles:
    """All roles of a plant, in their order.  `digest` tells one state of them from another (`roles_digest()` in the database)."""

    def __init__(self, roles: Iterable[PlantRole], digest: str = "") -> None:
        """Of what was read, with the digest that was read with it; without one it is computed."""
        self.all = tuple(roles)
        self._by_key = {one.key: one for one in self.all}
        self.digest = digest or digest_of(self.all)

    def __iter__(self) -> Iterator[PlantRole]:
        """The active ones."""
        return (one for one in self.all if one.active)

    def __contains__(self, key: object) -> bool:
        """Whether there is an active role with that key."""
        one = self.find(str(key))
        return one is not None and one.active

    def find(self, key: str) -> PlantRole | None:
        """The role with that key, active or not."""
        return self._by_key.get(key)

    def name(self, key: str) -> Text:
        """What it is called; one that nobody knows is called by its key."""
        one = self.find(key)
        return one.name if one is not None else Text(key, key)

    def permissions(self, keys: Collection[str]) -> frozenset[Permission]:
        """Everything that a person with these roles may do."""
        return frozenset().union(*(one.permissions for one in self if one.key in keys))

    def holders(self, permission: Permission) -> tuple[PlantRole, ...]:
        """The roles that permit it."""
        return tuple(one for one in self if permission in one.permissions)

    def conflicts(self, keys: Collection[str]) -> tuple[str, ...]:
        """Roles that may not sit in one person: an administrator or auditor does no business of the plant."""
        held = [one for one in self.all if one.key in keys]
        if len({one.duty for one in held}) < 2:
            return ()
        business = [one.key for one in held if one.duty is Duty.BUSINESS]
        return tuple(sorted(business or [one.key for one in held]))


def digest_of(roles: Iterable[PlantRole]) -> str:
    """As `roles_digest()` computes it in the database."""
    lines = []
    for one in sorted(roles, key=lambda each: each.key):
        permitted = ",".join(sorted(one.permissions))
        flags = ("t" if one.quality else "f", "t" if one.active else "f")
        lines.append("|".join((one.key, *one.name, permitted, one.duty, *flags, str(one.version))))
    return md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()
