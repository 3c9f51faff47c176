"""Alaqat: documents about foreign relations as proof-carrying knowledge graphs."""

__version__ = "0.1.0"
