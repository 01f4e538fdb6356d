"""One file per check: `check(subject)` answers with its value, its limit and one plain line."""
