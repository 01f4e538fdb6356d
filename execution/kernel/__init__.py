"""The compiled engine: plain functions over records, called by one loop for backtest, replay, paper and live."""
