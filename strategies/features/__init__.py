"""Features: what a step may know of the past, computed incrementally by one function for history and live."""

from strategies.features.specs import FEATURE_NAMES, FEATURES, FeatureSpec
from strategies.features.stream import FeatureStream, compute

__all__ = ["FEATURES", "FEATURE_NAMES", "FeatureSpec", "FeatureStream", "compute"]
