"""How workflows are reached and run: queues, the registry of types, what is carried along, how the API starts and asks."""
