"""Rendering a template in the language of the request."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, render_template, request

from alaqat.i18n import DIRECTIONS, LANGUAGES, LOCALES, NAMES, choose
from alaqat.protocol.linked import HTML
from alaqat.protocol.representation import (
    NO_STORE,
    REVALIDATE,
    Representation,
    content_tag,
)
from alaqat.web.addresses import asked_language, asset, in_language, page_of
from alaqat.web.texts import texts
from alaqat.web.values import send


def language_of_request() -> str:
    """The language at the start of the path, else the one the browser likes best."""
    accepted = request.accept_languages.best_match(LANGUAGES)
    return choose(asked_language(), accepted)


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page in the language of the request.

    Templates find ``t`` (texts), ``language``, ``direction``, ``directions``,
    ``locale``, ``languages``, ``origin`` (scheme and host), the functions ``asset`` and
    ``page_of``, and what the frame adds.
    """
    language = language_of_request()
    page = render_template(
        template,
        t=texts(language),
        language=language,
        direction=DIRECTIONS[language],
        locale=LOCALES[language].replace("_", "-"),
        directions=DIRECTIONS,
        origin=request.host_url.rstrip("/"),
        languages={code: (NAMES[code], in_language(code)) for code in LANGUAGES},
        asset=asset,
        page_of=page_of,
        **values,
    )
    content, is_good = page.encode(), status == HTTPStatus.OK
    return send(
        Representation(
            content,
            HTML.content_type,
            HTTPStatus(status),
            tag=content_tag(content) if is_good else "",
            cache_control=REVALIDATE if is_good else NO_STORE,
            vary=("Accept", "Accept-Language"),
            language=language,
            is_shared=False,
        )
    )
