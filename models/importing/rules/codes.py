"""Why a file, a source row or a part of it was refused, left out or flagged; the reference page is made from this."""

from models.kernel.refusal import Kind

_WHOLE = "ISO 13485 4.2.5"
_ORIGIN = "21 CFR 11.10(e)"

# The file: nothing of it is imported -------------------------------------------------------------------------------
NO_FILE = Kind("IMP-001", _WHOLE, "无法读取文件 {file}：{why}。", "The file {file} can't be read: {why}.", 422)
DAMAGED = Kind(
    "IMP-002",
    _WHOLE,
    "文件 {file} 已损坏，无法解压（{why}）；没有导入任何内容。",
    "The file {file} is damaged and can't be unpacked ({why}); nothing was imported.",
    422,
)
NOT_JSON = Kind(
    "IMP-003",
    _WHOLE,
    "文件 {file} 第 {line} 行不是有效的 JSON（{why}）；没有导入任何内容。",
    "Line {line} of {file} is not valid JSON ({why}); nothing was imported.",
    422,
)
UNKNOWN_FORMAT = Kind(
    "IMP-004",
    _WHOLE,
    "无法识别文件 {file} 的格式；支持：{known}。",
    "The format of {file} is not known; known are: {known}.",
    422,
)
NOT_XML = Kind(
    "IMP-053",
    _WHOLE,
    "文件 {file} 第 {line} 行不是可接受的 XML（{why}）；没有导入任何内容。",
    "Line {line} of {file} is no XML that is accepted ({why}); nothing was imported.",
    422,
)
TOO_MANY_PARTS = Kind(
    "IMP-061",
    _WHOLE,
    "文件 {file} 的对象和列表超过 {most} 个，请拆成几个文件；没有导入任何内容。",
    "{file} has more than {most} objects and lists: split it; nothing was imported.",
    422,
)
TOO_MANY = Kind(
    "IMP-054",
    _WHOLE,
    "文件 {file} 的产品超过 {most} 个，请拆成几个文件；没有导入任何内容。",
    "{file} has more than {most} devices: split it; nothing was imported.",
    422,
)
EMPTY_FILE = Kind("IMP-005", _WHOLE, "文件 {file} 是空的。", "The file {file} is empty.", 422)
NO_MAPPING = Kind(
    "IMP-006",
    _WHOLE,
    "暂不支持按映射表导入（{mapping}）；没有导入任何内容。",
    "Import by a mapping ({mapping}) is not available yet; nothing was imported.",
    422,
)

# Rows that are rejected --------------------------------------------------------------------------------------------
DANGLING = Kind(
    "IMP-010",
    _WHOLE,
    "引用的 {what} 在来源中不存在或已被拒绝。",
    "It refers to {what}, which the source does not have or which was rejected.",
    422,
)
MISSING = Kind("IMP-011", _WHOLE, "缺少必填内容：{what}。", "A required value is missing: {what}.", 422)
CHANGED = Kind(
    "IMP-012",
    _ORIGIN,
    "该来源记录在上次导入后已被修改；已导入的记录保持不变，请由人员处理。",
    "This source row has changed since it was imported; the imported record stays as it is, a person must decide.",
)
CONTRADICTORY = Kind(
    "IMP-013",
    _WHOLE,
    "同一来源编号在文件中出现多次且内容不同，只采用第一条。",
    "The same source key stands more than once with different contents; only the first was taken.",
)
NUMBER_TAKEN = Kind(
    "IMP-014",
    _WHOLE,
    "编号 {number} 已用于本系统中的另一条记录。",
    "The number {number} already belongs to another record of this system.",
)
BAD_QUANTITY = Kind("IMP-015", _WHOLE, "数量“{value}”无效。", "The quantity “{value}” is not usable.", 422)
NOT_TAKEN_OVER = Kind(
    "IMP-016",
    _WHOLE,
    "本系统不接收 {what} 类记录。",
    "Records of the kind {what} are not taken over.",
)
NO_PEOPLE = Kind(
    "IMP-017",
    "21 CFR 11.100(b)",
    "账号不从旧系统导入；人员须由管理员核实身份后建立。",
    "Accounts are not imported; an administrator sets people up after verifying who they are.",
)
OPEN_ORDER = Kind(
    "IMP-018",
    _WHOLE,
    "订单尚无收货或发货，没有可追溯的内容；订单业务留在原系统。",
    "Nothing has been received or shipped for this order, so there is nothing to trace; ordering stays where it is.",
)
BAD_DATE = Kind("IMP-019", _WHOLE, "日期“{value}”无效。", "The date “{value}” is not usable.", 422)
FUTURE = Kind(
    "IMP-055",
    "ALCOA+",
    "{what}（{value}）在将来，尚不可能发生。",
    "{what} ({value}) lies in the future; it can't have happened yet.",
    422,
)

