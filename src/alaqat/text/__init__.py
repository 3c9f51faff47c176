"""Documents as text: segments, quotes, structure and coverage."""
