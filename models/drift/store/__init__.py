"""Charts of incoming lots in the record: asked for, limits frozen, lots judged, alerts raised and closed."""
