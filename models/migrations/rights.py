"""Which tables are audited, append-only, deletable or read-only for the application role; a test checks them.

A migration applies its own list and never a later one.
"""

AUDITED_0002 = (
    "account",
    "bom_line",
    "calibration",
    "characteristic",
    "customer",
    "definition_version",
    "delegation",
    "environment_reading",
    "equipment",
    "genealogy_edge",
    "hold",
    "human_task",
    "import_run",
    "inspection",
    "inspection_plan",
    "inspection_result",
    "item",
    "item_identifier",
    "location",
    "lot",
    "lot_fact",
    "nonconformance",
    "operation_environment",
    "operation_equipment",
    "operation_parameter",
    "operation_person",
    "operation_run",
    "person",
    "process_run",
    "qualification",
    "role_grant",
    "routing_step",
    "security_notice",
    "serial_unit",
    "shipment",
    "shipment_line",
    "signature",
    "site",
    "stock_movement",
    "supplier",
    "supplier_item",
    "work_order",
)

UNAUDITED_0002 = (
    "applied",  # bookkeeping of retries
    "audit_event",  # the trail itself
    "idempotency_key",  # bookkeeping of retries
    "import_row",  # append-only evidence of its own
    "login_session",  # changes with every page
    "outbox",  # delivery of facts that are audited where they arose
    "signed_record",  # append-only evidence of its own
    "signing_attempt",  # append-only evidence of its own
    "stock",  # a balance of the audited movements
    "task_draft",  # not a record yet
)

APPEND_ONLY_0002 = (
    "audit_event",
    "genealogy_edge",
    "import_row",
    "inspection_result",
    "lot_fact",
    "signature",
    "signed_record",
    "signing_attempt",
    "stock_movement",
)

READ_ONLY = ("audit_event", "own_number", "service_actor", "stock")


AUDITED_0004 = ("recall", "recall_deadline", "recall_notice", "recall_scope")
UNAUDITED_0004 = ("recall_lot",)  # append-only; stands in the signed record whose digest the scope carries
APPEND_ONLY_0004 = UNAUDITED_0004

DELETABLE_0007 = ("trace_health_found", "trace_health_lot")
UNAUDITED_0007 = (
    *DELETABLE_0007,  # work of a check in hand, empty between checks
    "trace_finding",  # computed from audited rows, with the runs that saw it come and go
    "trace_health_run",  # append-only
    "trace_health_score",  # append-only
)
APPEND_ONLY_0007 = ("trace_health_run", "trace_health_score")

AUDITED_0008 = (
    "recall_check",
    "recall_check_attempt",
    "recall_disposition",
    "recall_report",
    "recall_return",
    "recall_sample",
)
APPEND_ONLY_0008 = AUDITED_0008

AUDITED_0009 = ("notice_delivery", "recall_pull")

AUDITED_0011 = ("logistic_unit", "packed_content")

AUDITED_0015 = ("act_fault",)

AUDITED_0018 = ("recall_lot_decision",)
APPEND_ONLY_0018 = AUDITED_0018

APPEND_ONLY_0029 = (
    "calibration",
    "environment_reading",
    "operation_environment",
    "operation_equipment",
    "operation_parameter",
    "operation_person",
)  # facts that releases rest on: a new one follows, the old one stays

APPEND_ONLY_0040 = ("import_run",)

APPEND_ONLY_0042 = ("operation_run", "routing_step")  # what was asked of an order, and what was done

AUDITED_0048 = ("recall_market",)
APPEND_ONLY_0048 = AUDITED_0048

REASONS_0043 = {
    "account": ("disabled",),
    "characteristic": ("kind", "lower", "upper", "sample_size", "accept", "unit", "equipment_kind"),
    "equipment": ("status", "kind", "needs_calibration"),
    "inspection_plan": ("status", "stage", "item_id", "item_kind", "qualification"),
    "item": (
        "kind", "uom", "lot_on_label", "serial_on_label", "manufactured_on_label", "expiry_on_label", "implantable",
        "sterile", "single_use", "active", "shelf_life_months", "tolerance_percent",
    ),
    "location": ("kind",),
    "person": ("active",),
    "qualification": ("person_id", "code", "document", "valid_from", "valid_until"),
    "role_grant": ("revoked_at",),
    "site": ("zone", "country", "late_entry_hours"),
    "supplier": ("status",),
}  # fmt: skip
"""Columns that change with a reason only; a role is also given with one."""
REASONS_0055 = {"customer": ("level",)}
REASONS_0066 = dict.fromkeys(("customer", "equipment", "item", "location", "person", "supplier"), ("name", "name_en"))
"""What people read: a second trigger beside that of before."""
REASONS_0073 = {"customer": ("country",)}
REASONS_0090 = {"role": ("zh", "en", "permissions", "quality", "active")}
REASONS = {
    table: tuple(
        column
        for reasons in (REASONS_0043, REASONS_0055, REASONS_0066, REASONS_0073, REASONS_0090)
        for column in reasons.get(table, ())
    )
    for table in (*REASONS_0043, *REASONS_0055, *REASONS_0090)
}

UNAUDITED_0020 = ("own_number",)  # an index of the audited lots, kept by a trigger

UNAUDITED_ROLES = ("service_actor",)  # written by migrations only

