"""Who may do what: keys for programs, sessions for people, one table of routes and scopes."""
