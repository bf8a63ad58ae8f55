"""One human act each: the whole of what it changes, inside one transaction that the activity opens."""
