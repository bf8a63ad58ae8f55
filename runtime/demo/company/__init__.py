"""The ground of the demo company: its people, numbers, items, gauges and routings."""
