"""A pool of killable worker processes that evaluate queries."""
