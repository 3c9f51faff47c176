"""Who may write: tokens with names, read from a file that only its owner reads."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import request

from alaqat.errors import Forbidden

_MIN_TOKEN_LENGTH = 16  # letters; a shorter token could be guessed
_GROUP_AND_OTHERS = 0o077  # what a group or anybody may do with a file


@dataclass(frozen=True)
class TokenTable:
    """The tokens that are known; of each, only its digest is kept.

    Attributes:
        digests: the SHA-256 of each token, by the name of who has it.
    """

    digests: Mapping[str, bytes]

    @classmethod
    def parse(cls, text: str) -> TokenTable:
        """Tokens as they are written: NAME:TOKEN a line, or one token alone.

        Raises:
            Forbidden: a token is too short, or two lines have one name; the message
                tells no token.
        """
        digests: dict[str, bytes] = {}
        lines = (line.strip() for line in text.splitlines())
        for line in lines:
            if line and not line.startswith("#"):
                name, colon, token = line.partition(":")
                name, token = (name.strip(), token.strip()) if colon else ("", line)
                _check_token(name, token, digests)
                digests[name or "writer"] = _digest(token)
        if not digests:
            raise Forbidden("There is no token.", remedy="Write NAME:TOKEN a line.")
        return cls(digests)

    @classmethod
    def read(cls, path: Path) -> TokenTable:
        """The tokens of a file.

        Raises:
            Forbidden: it cannot be read, or others than its owner may read it.
        """
        try:
            mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Forbidden(
                f"The tokens cannot be read: {error}.",
                path=path,
                remedy="See the file.",
            ) from None
        if mode & _GROUP_AND_OTHERS:
            raise Forbidden(
                "Others than its owner may read the tokens.",
                path=path,
                remedy=f"Change that: chmod 600 {path}",
            )
        return cls.parse(text)

    def name_of(self, token: str) -> str | None:
        """Who has a token; each is compared, in the same time whatever differs."""
        digest = _digest(token)
        known = [
            name
            for name, held in self.digests.items()
            if hmac.compare_digest(digest, held)
        ]
        return known[0] if known else None


def bearer_author(tokens: TokenTable) -> Callable[[], str | None]:
    """Tells who makes the current request, by its bearer token (RFC 6750 §2.1).

    None is told of who shows no token, the empty name of whose token is not known.
    """

    def author() -> str | None:
        given = request.authorization
        if given is None or given.type != "bearer" or not given.token:
            return None
        return tokens.name_of(given.token) or ""

    return author


def _check_token(name: str, token: str, known: Mapping[str, bytes]) -> None:
    """Refuse what cannot be a token, or tells two of one name."""
    if len(token) < _MIN_TOKEN_LENGTH or not token.isascii() or " " in token:
        raise Forbidden(
            f"The token of {name or 'the writer'} is no token.",
            remedy=f"Take {_MIN_TOKEN_LENGTH} letters and digits or more: openssl rand -hex 32",
        )
    if (name or "writer") in known:
        raise Forbidden(f"There are two tokens of {name or 'one without name'}.")


def _digest(token: str) -> bytes:
    """The digest of a token, which has the same length for all."""
    return hashlib.sha256(token.encode()).digest()
