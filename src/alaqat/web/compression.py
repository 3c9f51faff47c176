"""Replies are compressed for clients that can read that."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress

from alaqat.formats import FORMATS
from alaqat.protocol import PROBLEM

_PAGES = (
    *("text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml"),
    *("application/json", "application/geo+json", "application/graphml+xml", PROBLEM),
)


def compress(app: Flask) -> None:
    """Compress texts, but for answers so long that they are sent from disk.

    A compressed reply has another tag than the plain one (RFC 9110 §8.8.3.3).
    """
    app.config["COMPRESS_MIMETYPES"] = [*_PAGES, *(f.media_type for f in FORMATS)]
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_STREAMS"] = False
    Compress(app)
