"""Measurements, run by `make bench`: ratios to a yardstick of the same minutes."""
