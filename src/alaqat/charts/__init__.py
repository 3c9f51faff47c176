"""Maps, timelines, networks and bar charts as plain values."""
