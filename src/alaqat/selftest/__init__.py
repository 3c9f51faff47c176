"""Attacking one's own server, to see that it holds."""
