"""Wire types of workflows, updates and activities; fields are only ever added."""
