"""Every route of the API and every page, under what opens it; whoever adds a route adds its line (21 CFR 11.10(d), 11.10(g))."""

from enum import StrEnum

from models.person.rules.roles import Permission


class Door(StrEnum):
    """A door that no permission opens."""

    ANYBODY = "anybody"
    """Nobody has to be logged in."""
    OWN = "own"
    """Whoever is logged in, about their own account and absences."""


TABLE: dict[Door | Permission, str] = {
    Door.ANYBODY: """
        GET /
        POST /api/v1/auth/first-sign-in
        POST /api/v1/auth/login
        GET /api/v1/found
        POST /api/v1/found
        GET /found
        POST /found
        GET /healthz
        GET /login
        POST /login
        GET /n/{token}
        POST /n/{token}
        GET /readyz
        GET /welcome
        POST /welcome
        GET /welcome/{token}
    """,
    Door.OWN: """
        GET /absences
        POST /absences
        POST /absences/{absence}/end
        POST /api/v1/auth/change-password
        POST /api/v1/auth/logout
        GET /api/v1/me
        POST /api/v1/me/accounts
        GET /api/v1/me/delegations
        POST /api/v1/me/delegations
        DELETE /api/v1/me/delegations/{delegation}
        GET /api/v1/me/notices
        POST /api/v1/me/notices/seen
        POST /logout
        GET /password
        POST /password
    """,
    Permission.RECORD_READ: """
        GET /api/v1/attachments
        GET /api/v1/attachments/{attachment}
        GET /api/v1/attachments/{attachment}/content
        GET /attachments/{attachment}
        GET /api/v1/bills
        GET /api/v1/customers
        GET /api/v1/customers/{customer_no:path}
        GET /api/v1/definitions
        GET /api/v1/definitions/{key}/versions/{version}
        GET /api/v1/equipment
        GET /api/v1/equipment/{equipment_no:path}
        GET /api/v1/exposure
        GET /api/v1/first-batch
        GET /api/v1/inbox/events
        GET /api/v1/inspection-plans
        GET /api/v1/items
        GET /api/v1/items/{item_no:path}
        GET /api/v1/locations
        GET /api/v1/logistic-units
        GET /api/v1/logistic-units/{unit_no:path}
        GET /api/v1/lots
        GET /api/v1/lots/{lot_no:path}
        GET /api/v1/lots/{lot_no:path}/links
        GET /api/v1/lots/{lot_no:path}/serials
        GET /api/v1/lots/{lot_no:path}/timeline
        GET /api/v1/nonconformances/{number:path}
        GET /api/v1/people
        GET /api/v1/people/{person}
        GET /api/v1/subjects/{subject}/facts
        GET /api/v1/recalls
        GET /api/v1/recalls/{recall_no:path}
        GET /api/v1/recalls/{recall_no:path}/checks
        GET /api/v1/recalls/{recall_no:path}/classes
        GET /api/v1/recalls/{recall_no:path}/decisions
        GET /api/v1/recalls/{recall_no:path}/deliveries
        GET /api/v1/recalls/{recall_no:path}/funnel
        GET /api/v1/recalls/{recall_no:path}/notices
        GET /api/v1/recalls/{recall_no:path}/preview
        GET /api/v1/recalls/{recall_no:path}/pack
        GET /api/v1/recalls/{recall_no:path}/pulls
        GET /api/v1/recalls/{recall_no:path}/reconciliation
        GET /api/v1/recalls/{recall_no:path}/reports
        GET /api/v1/recalls/{recall_no:path}/reports/{kind}
        GET /api/v1/recalls/{recall_no:path}/returns
        GET /api/v1/recalls/{recall_no:path}/scope
        GET /api/v1/resolve
        POST /api/v1/resolve/list
        GET /api/v1/owner-rules
        GET /api/v1/roles
        GET /api/v1/shipments
        GET /api/v1/shipments/{number:path}
        GET /api/v1/subjects
        GET /api/v1/subjects/{subject}
        GET /api/v1/subjects/{subject}/owner/record
        POST /api/v1/subjects/{subject}/owner
        GET /api/v1/suppliers
        GET /api/v1/suppliers/{supplier_no:path}
        GET /api/v1/tasks
        GET /api/v1/tasks/counts
        GET /api/v1/tasks/{task_id}
        POST /api/v1/tasks/{task_id}/claim
        POST /api/v1/tasks/{task_id}/complete
        POST /api/v1/tasks/{task_id}/delegate
        POST /api/v1/tasks/{task_id}/draft
        GET /api/v1/tasks/{task_id}/record
        POST /api/v1/tasks/{task_id}/release
        POST /api/v1/tasks/{task_id}/results
        GET /api/v1/trace-health
        GET /api/v1/trace-health/findings
        GET /api/v1/trace/{identifier:path}
        GET /api/v1/work-orders
        GET /api/v1/work-orders/{number:path}
        GET /definitions
        GET /definitions/{key}
        GET /definitions/{key}/versions/{version}
        GET /exposure
        GET /inbox
        GET /inbox/list
        GET /inbox/stream
        GET /lots
        GET /lots.csv
        GET /lots/{lot_no:path}
        GET /lots/{lot_no:path}/links
        GET /people
        GET /people/{person}
        GET /plant
        GET /plant/bills
        GET /plant/calibrations
        GET /plant/countries
        GET /plant/customers
        GET /plant/equipment
        GET /plant/items
        GET /plant/kinds
        GET /plant/levels
        GET /plant/places
        GET /plant/plans
        GET /plant/suppliers
        GET /plant/undecided
        GET /quality
        GET /recalls
        GET /recalls/drills
        GET /owner-rules
        GET /roles
        GET /roles/{role}
        GET /runs/{key}
        GET /subjects/{key}/facts
        GET /lots/{lot_no:path}/facts
        GET /recalls/{number:path}
        GET /recalls/{number:path}/customers.csv
        GET /recalls/{number:path}/letters/{customer_no:path}
        GET /recalls/{number:path}/notices/{notice_id}
        GET /recalls/{number:path}/pack.zip
        GET /recalls/{number:path}/pulls.csv
        GET /recalls/{number:path}/reports/{kind}.{form}
        GET /recalls/{number:path}/scope.{kind}
        GET /search
        GET /shipments
        GET /shipments/{number:path}
        GET /subjects
        GET /subjects.csv
        GET /subjects/{key}
        GET /subjects/{key}/owner
        POST /subjects/{key}/owner
        GET /subjects/{key}/owner/record
        GET /options/people
        GET /options/subjects/{kind}
        GET /tasks/{task_id}
        POST /tasks/{task_id}/claim
        POST /tasks/{task_id}/complete
        POST /tasks/{task_id}/delegate
        POST /tasks/{task_id}/draft
        GET /tasks/{task_id}/exceptions
        GET /tasks/{task_id}/record
        GET /tasks/{task_id}/recording
        POST /tasks/{task_id}/release
        GET /trace
        GET /trace-health
        GET /trace/{identifier:path}
        GET /api/v1/views
        POST /api/v1/views
        GET /api/v1/views/{view}
        POST /api/v1/views/{view}
        DELETE /api/v1/views/{view}
        GET /views/new
        POST /views/new
        GET /views/{key}
        POST /views/{key}
        POST /views/{key}/remove
        GET /units
        GET /units/{number:path}
        GET /work-orders
        GET /work-orders/{number:path}
    """,
    Permission.ATTACHMENT_ADD: """
        POST /api/v1/attachments
        POST /attachments
    """,
    Permission.ITEM_WRITE: """
        POST /api/v1/bills
        POST /api/v1/items
        POST /api/v1/items/{item_no:path}/implantable
        POST /api/v1/items/{item_no:path}/name
        GET /plant/bills/new
        POST /plant/bills/new
        GET /plant/items/new
        POST /plant/items/new
        GET /plant/items/{number:path}/name
        POST /plant/items/{number:path}/name
    """,
    Permission.PARTNER_WRITE: """
        POST /api/v1/customers
        POST /api/v1/customers/{customer_no:path}/country
        POST /api/v1/customers/{customer_no:path}/level
        POST /api/v1/customers/{customer_no:path}/name
        POST /api/v1/suppliers
        POST /api/v1/suppliers/{supplier_no:path}/items
        POST /api/v1/suppliers/{supplier_no:path}/name
        POST /api/v1/suppliers/{supplier_no:path}/status
        GET /plant/customers/new
        POST /plant/customers/new
        GET /plant/customers/{number:path}/name
        POST /plant/customers/{number:path}/name
        GET /plant/countries/new
        POST /plant/countries/new
        GET /plant/levels/new
        POST /plant/levels/new
        GET /plant/suppliers/new
        POST /plant/suppliers/new
        GET /plant/suppliers/{number:path}/name
        POST /plant/suppliers/{number:path}/name
    """,
    Permission.EQUIPMENT_WRITE: """
        POST /api/v1/locations/{code:path}/kind
        POST /api/v1/locations/{code:path}/name
        POST /api/v1/equipment
        POST /api/v1/equipment/{equipment_no:path}/calibrations
        POST /api/v1/equipment/{equipment_no:path}/name
        POST /api/v1/equipment/{equipment_no:path}/status
        POST /api/v1/locations
        GET /plant/calibrations/new
        POST /plant/calibrations/new
        GET /plant/equipment/new
        POST /plant/equipment/new
        GET /plant/equipment/{number:path}/name
        POST /plant/equipment/{number:path}/name
        GET /plant/kinds/new
        POST /plant/kinds/new
        GET /plant/places/new
        POST /plant/places/new
        GET /plant/places/{number:path}/name
        POST /plant/places/{number:path}/name
    """,
    Permission.PLAN_WRITE: """
        POST /api/v1/inspection-plans
        GET /plant/plans/new
        POST /plant/plans/new
    """,
    Permission.NONCONFORMANCE_RAISE: """
        POST /api/v1/nonconformances
        GET /nonconformances/new
        POST /nonconformances/new
    """,
    Permission.LOT_RECEIVE: """
        POST /api/v1/lots
        GET /lots/receive
        POST /lots/receive
    """,
    Permission.LOT_HOLD: """
        GET /api/v1/holds/{hold_id}/record
        POST /api/v1/holds/{hold_id}/lift
        GET /holds/{hold_id}/record
        POST /holds/{hold_id}/lift
        POST /api/v1/lots/{lot_no:path}/holds
        POST /lots/{lot_no:path}/holds
    """,
    Permission.LOT_LIFT: """
        POST /api/v1/lots/{lot_no:path}/decide-again
        POST /lots/{lot_no:path}/decide-again
    """,
    Permission.LOT_RESHAPE: """
        POST /api/v1/lots/{lot_no:path}/merge
        POST /api/v1/lots/{lot_no:path}/repack
        POST /api/v1/lots/{lot_no:path}/split
        POST /lots/{lot_no:path}/merge
        POST /lots/{lot_no:path}/repack
        POST /lots/{lot_no:path}/split
    """,
    Permission.LOT_DISPOSE: """
        POST /api/v1/lots/{lot_no:path}/disposition
        POST /lots/{lot_no:path}/disposition
    """,
    Permission.LOT_LINK_CORRECT: """
        POST /api/v1/lots/{lot_no:path}/links/correct
        POST /lots/{lot_no:path}/links
    """,
    Permission.STOCK_MOVE: """
        POST /api/v1/moves
        POST /lots/{lot_no:path}/move
        POST /api/v1/logistic-units/{unit_no:path}/move
        POST /units/{number:path}/move
    """,
    Permission.SERIAL_REGISTER: """
        POST /api/v1/lots/{lot_no:path}/serials
        POST /lots/{lot_no:path}/serials
    """,
    Permission.UNIT_PACK: """
        POST /api/v1/logistic-units/{unit_no:path}/pack
        POST /api/v1/logistic-units/{unit_no:path}/unpack
        GET /units/new
        POST /units/new
        POST /units/{number:path}/empty
        POST /units/{number:path}/pack
        POST /units/{number:path}/unpack
    """,
    Permission.WORK_ORDER_CREATE: """
        POST /api/v1/work-orders
        GET /work-orders/new
        POST /work-orders/new
    """,
    Permission.OPERATION_RECORD: """
        POST /api/v1/work-orders/{number:path}/operations
        POST /work-orders/{number:path}/operations
    """,
    Permission.SHIPMENT_CREATE: """
        POST /api/v1/shipments
        GET /shipments/new
        POST /shipments/new
    """,
    Permission.DEFINITION_WRITE: """
        POST /api/v1/owner-rules
        POST /api/v1/owner-rules/{rule}/end
        POST /owner-rules
        POST /owner-rules/{rule}/end
    """,
    Permission.TASK_REASSIGN: """
        POST /api/v1/tasks/{task_id}/reassign
    """,
    Permission.RECALL_RUN: """
        POST /api/v1/recalls
        POST /api/v1/recalls/{recall_no:path}/checks
        POST /api/v1/recalls/{recall_no:path}/checks/{check_id}
        POST /api/v1/recalls/{recall_no:path}/classes
        POST /api/v1/recalls/{recall_no:path}/notices/{notice_id}/answer
        POST /api/v1/recalls/{recall_no:path}/notices/{notice_id}/receivers
        POST /api/v1/recalls/{recall_no:path}/notices/{notice_id}/posted
        POST /api/v1/recalls/{recall_no:path}/reports
        GET /recalls/new
        POST /recalls/new
        GET /recalls/new/recording
        GET /recalls/{number:path}/checks/new
        POST /recalls/{number:path}/checks/new
        GET /recalls/{number:path}/checks/{check}
        POST /recalls/{number:path}/checks/{check}
        GET /recalls/{number:path}/classes/new
        POST /recalls/{number:path}/classes/new
        GET /recalls/{number:path}/notices/{notice}/answer
        POST /recalls/{number:path}/notices/{notice}/answer
        GET /recalls/{number:path}/notices/{notice}/receivers
        POST /recalls/{number:path}/notices/{notice}/receivers
        POST /recalls/{number:path}/notices/{notice_id}/posted
        GET /recalls/{number:path}/reports/new
        POST /recalls/{number:path}/reports/new
    """,
    Permission.RETURN_BOOK: """
        POST /api/v1/recalls/{recall_no:path}/returns
        GET /recalls/{number:path}/returns/new
        POST /recalls/{number:path}/returns/new
    """,
    Permission.RETURN_DISPOSE: """
        POST /api/v1/recalls/{recall_no:path}/decisions
        POST /api/v1/recalls/{recall_no:path}/decisions/scrap
        GET /api/v1/returns/{returned}/scrap
        POST /api/v1/returns/{returned}/dispositions
        GET /recalls/{number:path}/decisions/new
        POST /recalls/{number:path}/decisions/new
        GET /recalls/{number:path}/returns/{returned}
        POST /recalls/{number:path}/returns/{returned}
    """,
    Permission.TRACE_CHECK: """
        POST /api/v1/trace-health
        POST /trace-health
    """,
    Permission.AUDIT_READ: """
        GET /api/v1/audit
        GET /subjects/{key}/audit
        GET /lots/{lot_no:path}/audit
    """,
    Permission.FAULT_SETTLE: """
        GET /api/v1/faults
        POST /api/v1/faults/{fault}/dismiss
        POST /api/v1/faults/{fault}/retry
        GET /api/v1/test-clock
        POST /api/v1/test-clock
        POST /api/v1/undelivered/{fact}/dismiss
        POST /api/v1/undelivered/{fact}/retry
        GET /operation
        POST /operation/clock
        POST /operation/faults/{fault}/dismiss
        POST /operation/faults/{fault}/retry
        POST /operation/undelivered/{fact}/dismiss
        POST /operation/undelivered/{fact}/retry
    """,
    Permission.PEOPLE_WRITE: """
        POST /api/v1/accounts/{login}/disable
        POST /api/v1/accounts/{login}/enable
        POST /api/v1/accounts/{login}/reset-password
        POST /api/v1/accounts/{login}/unlock
        POST /api/v1/people
        POST /api/v1/people/{person}/accounts
        POST /api/v1/people/{person}/active
        POST /api/v1/people/{person}/name
        POST /api/v1/people/{person}/roles
        DELETE /api/v1/people/{person}/roles/{role}
        POST /api/v1/people/{person}/tokens
        POST /api/v1/roles
        POST /api/v1/roles/{role}
        POST /api/v1/roles/{role}/active
        GET /api/v1/security-notices
        GET /people/new
        POST /people/new
        POST /people/{person}/accounts/{login}/close
        POST /people/{person}/accounts/{login}/open
        POST /people/{person}/accounts/{login}/reset
        POST /people/{person}/accounts/{login}/unlock
        POST /people/{person}/grant
        POST /people/{person}/leave
        POST /people/{person}/login
        POST /people/{person}/rename
        POST /people/{person}/return
        POST /people/{person}/roles/{role}/revoke
        POST /roles
        POST /roles/{role}
        POST /roles/{role}/active
    """,
    Permission.PEOPLE_HAND_OVER: """
        POST /api/v1/accounts/{login}/halves
        POST /people/{person}/accounts/{login}/half
    """,
    Permission.QUALIFICATION_WRITE: """
        POST /api/v1/people/{person}/qualifications
        POST /people/{person}/qualify
    """,
}
