"""Pure domain rules: state, command and `now` in; new state and facts, or a `Refusal`, out."""
