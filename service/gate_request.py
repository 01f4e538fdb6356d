"""One candidate on candles, as `tradeloop gate --strategy` asks for it, with or without a home's memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from core.clock import from_ms, to_ms
from core.errors import InvalidInput
from core.learning import VERDICT_STATUS, Author, Change, Decided, Proposal, SeenWindow, Verdict
from core.trading import ProposalLife
from execution.account import Account
from execution.marketdata import MarketData
from feedback.gate.admission import AdmissionHistory
from feedback.gate.gate import Gate
from feedback.gate.judge import judge_proposal
from feedback.gate.second_opinion import referee_for
from feedback.judging import past_verdicts
from service.accounts import account_of
from service.candles import load_series, refuse_unknown_values, values_for
from service.session import Session, open_home, prepare
from service.settings import Settings
from storage.queries.admission import given_verdicts
from storage.stores import Transaction
from strategies import registry
from strategies.contract import Strategy
