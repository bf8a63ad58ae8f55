"""How Batchwright runs: settings, the data folder, embedded servers, supervision, health, commands (DESIGN 4)."""
