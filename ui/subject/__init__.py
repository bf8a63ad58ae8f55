"""Whatever a process can be about, on pages that name no kind of it."""
