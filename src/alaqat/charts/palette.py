"""Colour palette of charts in SVG files, where no style sheet applies.

On pages, the style sheet colours the same classes.
"""

from __future__ import annotations

COLOURS: dict[str, str] = {
    "paper": "#ffffff",
    "sea": "#f3f5f4",
    "land": "#dfe1dc",
    "border": "#ffffff",
    "text": "#1d2427",
    "soft": "#566166",
    "line": "#c9ccc5",
    "subject": "#1d2427",
    "related": "#0b5c6b",
    "sends": "#0b5c6b",
    "hosts": "#8a5a00",
    "mutual": "#4a2f78",
    "denied": "#b5533c",
    "contradicted": "#7a1f5c",
    "first": "#0b5c6b",
    "second": "#8a5a00",
    "third": "#4a2f78",
    "other": "#566166",
    "certain": "#0b5c6b",
    "presumed": "#4f8f9b",
    "possible": "#a9c8ce",
    "doubt": "#9c5b00",
}
"""Colours of the light theme, by class."""
