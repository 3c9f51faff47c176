"""One saved query: its front matter, its prefixes and its parameters."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from alaqat.errors import InvalidData, InvalidQuery
from alaqat.terms import PREFIXES, document_prefixes

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FRONT = re.compile(r"#\+\s*([\w-]+)\s*:\s*(.*?)\s*")
_LIST = re.compile(r"\[(.*)\]")
_QUOTED = re.compile(r'"([^"\\]*)"')
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
# A query that only chooses among the variables of its pattern.
_CHOICE = re.compile(r"^SELECT\s+(?:DISTINCT\s+)?((?:\?\w+\s+)+)WHERE\b", re.MULTILINE)
_VARIABLE = re.compile(r"[?$](\w+)")
_INCLUDE = re.compile(r"^([ \t]*)#include\b[ \t]*(.*?)[ \t]*$", re.MULTILINE)

FRAGMENTS = "fragments"
"""The folder, beside those of the queries, of patterns that several of them share."""


@dataclass(frozen=True)
class Whole:
    """A query for every variable of its pattern.

    Attributes:
        text: in SPARQL.
        columns: the variables that the saved query asks for, in its order.
    """

    text: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A saved query, with what it includes; an unbound parameter means all."""

    name: str
    folder: str
    text: str
    path: Path
    summary: str
    summary_ar: str
    description: str = ""
    description_ar: str = ""
    tags: tuple[str, ...] = ()
    params: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """The question in Arabic for "ar", else in English."""
        return self.summary_ar if language == "ar" else self.summary

    def about(self, language: str) -> str:
        """The description in Arabic for "ar", else in English; often empty."""
        return self.description_ar if language == "ar" else self.description

    @property
    def sparql(self) -> str:
        """The query without the lines that tell what it asks."""
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if not line.startswith("#+")).strip()

    def with_every_variable(self) -> Whole | None:
        """The same query for every variable of its pattern; None if it computes some.

        So it tells through what its rows were found.
        """
        choice = _CHOICE.search(self.text)
        if choice is None or "GROUP BY" in self.text:
            return None
        start, end = choice.span(1)
        text = f"{self.text[:start]}* {self.text[end:]}"
        return Whole(text, tuple(_VARIABLE.findall(choice[1])))

    def check_names(self, names: Iterable[str]) -> None:
        """See that the query has all these parameters.

        Raises:
            InvalidQuery: it has one less.
        """
        for name in names:
            if name not in self.params:
                known = ", ".join(self.params) or "none"
                raise InvalidQuery(
                    f"{self.name} has no parameter {name}.",
                    remedy=f"Its parameters: {known}.",
                )


def read_query(path: Path) -> Query:
    """Read one saved query, and put in the fragments that it includes.

    Raises:
        InvalidData: the file is not UTF-8, or its name, front matter or prefixes are
            not as they must be, or there is no such fragment; the error tells the line.
    """
    text = _text(path)
    front = _front_matter(path, text)
    _check_prefixes(path, text)
    text = _expand(path, text)
    for key in ("summary", "summary_ar"):
        if not front.get(key):
            raise InvalidData(
                f"The query has no {key}.",
                path=path,
                line=1,
                remedy=f"Say what it answers in a first line: #+ {key}: …",
            )
    query = Query(path.stem, path.parent.name, text, path, **front)  # type: ignore[arg-type] # the keys decide
    _check_params(query)
    return query


def _text(path: Path) -> str:
    """The text of a file whose name says what it answers."""
    if not _NAME.fullmatch(path.stem):
        raise InvalidData(
            f"A query may not be named {path.stem}.",
            path=path,
            remedy="Use lower-case words with hyphens, such as embassies-by-city.rq.",
        )
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidData(
            f"The file is not UTF-8 at byte {error.start}.",
            path=path,
            remedy="Save it as UTF-8.",
        ) from None


def _expand(path: Path, text: str) -> str:
    """Return a query with each ``#include NAME`` replaced by the fragment it names."""
    folder = path.parent.parent / FRAGMENTS

    def fragment(line: re.Match[str]) -> str:
        file = folder / f"{line[2]}.rq"
        if not _NAME.fullmatch(line[2]) or not file.is_file():
            known = ", ".join(sorted(one.stem for one in folder.glob("*.rq")))
            raise InvalidData(
                f"There is no fragment named {line[2] or 'nothing'}.",
                path=path,
                line=text.count("\n", 0, line.start()) + 1,
                remedy=f"Fragments are: {known or 'none'}.",
            )
        return textwrap.indent(_text(file).rstrip("\n"), line[1])

    return _INCLUDE.sub(fragment, text)


def _front_matter(path: Path, text: str) -> dict[str, str | tuple[str, ...]]:
    """The ``#+ key: value`` lines: a subset of YAML, as grlc writes them."""
    front: dict[str, str | tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        entry = _FRONT.fullmatch(line)
        key = entry[1] if entry else ""
        if entry is None or key not in _READERS or key in front:
            raise InvalidData(
                f"This is no front matter, or is said twice: {line}",
                path=path,
                line=number,
                remedy=f"Keys are: {', '.join(_READERS)}.",
            )
        value = _READERS[key](entry[2])
        if value is None:
            raise InvalidData(
                f"{key} cannot be read.",
                path=path,
                line=number,
                remedy='Write text, quoted if it holds ": ", or a list [a, b].',
            )
        front[key] = value
    return front


def _read_text(value: str) -> str | None:
    """A plain or quoted string; None for what YAML would read otherwise."""
    if quoted := _QUOTED.fullmatch(value):
        return quoted[1]
    unsafe = ": " in value or " #" in value or value[:1] in "[]{}&*!|>'\"%@`#,-"
    return None if unsafe and value else value


def _read_list(value: str) -> tuple[str, ...] | None:
    """The words of a list in brackets."""
    found = _LIST.fullmatch(value)
    if found is None:
        return None
    return tuple(word.strip() for word in found[1].split(",") if word.strip())


_READERS = {
    "summary": _read_text,
    "summary_ar": _read_text,
    "description": _read_text,
    "description_ar": _read_text,
    "tags": _read_list,
    "params": _read_list,
}


def _check_prefixes(path: Path, text: str) -> None:
    """Hold the query's prefixes to the one prefix table."""
    for number, line in enumerate(text.splitlines(), 1):
        declared = _PREFIX.match(line)
        if declared and not _is_ours(declared[1], declared[2]):
            raise InvalidData(
                f"The prefix {declared[1]}: is not the project's.",
                path=path,
                line=number,
                remedy=f"It stands for {PREFIXES[declared[1]]}"
                if declared[1] in PREFIXES
                else f"Prefixes are: {', '.join(PREFIXES)}.",
            )


def _is_ours(prefix: str, iri: str) -> bool:
    """Whether a prefix stands in the one table, or is a document's own."""
    slug = iri.rstrip("/").rpartition("/")[2]
    return PREFIXES.get(prefix) == iri or document_prefixes(slug).get(prefix) == iri


def _check_params(query: Query) -> None:
    """A parameter is a variable of its query."""
    missing = set(query.params) - set(_VARIABLE.findall(query.text))
    if missing:
        raise InvalidData(
            f"The parameter {min(missing)} is no variable of the query.",
            path=query.path,
            line=1,
            remedy=f"Use ?{min(missing)} in the query or take it from params.",
        )
