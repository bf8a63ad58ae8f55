"""Whether the fields of a form make sense: the parts that their type takes, limits, sums and conditions (DEF-020, DEF-036)."""

from collections.abc import Iterator, Mapping

from models.definition.answer import NUMERIC, answer
from models.definition.condition import Compare, compares
from models.definition.document import Field, FieldType, Operator, Stage
from models.definition.findings import Finding, finding
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text

CLAUSE = "DESIGN 8"
FIELD = Kind(
    "DEF-020",
    CLAUSE,
    "步骤 {stage} 的表单栏「{field}」不合理: {zh}。",
    "The field “{field}” of the step {stage} makes no sense: {en}.",
)
WHEN = Kind(
    "DEF-036",
    CLAUSE,
    "步骤 {stage} 的表单栏「{field}」在什么条件下必填说不通: 「{other}」{zh}。",
    "When the field “{field}” of the step {stage} must be filled in can't be told: “{other}” {en}.",
)
REFERABLE: dict[str, Text] = {
    "customer": Text("客户", "customer"),
    "equipment": Text("设备", "equipment"),
    "item": Text("物料", "item"),
    "location": Text("库位", "location"),
    "lot": Text("批次", "batch"),
    "nonconformance": Text("不合格", "nonconformance"),
    "recall": Text("召回", "recall"),
    "supplier": Text("供应商", "supplier"),
}
"""The kinds of subject that a reference can lead to, with their names."""
ORDERED = NUMERIC | {FieldType.DATE, FieldType.MONTH, FieldType.INSTANT}
_TIMES = {FieldType.DATE, FieldType.MONTH, FieldType.INSTANT}


def lint_form(stage: Stage) -> Iterator[Finding]:
    """Everything that is wrong with the fields of a stage and with the columns of its tables."""
    for field in stage.form:
        yield from _field(stage, field, field.key, stage.form)
        for column in field.columns:
            yield from _field(stage, column, f"{field.key}.{column.key}", field.columns, field)


def _field(
    stage: Stage, field: Field, name: str, beside: tuple[Field, ...], table: Field | None = None
) -> Iterator[Finding]:
    problems = [*_parts(field), *_limits(field)]
    if table is not None and field.type is FieldType.TABLE:
        problems.append(Text("表格里不能再有表格", "a table can't stand in a table"))
    if table is not None and field.type is FieldType.ATTACHMENT:
        problems.append(Text("附件栏要放在表格之外", "files are asked for beside a table, not in its rows"))
    problems += _sum(field, beside, form=table is None)
    for zh, en in problems:
        yield finding(FIELD, stage.key, field=name, zh=zh, en=en)
    if field.required_when is None:
        return
    asked = {one.key: one for one in (*stage.form, *(table.columns if table else ()))}
    for compare in compares(field.required_when):
        wrong = _condition(stage, field, compare, asked, table)
        if wrong is not None:
            yield finding(WHEN, stage.key, field=name, other=str(compare.field), zh=wrong[0], en=wrong[1])


def _parts(field: Field) -> Iterator[Text]:
    if (field.type is FieldType.CHOICE) != bool(field.choices):
        yield Text("只有选择栏有选项, 且必须有", "choices belong to a choice field, which must have some")
    if (field.type is FieldType.REFERENCE) != (field.subject is not None):
        yield Text(
            "只有引用栏写明引用哪一类对象 (subject), 且必须写明",
            "a `subject` belongs to a reference, which must name one",
        )
    if field.subject is not None and field.subject not in REFERABLE:
        yield Text(f"没有「{field.subject}」这类对象", f"there is no kind of subject “{field.subject}”")
    if (field.type is FieldType.TABLE) != bool(field.columns):
        yield Text("只有表格有列 (columns), 且必须有", "`columns` belong to a table, which must have some")
    if field.required and field.required_when is not None:
        yield Text("总是必填, 不必再写条件 (required_when)", "it is always required; `required_when` is one too many")


