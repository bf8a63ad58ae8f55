"""The roles that Batchwright ships, as the migration that made them data wrote them: what a plant begins with.

Where there is no plant (the command that lints a file, the reference) they are all there is; anywhere else the record says what a role
is called and permits (`models.person.rules.known_roles`, and the person's own permissions as they were read with the person).
"""

from models.kernel.text import Text
from models.person.rules.roles import Duty, Permission, PlantRole, Role, Roles

NAMES: dict[Role, Text] = {
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

_READ = {Permission.RECORD_READ}
_TAKE_PART = {
    Permission.RECORD_READ,
    Permission.ATTACHMENT_ADD,
    Permission.NONCONFORMANCE_RAISE,
    Permission.CHANGE_OPEN,
}
_DECIDE = {
    Permission.RELEASE_SIGN,
    Permission.LOT_HOLD,
    Permission.LOT_LIFT,
    Permission.RETURN_DISPOSE,
    Permission.LOT_DISPOSE,
    Permission.LOT_LINK_CORRECT,
    Permission.CAPA_OPEN,
    Permission.SUPPLIER_ASSESS,
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
            Permission.SUPPLIER_ASSESS,
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
    Role.SUPPLIER_QUALITY: frozenset(
        _TAKE_PART | {Permission.PARTNER_WRITE, Permission.SUPPLIER_ASSESS, Permission.LOT_HOLD}
    ),
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
_DUTIES = {Role.ADMINISTRATOR: Duty.ADMINISTRATION, Role.AUDITOR: Duty.AUDIT}
SHIPPED = Roles(
    PlantRole(
        key=role.value,
        name=NAMES[role],
        permissions=PERMISSIONS[role],
        duty=_DUTIES.get(role, Duty.BUSINESS),
        quality=role in QUALITY_ROLES,
        shipped=True,
        # updates have let those who take part raise nonconformances and ask for changes, quality open CAPAs, and who keeps suppliers assess them
        version=1
        + sum(
            one in PERMISSIONS[role]
            for one in (
                Permission.NONCONFORMANCE_RAISE,
                Permission.CAPA_OPEN,
                Permission.CHANGE_OPEN,
                Permission.SUPPLIER_ASSESS,
            )
        ),
    )
    for role in Role
)
