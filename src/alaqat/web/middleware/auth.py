"""Authentication of writers by bearer tokens, read from a private file."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import request

from alaqat.errors import Unauthenticated

_MIN_TOKEN_LENGTH = 16  # a shorter token could be guessed
_GROUP_AND_OTHERS = 0o077  # permissions of a file


@dataclass(frozen=True)
class TokenTable:
    """The known tokens; only their digests are stored.

    Attributes:
        digests: the SHA-256 of each token, by the name of its owner.
    """

    digests: Mapping[str, bytes]

    @classmethod
    def parse(cls, text: str) -> TokenTable:
        """Return the tokens in a text: NAME:TOKEN on each line, or one token alone.

        Raises:
            Unauthenticated: a token is too short, or two lines have the same name; the
                message contains no token.
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
            raise Unauthenticated(
                "There is no token.", remedy="Write NAME:TOKEN on a line."
            )
        return cls(digests)

    @classmethod
    def read(cls, path: Path) -> TokenTable:
        """Return the tokens in a file.

        Raises:
            Unauthenticated: it cannot be read, or others than its owner can read it.
        """
        try:
            mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Unauthenticated(
                f"The tokens cannot be read: {error}.",
                path=path,
                remedy="Check the path and the permissions of the file.",
            ) from None
        if mode & _GROUP_AND_OTHERS:
            raise Unauthenticated(
                "The token file is accessible to others than its owner.",
                path=path,
                remedy=f"Restrict it: chmod 600 {path}",
            )
        return cls.parse(text)

    def name_of(self, token: str) -> str | None:
        """Return the owner of a token; None if it is unknown.

        It is compared with every token, in constant time.
        """
        digest = _digest(token)
        matches = [
            name
            for name, known in self.digests.items()
            if hmac.compare_digest(digest, known)
        ]
        return matches[0] if matches else None


def bearer_author(tokens: TokenTable) -> Callable[[], str | None]:
    """Return a function that identifies the author of the current request.

    It returns the owner of the bearer token (RFC 6750 §2.1), None if there is no token,
    and an empty name if the token is unknown.
    """

    def author() -> str | None:
        given = request.authorization
        if given is None or given.type != "bearer" or not given.token:
            return None
        return tokens.name_of(given.token) or ""

    return author


def _check_token(name: str, token: str, known: Mapping[str, bytes]) -> None:
    """Refuse an unsafe token, and a second one of the same name."""
    if len(token) < _MIN_TOKEN_LENGTH or not token.isascii() or " " in token:
        raise Unauthenticated(
            f"Not a valid token of {name or 'the writer'}.",
            remedy=f"Choose {_MIN_TOKEN_LENGTH} letters and digits or more: "
            "openssl rand -hex 32",
        )
    if (name or "writer") in known:
        raise Unauthenticated(
            f"There are two tokens of {name or 'the writer'}.",
            remedy="Give each its own name: NAME:TOKEN",
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
