"""What things are called that a process can be about, where their noun has declared no kind of its own for them (DESIGN 6a)."""

from models.kernel.text import Text

TITLES: dict[str, Text] = {
    "item": Text("物料", "Item"),
    "supplier": Text("供应商", "Supplier"),
    "customer": Text("客户", "Customer"),
    "equipment": Text("设备", "Equipment"),
    "place": Text("库位", "Place"),
    "person": Text("人员", "Person"),
    "definition": Text("流程定义", "Process definition"),
    "site": Text("厂区", "Site"),
    "nonconformance": Text("不合格或偏差", "Nonconformance or deviation"),
    "capa": Text("纠正预防措施", "CAPA"),
    "change": Text("变更", "Change"),
    "document": Text("文件", "Document"),
    "complaint": Text("投诉", "Complaint"),
    "connector": Text("接口", "Connector"),
}
OTHER = Text("事项", "Matter")
