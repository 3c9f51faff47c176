"""As-of views and verdicts: what holds on a day, and whether a triple holds."""
