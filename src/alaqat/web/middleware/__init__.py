"""WSGI and request middleware: language, rate limit, cache, log, authentication."""
