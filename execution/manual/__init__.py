"""Orders of people, executed on paper beside the strategies and never counted among what those do."""
