"""Lists over HTTP: taken out as files, and the views of them that people keep."""
