"""The words of Tradeloop: pure types and arithmetic, no input or output (stdlib and numpy only)."""
