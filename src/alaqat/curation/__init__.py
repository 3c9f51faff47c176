"""Commits to a writable store: inference, validation, snapshots, history and backup."""
