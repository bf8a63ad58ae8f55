"""What all processes share: the interpreter of definitions, its timers, its aliases, what is found by."""
