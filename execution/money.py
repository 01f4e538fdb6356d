"""The one place where research numbers (float64) become booked money (Decimal)."""

from decimal import Decimal

#: Booked amounts keep eight decimals of the quote currency, prices and quantities their instrument's step.
CENT = Decimal("0.00000001")


def amount(value: float) -> Decimal:
    """An amount of quote currency, rounded half to even at eight decimals; NaN and infinity raise ValueError."""
    return _quantized(value, CENT)


def on_step(value: float, step: Decimal) -> Decimal:
    """A price or quantity on its step; a step of zero keeps the shortest exact decimal of the float."""
    return _quantized(value, step) if step else Decimal(repr(float(value)))


def _quantized(value: float, step: Decimal) -> Decimal:
    number = Decimal(repr(float(value)))
    if not number.is_finite():
        raise ValueError(f"{value!r} cannot be booked.")
    return ((number / step).quantize(Decimal(1)) * step).normalize() + Decimal(0)
