"""A foreign bot's trade in our words."""

from decimal import Decimal

from api.context import ApiContext
from api.models.journal import TradeIn
from core.trading import ExitReason, Side, Trade
from storage import foreign_trades
from storage.foreign_trades import Market

SOURCE = "api"


def store(context: ApiContext, sent: TradeIn, actor: str) -> tuple[str, bool]:
    """Journal `sent`; return its trade id and whether it is new."""
    trade = _trade(sent)
    market = Market(sent.strategy, sent.venue, sent.symbol)
    with context.stores.begin() as tx:
        seq, is_new = foreign_trades.add(tx.connection, trade, market, sent.client_trade_id)
        trade_id = f"{sent.instance_id}#{seq}"
        if is_new:
            tx.audit.append(actor, "trade.ingest", trade_id, {"client": sent.client_trade_id}, context.now())
    return trade_id, is_new


def _trade(sent: TradeIn) -> Trade:
    """What the bot cannot know (excursions, versions) is zero, its contexts say where the trade came from."""
    side = Side.BUY if sent.side == "long" else Side.SELL
    gross = (sent.exit_price - sent.entry_price) * sent.quantity * Decimal(int(side))
    return Trade(
        instance_id=sent.instance_id,
        seq=0,
        side=side,
        quantity=sent.quantity,
        opened_at=sent.opened_at,
        closed_at=sent.closed_at,
        entry_price=sent.entry_price,
        exit_price=sent.exit_price,
        gross_pnl=gross,
        fees=sent.fees,
        funding=sent.funding,
        slippage=sent.slippage,
        pnl=gross - sent.fees + sent.funding,
        mae=0.0,
        mfe=0.0,
        bars_held=0,
        exit_reason=ExitReason.NONE,
        strength=0.0,
        regime=sent.regime,
        decision_seq=None,
        entry_version=0,
        exit_version=0,
        entry_context={"source": SOURCE, "note": sent.note},
        exit_context={"source": SOURCE},
        execution={},
        source=SOURCE,
    )
