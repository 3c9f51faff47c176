"""Commits to a writable store: inference, validation, snapshots, changelog, backup."""
