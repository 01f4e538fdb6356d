"""Every advisory lock of a database in one place: two purposes must never share a key."""

from enum import IntEnum, unique


@unique
class AdvisoryLock(IntEnum):
    """Keys of Postgres advisory locks; a leader holds his for as long as he leads."""

    MIGRATION = 7_461_001
    LEADERSHIP = 7_461_002
    AUDIT_CHAIN = 7_461_003
    PARTITIONS = 7_461_004