# Rows that are taken over with a flag ------------------------------------------------------------------------------
DI_LENGTH = Kind(
    "IMP-030",
    "21 CFR 830.20",
    "GS1 器械标识 {value} 有 {length} 位，应为 14 位。",
    "The GS1 device identifier {value} has {length} digits; it should have 14.",
)
WRONG_AGENCY = Kind(
    "IMP-031",
    "21 CFR 830.20",
    "{value} 标注为 {agency}，但形式上是另一发码机构的标识。",
    "{value} is labelled {agency}, but it has the form of another issuing agency.",
)
SHARED_IDENTIFIER = Kind(
    "IMP-032",
    "21 CFR 830.40(c)",
    "标识 {value} 已属于 {other}，未重复登记。",
    "The identifier {value} belongs to {other} already and was not registered again.",
)
NO_BATCH = Kind(
    "IMP-033",
    "ISO 13485 7.5.9",
    "来源没有批号，以来源编号命名为批次 {lot_no}。",
    "The source has no batch number; the lot is named {lot_no} after the source key.",
)
BATCH_OF_ORDER = Kind(
    "IMP-034",
    "ISO 13485 7.5.9",
    "来源没有批号，按生产订单命名为批次 {lot_no}。",
    "The source has no batch number; the lot is named {lot_no} after its build order.",
)
AMBIGUOUS_BATCH = Kind(
    "IMP-035",
    "ISO 13485 7.5.9",
    "批号 {batch} 用于 {count} 种物料，批次改名为 {lot_no}。",
    "The batch number {batch} is used for {count} parts; the lot is named {lot_no}.",
)
NO_LOCATION = Kind(
    "IMP-036",
    _WHOLE,
    "有库存但没有库位，放入“{location}”。",
    "There is stock without a location; it was put into “{location_en}”.",
)
STILL_ON_SHELF = Kind(
    "IMP-037",
    _WHOLE,
    "已装入 {other}，但来源仍记有库位；按已装入处理。",
    "It is installed in {other} yet still has a location; it counts as installed.",
)
NOT_OK_BUT_SHIPPED = Kind(
    "IMP-038",
    "ISO 13485 8.3",
    "已发给客户，但来源状态不是“合格”（{status}）。",
    "It went to a customer although its status at the source is not OK ({status}).",
)
SUBLOT = Kind(
    "IMP-039",
    "ISO 13485 7.5.8",
    "批次 {batch} 的部分数量状态不同，拆为子批 {lot_no}。",
    "A part of batch {batch} has another status and became the sublot {lot_no}.",
)
INFERRED_BUILD = Kind(
    "IMP-040",
    "ISO 13485 7.5.9",
    "来源未写明消耗用于哪个生产订单，按时间和物料清单推断为 {order}。",
    "The source does not say which build consumed it; by time and bill of material it was {order}.",
)
UNKNOWN_BUILD = Kind(
    "IMP-041",
    "ISO 13485 7.5.9",
    "消耗了 {quantity}，但无法确定用于哪个生产订单。",
    "{quantity} were consumed, but by which build can't be told.",
)
ALLOCATED_ONLY = Kind(
    "IMP-042",
    "ISO 13485 7.5.9",
    "仅分配给未完成的 {order}，来源尚未扣减库存。",
    "It is only allocated to the unfinished {order}; the source has not deducted it from stock.",
)
SEVERAL_OUTPUTS = Kind(
    "IMP-043",
    "ISO 13485 7.5.9",
    "{order} 有 {count} 个产出批次，无法确定用于哪一个；全部建立联系，不记数量。",
    "{order} made {count} lots and the source does not say which; all are linked, without quantities.",
)
TIME_INVERSION = Kind(
    "IMP-044",
    "21 CFR 11.10(e)",
    "时间矛盾：{later} 早于 {earlier}。",
    "The times contradict each other: {later} lies before {earlier}.",
)
PLAN_NOT_APPROVED = Kind(
    "IMP-045",
    "ISO 13485 7.5.6",
    "检验项目来自旧系统，仅作记录；生效前须在本系统批准。",
    "The test comes from the old system and is kept as a record; to take effect it must be approved here.",
)
FAILED_BUT_OK = Kind(
    "IMP-046",
    "ISO 13485 8.2.6",
    "最后一次测试不合格，但来源库存状态为合格。",
    "The last test failed, although the stock status at the source is OK.",
)
SERIAL_QUANTITY = Kind(
    "IMP-047",
    "ISO 13485 7.5.9",
    "序列号 {serial} 的数量为 {quantity}，应为 1。",
    "The serial number {serial} has the quantity {quantity}; it should be 1.",
)
RETURN_NOT_RECEIVED = Kind(
    "IMP-048",
    "ISO 13485 8.2.2",
    "退货已登记但尚未收到。",
    "The return is announced but was not received.",
)
NO_SHIPMENT = Kind(
    "IMP-049",
    "ISO 13485 7.5.9.2",
    "来源显示已在客户处，但没有发货记录；已补记为 {shipment_no}。",
    "The source says that a customer has it, but there is no shipment; it was recorded as {shipment_no}.",
)
NUMBER_MADE = Kind(
    "IMP-050",
    _WHOLE,
    "来源编号“{wanted}”重复或为空，改用 {number}。",
    "The source's number “{wanted}” is empty or not unique; {number} is used instead.",
)
SEVERAL_SUPPLIERS = Kind(
    "IMP-051",
    "ISO 13485 7.5.9",
    "批号 {batch} 来自 {count} 个供应商，按供应商分批；批次为 {lot_no}。",
    "The batch number {batch} came from {count} suppliers, each of which has its own lot; this one is {lot_no}.",
)
LABEL_READ = Kind(
    "IMP-056",
    "REQ 19",
    "“{field}”里存的是整条扫码内容“{cell}”，只采用其中的编号 {number}。",
    "“{field}” held all that a label says, “{cell}”; only its number {number} was taken.",
)
BILL_IN_CIRCLE = Kind(
    "IMP-057",
    "ISO 13485 7.5.1; 21 CFR 820.181",
    "{part} 的用料 {component} 本身又由 {part} 制成；该行不列入物料清单。",
    "{component}, a material of {part}, is made of {part} itself; the line is no line of the bill of material.",
)
UNIT_UNKNOWN = Kind(
    "IMP-058",
    "DESIGN 9",
    "不认识单位“{unit}”，无法换算；请在物料主数据中更正。",
    "The unit “{unit}” is not known, so nothing can be converted; set the item's unit right.",
)
TIME_UNKNOWN = Kind(
    "IMP-059",
    "ALCOA+",
    "来源没有写明时间；记为 1970-01-01，意为未知。",
    "The source doesn't say when; 1970-01-01 stands for unknown.",
)
MADE_OF_ITSELF = Kind(
    "IMP-060",
    "ISO 13485 7.5.9",
    "批次 {parent} 用于 {child}，而来源又说 {parent} 由 {child} 制成；两条都保留，追溯会指出矛盾。",
    "Lot {parent} went into {child}, and by the source {parent} was made of {child} as well; both links are kept, and each trace"
    " names the contradiction.",
)
OTHER_UNIT = Kind(
    "IMP-062",
    "DESIGN 9",
    "器械 {number} 已登记，以 {ours} 计；来源以 {theirs} 计，数量无法换算。",
    "The device {number} is registered here and counted in {ours}; the source counts in {theirs}, and its quantities can't be told.",
    422,
)
FLAG_UNSAID = Kind(
    "IMP-063",
    "21 CFR 830.310; ISO 13485 7.5.9",
    "来源没有写明 {names}；暂按“否”登记，请核对物料主数据。",
    "The source doesn't say {names}; they are registered as “no” for now. Check the item's master data.",
)
PACK_UNREADABLE = Kind(
    "IMP-064",
    "21 CFR 830.310",
    "包装数量“{value}”不是整数，未采用。",
    "The quantity of a package, “{value}”, is no whole number and was not taken.",
)
TOO_LARGE = Kind(
    "IMP-052",
    _WHOLE,
    "文件 {file} 展开后超过 {limit} MB；请分成几个文件导入。",
    "The file {file} holds more than {limit} MB once unpacked; import it in parts.",
    422,
)
