"""Corrective and preventive action (ISO 13485 8.5.2, 8.5.3): the case, its plan, and whether it has helped."""
