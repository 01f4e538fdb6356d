"""A home's own PostgreSQL and Valkey: found in installed wheels, owned by exactly one process, reached by URL."""
