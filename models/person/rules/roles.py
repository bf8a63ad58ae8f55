"""Roles of a plant and what each may do, with the duties that exclude each other (REQUIREMENTS 112, STANDARDS D 102)."""

from enum import StrEnum

from models.kernel.text import Text


class Role(StrEnum):
    """A role that a person holds."""

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


ROLE_NAMES: dict[Role, Text] = {
    Role.OPERATOR: Text("操作员", "Operator"),
    Role.INSPECTOR: Text("检验员", "Inspector"),
    Role.WAREHOUSE: Text("仓管员", "Warehouse"),
    Role.QA_REVIEWER: Text("质量审核员", "QA reviewer"),
    Role.QA_APPROVER: Text("质量批准人", "QA approver"),
    Role.QUALITY_MANAGER: Text("质量经理", "Quality manager"),
    Role.PROCESS_OWNER: Text("流程负责人", "Process owner"),
    Role.RECALL_COORDINATOR: Text("召回协调员", "Recall coordinator"),
    Role.SALES: Text("销售", "Sales"),
    Role.AFTER_SALES: Text("售后", "After-sales"),
    Role.SUPPLIER_QUALITY: Text("供应商质量工程师", "Supplier quality"),
    Role.EQUIPMENT: Text("设备管理员", "Equipment"),
    Role.DOCUMENTS: Text("文件管理员", "Documents"),
    Role.TRAINING: Text("培训管理员", "Training"),
    Role.AUDITOR: Text("审计员", "Auditor"),
    Role.ADMINISTRATOR: Text("系统管理员", "Administrator"),
}


class Permission(StrEnum):
    """`<noun>.<verb>`, with the noun of DESIGN 5; a permission is asked for in one place only."""

    RECORD_READ = "record.read"
    ITEM_WRITE = "item.write"
    PARTNER_WRITE = "partner.write"
    EQUIPMENT_WRITE = "equipment.write"
    LOT_RECEIVE = "lot.receive"
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

_READ = {Permission.RECORD_READ}
_TAKE_PART = {Permission.RECORD_READ, Permission.ATTACHMENT_ADD}
_DECIDE = {
    Permission.RELEASE_SIGN,
    Permission.LOT_HOLD,
    Permission.LOT_LIFT,
    Permission.RETURN_DISPOSE,
    Permission.LOT_DISPOSE,
    Permission.LOT_LINK_CORRECT,
    Permission.AUDIT_READ,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(
        _TAKE_PART
        | {
            Permission.OPERATION_RECORD,
            Permission.LOT_LINK_CORRECT,
            Permission.LOT_HOLD,
            Permission.UNIT_PACK,
            Permission.SERIAL_REGISTER,
        }
    ),
    Role.INSPECTOR: frozenset(_TAKE_PART | {Permission.INSPECTION_RECORD, Permission.LOT_HOLD, Permission.LOT_DISPOSE}),
    Role.WAREHOUSE: frozenset(
        _TAKE_PART
        | {
            Permission.LOT_RECEIVE,
            Permission.STOCK_MOVE,
            Permission.UNIT_PACK,
            Permission.SERIAL_REGISTER,
            Permission.LOT_RESHAPE,
            Permission.SHIPMENT_CREATE,
            Permission.RETURN_BOOK,
            Permission.LOT_HOLD,
        }
    ),
    Role.QA_REVIEWER: frozenset(_TAKE_PART | _DECIDE),
    Role.QA_APPROVER: frozenset(_TAKE_PART | _DECIDE),
    Role.QUALITY_MANAGER: frozenset(
        _TAKE_PART
        | _DECIDE
        | {
            Permission.LOT_RESHAPE,
            Permission.SERIAL_REGISTER,
            Permission.PLAN_WRITE,
            Permission.TASK_REASSIGN,
            Permission.QUALIFICATION_WRITE,
            Permission.PEOPLE_HAND_OVER,
            Permission.TRACE_CHECK,
        }
    ),
    Role.PROCESS_OWNER: frozenset(
        _TAKE_PART
        | {
            Permission.DEFINITION_WRITE,
            Permission.ITEM_WRITE,
            Permission.PARTNER_WRITE,
            Permission.EQUIPMENT_WRITE,
            Permission.WORK_ORDER_CREATE,
        }
    ),
    Role.RECALL_COORDINATOR: frozenset(
        _TAKE_PART
        | {
            Permission.RECALL_RUN,
            Permission.RETURN_BOOK,
            Permission.TRACE_CHECK,
            Permission.LOT_HOLD,
            Permission.AUDIT_READ,
        }
    ),
    # their processes come later, with the permissions that those ask for; until then each keeps its own register
    Role.SALES: frozenset(_TAKE_PART),
    Role.AFTER_SALES: frozenset(_TAKE_PART | {Permission.RETURN_BOOK, Permission.LOT_HOLD}),
    Role.SUPPLIER_QUALITY: frozenset(_TAKE_PART | {Permission.PARTNER_WRITE, Permission.LOT_HOLD}),
    Role.EQUIPMENT: frozenset(_TAKE_PART | {Permission.EQUIPMENT_WRITE}),
    Role.DOCUMENTS: frozenset(_TAKE_PART),
    Role.TRAINING: frozenset(_TAKE_PART | {Permission.QUALIFICATION_WRITE}),
    Role.AUDITOR: frozenset(_READ | {Permission.AUDIT_READ}),
    # operates the system and its accounts; decides nothing about quality
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.PEOPLE_WRITE,
            Permission.PEOPLE_HAND_OVER,
            Permission.RECORD_READ,
            Permission.AUDIT_READ,
            Permission.FAULT_SETTLE,
        }
    ),
}

QUALITY_ROLES = frozenset(
    {Role.QA_REVIEWER, Role.QA_APPROVER, Role.QUALITY_MANAGER, Role.INSPECTOR, Role.RECALL_COORDINATOR}
)
BUSINESS_ROLES = frozenset(Role) - {Role.ADMINISTRATOR, Role.AUDITOR}


def permissions(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that a person with these roles may do."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def conflicts(roles: frozenset[Role]) -> tuple[Role, ...]:
    """Roles that may not sit in one person: an administrator or auditor does no business of the plant."""
    if Role.ADMINISTRATOR in roles or Role.AUDITOR in roles:
        apart = {Role.ADMINISTRATOR, Role.AUDITOR} & roles
        others = (roles & BUSINESS_ROLES) or (apart if len(apart) > 1 else frozenset())
        return tuple(sorted(others))
    return ()