def _limits(field: Field) -> Iterator[Text]:
    numeric = field.type in NUMERIC
    if not numeric and (field.minimum is not None or field.maximum is not None or field.unit is not None):
        yield Text("只有数字栏有上下限和单位", "only numbers have limits and a unit")
    if field.max_length is not None and field.type not in {FieldType.TEXT, FieldType.LONG_TEXT}:
        yield Text("只有文字栏有长度限制", "only text has a length")
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield Text("下限大于上限", "its minimum is above its maximum")
    if any(limit is not None and not limit.is_finite() for limit in (field.minimum, field.maximum)):
        yield Text("上下限必须是有限的数字", "its limits must be finite numbers")


def _sum(field: Field, beside: tuple[Field, ...], *, form: bool) -> Iterator[Text]:
    """What is wrong with a computed field; `form` says that it stands in the form itself, not in a row."""
    if field.computed is None:
        return
    if field.type not in NUMERIC:
        yield Text("只有数字能由系统算出", "only numbers can be worked out")
        return
    if field.required or field.required_when is not None:
        yield Text("由系统算出的栏没人填, 不能必填", "nobody fills in what is worked out, so it can't be required")
    known: dict[str, Field] = {}
    for one in beside:
        if one is field:
            break
        known[one.key] = one
        known |= {f"{one.key}.{column.key}": column for column in one.columns if form}
    # what is asked is read first, wherever it stands; what is worked out, in its order
    known |= {one.key: one for one in beside if one.computed is None}
    if form:
        known |= {f"{one.key}.{column.key}": column for one in beside for column in one.columns}
    for part in (*field.computed.plus, *field.computed.minus):
        yield from _part(field, part, known)


def _part(field: Field, part: str, known: Mapping[str, Field]) -> Iterator[Text]:
    one = known.get(part)
    if one is None:
        yield Text(
            f"它要加的「{part}」不存在, 或由系统在它之后才算出", f"“{part}” isn't there, or is worked out after it"
        )
    elif one.type not in NUMERIC:
        yield Text(f"它要加的「{part}」不是数字", f"“{part}” is no number")
    elif field.type is FieldType.INTEGER and one.type is not FieldType.INTEGER:
        yield Text(f"它是整数, 「{part}」却不是", f"it is a whole number, and “{part}” is none")
    elif (one.unit or None) != (field.unit or None):
        yield Text(f"它和「{part}」的单位不同", f"it and “{part}” have different units")


def _condition(
    stage: Stage, field: Field, compare: Compare, asked: Mapping[str, Field], table: Field | None
) -> Text | None:
    if compare.field is None:
        return None
    where, _, key = compare.field.rpartition(".")
    if where not in {"", stage.key}:
        return Text("不在这张表单里", "is not in this form")
    other = next((one for one in stage.form if one.key == key), None) if where else asked.get(key)
    if other is None:
        return Text("不存在", "doesn't exist")
    if other is field:
        return Text("就是它自己", "is the field itself")
    if table is not None and other in stage.form and (other.computed is not None or other.type is FieldType.TABLE):
        return Text("在读这一行时还没有算出", "is not known yet when the row is read")
    return unfit(other, compare)


def unfit(field: Field, compare: Compare) -> Text | None:
    """Why a condition can't compare this field with that value."""
    if field.type in {FieldType.TABLE, FieldType.ATTACHMENT, FieldType.PERSON}:
        return Text("不能拿来比较", "can't be compared with a value")
    if compare.op not in {Operator.EQ, Operator.NE, Operator.IN} and field.type not in ORDERED:
        return Text("不能比较大小", "has no order")
    values = compare.value if isinstance(compare.value, tuple) else (compare.value,)
    if field.type is FieldType.CHOICE and not set(values) <= {choice.key for choice in field.choices}:
        return Text("没有这个选项", "has no such choice")
    if (field.type is FieldType.BOOLEAN) != all(isinstance(value, bool) for value in values):
        return Text("与这个值类型不同", "and the value are of different types")
    if field.type in _TIMES and not all(_kept(field, value) for value in values):
        return Text("与这个值的写法不同", "and the value are written differently")
    return None


def _kept(field: Field, value: object) -> bool:
    """Whether an answer of that value would be stored as it is written: times sort as text."""
    try:
        return bool(answer(field, value, {"zh": "", "en": ""}) == value)
    except Refusal:
        return False
