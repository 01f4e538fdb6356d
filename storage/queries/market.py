"""What the stored bars say of a market as a whole."""

from sqlalchemy import Connection, text

_FIRST_CLOSE = text("""
SELECT close FROM bars WHERE venue = :venue AND symbol = :symbol ORDER BY opened_at LIMIT 1
""")


def first_close(connection: Connection, venue: str, symbol: str) -> float | None:
    """The close of the oldest stored bar, in quote currency; None where there is none."""
    row = connection.execute(_FIRST_CLOSE, {"venue": venue, "symbol": symbol}).first()
    return None if row is None else float(row.close)
