"""Read-side queries: functions of a connection that return frozen dataclasses. Each belongs to its reader."""
