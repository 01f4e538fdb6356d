"""From a group's sums to its summary: the ratios that sums allow, and None where they say nothing."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.facts import Summary
from storage.queries.facts import GroupTotals

#: The dimensions by which a span is taken apart, in the order of reports.
DIMENSIONS = ("strategy", "instance", "hour", "regime", "exit_reason", "version")
NOTHING = Summary(0, 0, 0, 0.0, 0.0, 0.0, 0.0, None, None, None, None, None)


def summary_of(group: GroupTotals, capital: Decimal) -> Summary:
    """The summary of `group` as a return on `capital` (quote currency; zero: unknown)."""
    return Summary(
        trades=group.trades,
        wins=group.wins,
        losses=group.losses,
        gross_pnl=float(group.gross),
        fees=float(group.fees),
        funding=float(group.funding),
        net_pnl=float(group.net),
        win_rate=group.wins / group.trades,
        return_fraction=float(group.net / capital) if capital else None,
        profit_factor=float(group.won / group.lost) if group.lost else None,
        expectancy=float(group.net / group.trades),
        max_drawdown=float(group.drawdown),
    )


def by_dimension(
    totals: Iterable[GroupTotals], capital: Mapping[str, Decimal]
) -> tuple[Summary, dict[str, dict[str, Summary]]]:
    """The summary of everything on all `capital` (by instance), and those of each dimension's groups by name, each on
    the capital of the instances that traded in it."""
    whole = NOTHING
    by_name: dict[str, dict[str, Summary]] = {dimension: {} for dimension in DIMENSIONS}
    for total in totals:
        if total.dimension == "total":
            whole = summary_of(total, sum(capital.values(), Decimal(0)))
        else:
            invested = sum((capital.get(name, Decimal(0)) for name in total.instances), Decimal(0))
            by_name[total.dimension][total.name] = summary_of(total, invested)
    return whole, by_name
