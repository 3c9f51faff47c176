"""Values that people give for a query's parameters, read as RDF terms.

One saved query: its front matter, its prefixes and its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import XSD, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, InvalidQuery
from alaqat.terms import PREFIXES, document_prefixes

_LITERAL = re.compile(
    r'"(.*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^([^\s"]+))?', re.DOTALL
)
_NAMED = re.compile(r"([A-Za-z][\w-]*):(.+)")
_TYPED = {
    XSD.date: re.compile(r"\d{4}-\d\d-\d\d"),
    XSD.integer: re.compile(r"[+-]?\d+"),
    XSD.decimal: re.compile(r"[+-]?\d*\.\d+"),
    XSD.boolean: re.compile(r"true|false"),
}


@dataclass(frozen=True)
class ParameterType:
    """What the value of a parameter must be, where no column of the question tells.

    Attributes:
        datatype: of the literal.
        refusal: what a wrong value is, after "is".
        remedy: how to write a right one.
    """

    datatype: URIRef
    refusal: str
    remedy: str


#: By the name of the parameter, which means the same in every question.
KINDS: Mapping[str, ParameterType] = {
    "date": ParameterType(XSD.date, "no day", "Write it as 2010-01-31."),
    "offset": ParameterType(
        XSD.integer, "no whole number", "Count characters, such as 2600."
    ),
}


def read_term(value: str) -> Node:
    """The RDF term that a person's value means.

    ``org:osce``, ``<https://…>`` and ``https://…`` are IRIs; ``2010-01-31``, ``12``,
    ``1.5`` and ``true`` have their types; ``"…"``, ``"…"@ar`` and ``"…"^^xsd:date`` are
    literals as in Turtle; anything else is a plain string.

    Raises:
        InvalidQuery: a prefix is unknown, or a typed value is not of its type.
    """
    if literal := _LITERAL.fullmatch(value):
        lexical, language, datatype = literal.groups()
        return _literal(lexical, language, read_term(datatype) if datatype else None)
    if value.startswith("<") and value.endswith(">"):
        return _iri(value[1:-1])
    if value.startswith(("http://", "https://")):
        return _iri(value)
    if (named := _NAMED.fullmatch(value)) and not re.search(r"\s", value):
        return _prefixed(*named.groups())
    typed = (kind for kind, form in _TYPED.items() if form.fullmatch(value))
    return _literal(value, None, next(typed, None))


def _iri(value: str) -> URIRef:
    """An IRI, if it holds nothing that an IRI may not hold."""
    if re.search(r"[\s<>\"{}|\\^`]", value):
        raise InvalidQuery(f"{value} is no IRI.", remedy="Encode spaces and quotes.")
    return URIRef(value)


def _prefixed(prefix: str, local: str) -> URIRef:
    """The IRI of a prefixed name."""
    if prefix not in PREFIXES:
        raise InvalidQuery(
            f"The prefix {prefix}: is unknown.",
            remedy=f"Prefixes are: {', '.join(PREFIXES)}.",
        )
    return _iri(PREFIXES[prefix] + local)


def _literal(lexical: str, language: str | None, datatype: Node | None) -> Literal:
    """A literal whose text is of its type; written as it is, however large it is."""
    literal = Literal(
        lexical,
        lang=language,
        datatype=str(datatype) if datatype else None,
        normalize=False,
    )
    if literal.ill_typed:
        raise InvalidQuery(
            f"{lexical} is not of the type {datatype}.",
            remedy="Dates are written 2010-01-31.",
        )
    return literal


_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FRONT = re.compile(r"#\+\s*([\w-]+)\s*:\s*(.*?)\s*")
_LIST = re.compile(r"\[(.*)\]")
_QUOTED = re.compile(r'"([^"\\]*)"')
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
# A query that only chooses among the variables of its pattern.
_CHOICE = re.compile(r"^SELECT\s+(?:DISTINCT\s+)?((?:\?\w+\s+)+)WHERE\b", re.MULTILINE)
_VARIABLE = re.compile(r"[?$](\w+)")


@dataclass(frozen=True)
class ExpandedQuery:
    """A query for every variable of its pattern.

    Attributes:
        text: in SPARQL.
        columns: the variables that the saved query asks for, in its order.
    """

    text: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class SavedQuery:
    """A saved query; it runs as it stands, an unbound parameter means all."""

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

    def with_every_variable(self) -> ExpandedQuery | None:
        """The same query for every variable of its pattern; None if it computes some.

        So it tells through what its rows were found.
        """
        choice = _CHOICE.search(self.text)
        if choice is None or "GROUP BY" in self.text:
            return None
        start, end = choice.span(1)
        text = f"{self.text[:start]}* {self.text[end:]}"
        return ExpandedQuery(text, tuple(_VARIABLE.findall(choice[1])))

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


def read_query(path: Path) -> SavedQuery:
    """Read one saved query.

    Raises:
        InvalidData: the file is not UTF-8, or its name, front matter or prefixes are
            not as they must be; the error tells the line.
    """
    text = _text(path)
    front = _front_matter(path, text)
    _check_prefixes(path, text)
    for key in ("summary", "summary_ar"):
        if not front.get(key):
            raise InvalidData(
                f"The query has no {key}.",
                path=path,
                line=1,
                remedy=f"Say what it answers in a first line: #+ {key}: …",
            )
    query = SavedQuery(path.stem, path.parent.name, text, path, **front)  # type: ignore[arg-type] # the keys decide
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


def _check_params(query: SavedQuery) -> None:
    """A parameter is a variable of its query."""
    missing = set(query.params) - set(_VARIABLE.findall(query.text))
    if missing:
        raise InvalidData(
            f"The parameter {min(missing)} is no variable of the query.",
            path=query.path,
            line=1,
            remedy=f"Use ?{min(missing)} in the query or take it from params.",
        )
