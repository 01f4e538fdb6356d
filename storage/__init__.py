"""The only code that speaks to Postgres and Redis."""