AUDITED_0031 = ("clock_jump",)
APPEND_ONLY_0031 = AUDITED_0031

AUDITED_0053 = ("clock_difference",)
APPEND_ONLY_0053 = AUDITED_0053

AUDITED_0034 = ("account_mail", "certification", "sign_in_code")
APPEND_ONLY_0034 = ("certification",)

AUDITED_0063 = ("recall_naming",)

AUDITED_0084 = ("attachment", "stored_file")
UNAUDITED_0084 = ("stored_part",)  # append-only bytes, which the digest of their audited file covers
APPEND_ONLY_0084 = (*AUDITED_0084, *UNAUDITED_0084)
AUDITED_0086 = ("legal_entity", "owner_rule", "run_link", "subject")
APPEND_ONLY_0086 = ("run_link",)
AUDITED_0089 = ("cause", "fact")
APPEND_ONLY_0089 = AUDITED_0089
AUDITED_0091 = ("list_export", "saved_view")
APPEND_ONLY_0091 = ("list_export",)
DELETABLE_0091 = ("saved_view",)  # its owner's; the audit trail keeps what it was
AUDITED_0090 = ("role",)
AUDITED_0097 = ("capa", "capa_measurement", "capa_plan")
APPEND_ONLY_0097 = ("capa_measurement",)
AUDITED_0098 = ("change", "change_impact", "change_lock")
APPEND_ONLY_0098 = ("change_impact",)
AUDITED_0099 = ("capa_scope",)
AUDITED_0100 = ("hold_act",)
APPEND_ONLY_0100 = AUDITED_0100
AUDITED_0101 = ("hold_part",)
AUDITED_0102 = ("change_task",)
AUDITED_0103 = ("supplier_approval", "supplier_receipt")
APPEND_ONLY_0103 = ("supplier_receipt",)
AUDITED_0105 = ("equipment_block", "out_of_tolerance", "out_of_tolerance_result")
AUDITED_0106 = ("drift_alert", "drift_chart", "drift_limits", "drift_point", "drift_signal", "drift_watch")
APPEND_ONLY_0106 = ("drift_point", "drift_signal")
AUDITED_0108 = ("scar", "scar_answer", "scar_file", "scar_review", "scar_round")
APPEND_ONLY_0108 = ("scar_answer", "scar_file", "scar_review", "scar_round")
AUDITED_0111 = ("breakdown", "breakdown_lot", "breakdown_report")
APPEND_ONLY_0111 = ("breakdown_lot", "breakdown_report")
AUDITED_0112 = ("sampling_lot", "sampling_severity")
APPEND_ONLY_0112 = ("sampling_lot",)
AUDITED_0113 = ("change_batch", "change_extension")
APPEND_ONLY_0113 = AUDITED_0113
UNAUDITED_0087 = ("numbering",)  # counters; what they number is audited

DELETABLE_0031 = ("worker_beat",)  # signs of life; a worker that stops takes its own away

DELETABLE = ("task_draft", *DELETABLE_0007, *DELETABLE_0031, *DELETABLE_0091)

AUDITED = (
    AUDITED_0002
    + AUDITED_0004
    + AUDITED_0008
    + AUDITED_0009
    + AUDITED_0011
    + AUDITED_0015
    + AUDITED_0018
    + AUDITED_0048
    + AUDITED_0031
    + AUDITED_0034
    + AUDITED_0053
    + AUDITED_0063
    + AUDITED_0084
    + AUDITED_0086
    + AUDITED_0089
    + AUDITED_0091
    + AUDITED_0090
    + AUDITED_0097
    + AUDITED_0098
    + AUDITED_0099
    + AUDITED_0100
    + AUDITED_0101
    + AUDITED_0102
    + AUDITED_0103
    + AUDITED_0105
    + AUDITED_0106
    + AUDITED_0108
    + AUDITED_0111
    + AUDITED_0112
    + AUDITED_0113
)
UNAUDITED = (
    UNAUDITED_0002
    + UNAUDITED_0004
    + UNAUDITED_0007
    + UNAUDITED_0020
    + UNAUDITED_0084
    + UNAUDITED_0087
    + UNAUDITED_ROLES
    + DELETABLE_0031
)
APPEND_ONLY = (
    *APPEND_ONLY_0002,
    *APPEND_ONLY_0004,
    *APPEND_ONLY_0007,
    *APPEND_ONLY_0008,
    *APPEND_ONLY_0018,
    *APPEND_ONLY_0048,
    *APPEND_ONLY_0029,
    *APPEND_ONLY_0031,
    *APPEND_ONLY_0034,
    *APPEND_ONLY_0040,
    *APPEND_ONLY_0042,
    *APPEND_ONLY_0053,
    *APPEND_ONLY_0084,
    *APPEND_ONLY_0086,
    *APPEND_ONLY_0089,
    *APPEND_ONLY_0091,
    *APPEND_ONLY_0097,
    *APPEND_ONLY_0098,
    *APPEND_ONLY_0100,
    *APPEND_ONLY_0103,
    *APPEND_ONLY_0106,
    *APPEND_ONLY_0108,
    *APPEND_ONLY_0111,
    *APPEND_ONLY_0112,
    *APPEND_ONLY_0113,
)
