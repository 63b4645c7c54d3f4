"""Delivered files: reading CSV and Parquet, checking rows by their columns, writing rejects."""
