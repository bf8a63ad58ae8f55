"""The processes of quality around a batch: corrective and preventive actions, changes, calibrations."""
