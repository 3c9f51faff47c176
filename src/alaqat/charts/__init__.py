"""Geometry of charts: maps, timelines, networks and bar charts, for SVG templates."""
