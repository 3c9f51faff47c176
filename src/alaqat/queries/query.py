"""A saved query: front matter, prefixes, included fragments, parameter values."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from rdflib import RDFS, XSD, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, InvalidQuery
from alaqat.i18n import (
    LANGUAGES,
    localized,
    read_texts,
)
from alaqat.terms import PREFIXES, document_prefixes

#: A literal in double quotes, as in Turtle: lexical form, language, datatype.
LITERAL = re.compile(
    r'"(.*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^([^\s"]+))?', re.DOTALL
)
_PREFIXED_NAME = re.compile(r"([A-Za-z][\w-]*):(.+)")
_LEXICAL_FORMS = {
    XSD.date: re.compile(r"\d{4}-\d\d-\d\d"),
    XSD.integer: re.compile(r"[+-]?\d+"),
    XSD.decimal: re.compile(r"[+-]?\d*\.\d+"),
    XSD.boolean: re.compile(r"true|false"),
}


@dataclass(frozen=True)
class ParameterType:
    """The type of a parameter whose values are no column of its question.

    Attributes:
        datatype: the datatype of its literals.
        noun: what a value is called in error messages.
        remedy: how to write a valid value.
    """

    datatype: URIRef
    noun: str
    remedy: str


#: By the name of the parameter, which means the same in every question.
PARAMETER_TYPES: Mapping[str, ParameterType] = {
    "date": ParameterType(XSD.date, "date", "Write it as 2010-01-31."),
    "offset": ParameterType(
        XSD.integer, "integer", "Give a number of characters, such as 2600."
    ),
}


def read_term(value: str) -> Node:
    """Parse a parameter value, as people type it, into an RDF term.

    ``org:osce``, ``<https://…>`` and ``https://…`` are IRIs; ``2010-01-31``, ``12``,
    ``1.5`` and ``true`` have their types; ``"…"``, ``"…"@ar`` and ``"…"^^xsd:date`` are
    literals as in Turtle; anything else is a plain string.

    Raises:
        InvalidQuery: a prefix is unknown, or a literal is ill-typed.
    """
    if literal := LITERAL.fullmatch(value):
        lexical, language, datatype = literal.groups()
        return _literal(lexical, language, read_term(datatype) if datatype else None)
    if value.startswith("<") and value.endswith(">"):
        return _iri(value[1:-1])
    if value.startswith(("http://", "https://")):
        return _iri(value)
    if (name := _PREFIXED_NAME.fullmatch(value)) and not re.search(r"\s", value):
        return _prefixed(*name.groups())
    types = (kind for kind, form in _LEXICAL_FORMS.items() if form.fullmatch(value))
    return _literal(value, None, next(types, None))


def _iri(value: str) -> URIRef:
    if re.search(r"[\s<>\"{}|\\^`]", value):
        raise InvalidQuery(
            f"Not a valid IRI: {value}.", remedy="Percent-encode spaces and quotes."
        )
    return URIRef(value)


def _prefixed(prefix: str, local: str) -> URIRef:
    if prefix not in PREFIXES:
        raise InvalidQuery(
            f"The prefix {prefix}: is unknown.",
            remedy=f"Prefixes are: {', '.join(PREFIXES)}.",
        )
    return _iri(PREFIXES[prefix] + local)


def _literal(lexical: str, language: str | None, datatype: Node | None) -> Literal:
    """Return a well-typed literal in its given form: 1E999999999 is not expanded."""
    literal = Literal(
        lexical,
        lang=language,
        datatype=str(datatype) if datatype else None,
        normalize=False,
    )
    if literal.ill_typed:
        raise InvalidQuery(
            f"Not a valid {datatype}: {lexical}.",
            remedy="Dates are written 2010-01-31.",
        )
    return literal


# libyaml's parser, if PyYAML was built with it, is ten times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FRONT = "#+"
_PREFIX = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
# A projection of plain variables, without expressions.
_PROJECTION = re.compile(
    r"^SELECT\s+(?:DISTINCT\s+)?((?:\?\w+\s+)+)WHERE\b", re.MULTILINE
)
_VARIABLE = re.compile(r"[?$](\w+)")
_INCLUDE = re.compile(r"^([ \t]*)#include\b[ \t]*(.*?)[ \t]*$", re.MULTILINE)

#: The folder, beside those of the queries, of graph patterns that several of them use.
FRAGMENTS = "fragments"


@dataclass(frozen=True)
class ExpandedQuery:
    """A saved query that selects every variable of its pattern.

    Attributes:
        text: the SPARQL query.
        columns: the variables that the saved query itself selects, in its order.
    """

    text: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class SavedQuery:
    """A saved query, its fragments included; an unbound parameter means all values.

    Attributes:
        name: the name of its file, without suffix.
        folder: the folder of its file: questions, checks or views.
        text: the whole file, which is SPARQL.
        path: its file.
        summary: the question, by language.
        description: further explanation, by language; often empty.
        tags: the first is its topic.
        params: the variables that people may bind.
        labels: the columns whose resources are shown with their labels.
        texts: the columns whose resources are shown as a text, with the IRI of the
            property that has the text.
    """

    name: str
    folder: str
    text: str
    path: Path
    summary: Mapping[str, str] = field(default_factory=dict, hash=False)
    description: Mapping[str, str] = field(default_factory=dict, hash=False)
    tags: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, hash=False)

    def title(self, language: str) -> str:
        """Return the question in a language, or in the one that it falls back to."""
        return localized(self.summary, language)

    def about(self, language: str) -> str:
        """Return the description in a language or its fallback; often empty."""
        return localized(self.description, language)

    @property
    def label_properties(self) -> Mapping[str, str]:
        """The columns that are shown as texts, with the property of the texts."""
        return {**dict.fromkeys(self.labels, str(RDFS.label)), **self.texts}

    @property
    def sparql(self) -> str:
        """The query without its front matter."""
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if not line.startswith(_FRONT)).strip()

    def with_all_variables(self) -> ExpandedQuery | None:
        """Return the query with SELECT *; None if its projection computes values.

        Its solutions show which nodes connect the values of a row.
        """
        projection = _PROJECTION.search(self.text)
        if projection is None or "GROUP BY" in self.text:
            return None
        start, end = projection.span(1)
        text = f"{self.text[:start]}* {self.text[end:]}"
        return ExpandedQuery(text, tuple(_VARIABLE.findall(projection[1])))

    def check_parameters(self, names: Iterable[str]) -> None:
        """Check that the query has all these parameters.

        Raises:
            InvalidQuery: it lacks one.
        """
        for name in names:
            if name not in self.params:
                known = ", ".join(self.params) or "none"
                raise InvalidQuery(
                    f"{self.name} has no parameter {name}.",
                    remedy=f"Its parameters: {known}.",
                )


def read_query(path: Path) -> SavedQuery:
    """Read one saved query and expand the fragments that it includes.

    Raises:
        InvalidData: the file is not UTF-8, its name, front matter or prefixes are
            invalid, or it includes an unknown fragment; the error has the line.
    """
    text = _text(path)
    front = _front_matter(path, text)
    for code, translated in read_texts("queries").get(path.stem, {}).items():
        for key in translated.keys() & {"summary", "description"}:
            front.setdefault(key, {})[code] = translated[key]
    _check_prefixes(path, text)
    text = _expand(path, text)
    if not front.get("summary", {}).get(LANGUAGES[0]):
        raise InvalidData(
            f"The query has no summary in the language {LANGUAGES[0]}.",
            path=path,
            line=1,
            remedy=f"Write what it answers: #+ summary: {{{LANGUAGES[0]}: …}}",
        )
    query = SavedQuery(path.stem, path.parent.name, text, path, **front)
    _check_variables(query)
    return query


def _text(path: Path) -> str:
    """Return the text of a file, after checking its name and encoding."""
    if not _NAME.fullmatch(path.stem):
        raise InvalidData(
            f"Not a valid name of a query: {path.stem}.",
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


def _front_matter(path: Path, text: str) -> dict[str, Any]:
    """Read the ``#+`` lines, which are YAML, by the convention of grlc."""
    lines = text.splitlines()
    numbers = [n for n, line in enumerate(lines, 1) if line.startswith(_FRONT)]
    header = "\n".join(lines[n - 1].removeprefix(_FRONT) for n in numbers)
    try:
        return _read_yaml(header)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or error.context_mark).line
        raise InvalidData(
            f"The front matter cannot be read: {error.problem}.",
            path=path,
            line=numbers[min(line, len(numbers) - 1)],
            remedy=error.note or 'Quote a text that holds ": " or " #".',
        ) from None


def _read_yaml(header: str) -> dict[str, Any]:
    """Read the keys of the front matter; every error has a position."""
    front: dict[str, Any] = {}
    loader = _Loader(header)
    for node, content in _entries(loader.get_single_node()):
        if node.value not in _READERS:
            raise _error_at(node, f"unknown key {node.value}", _KEYS)
        _entries(content)
        try:
            value = loader.construct_object(content, deep=True)
            front[node.value] = _READERS[node.value](value)
        except ValueError as error:
            problem = f"{node.value} has an invalid value"
            raise _error_at(node, problem, str(error)) from None
    return front


def _entries(node: Any) -> list[tuple[Any, Any]]:
    """Return the entries of a mapping, whose keys must differ; else an empty list."""
    entries = node.value if isinstance(node, yaml.MappingNode) else []
    seen = set()
    for key, _ in entries:
        if key.value in seen:
            raise _error_at(key, f"duplicate key {key.value}", "Remove one of them.")
        seen.add(key.value)
    return entries


def _error_at(node: Any, problem: str, remedy: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(
        problem=problem, problem_mark=node.start_mark, note=remedy
    )


def _read_translations(value: Any) -> dict[str, str]:
    if not _is_string_map(value) or not set(value) <= set(LANGUAGES):
        raise ValueError(f"Write a text for each language: {', '.join(LANGUAGES)}.")
    return dict(value)


def _read_strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("Write a list: [a, b].")
    return tuple(value)


def _read_properties(value: Any) -> dict[str, str]:
    """Read the property that has the texts of each column."""
    if not _is_string_map(value):
        raise ValueError("Write a property for each column: {plan: al:content}.")
    return {column: _property_iri(name) for column, name in value.items()}


def _is_string_map(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, str) for entry in value.items() for one in entry
    )


def _property_iri(name: str) -> str:
    prefix, _, local = name.partition(":")
    if prefix not in PREFIXES:
        raise ValueError(f"The prefix {prefix}: is unknown.")
    return PREFIXES[prefix] + local


_READERS: dict[str, Callable[[Any], Any]] = {
    "summary": _read_translations,
    "description": _read_translations,
    "tags": _read_strings,
    "params": _read_strings,
    "labels": _read_strings,
    "texts": _read_properties,
}
_KEYS = f"Keys are: {', '.join(_READERS)}."


def _check_prefixes(path: Path, text: str) -> None:
    """Check the prefixes of a query against the project's table."""
    for number, line in enumerate(text.splitlines(), 1):
        declared = _PREFIX.match(line)
        if declared and not _is_known_prefix(declared[1], declared[2]):
            raise InvalidData(
                f"The prefix {declared[1]}: is not the project's.",
                path=path,
                line=number,
                remedy=f"Declare it as <{PREFIXES[declared[1]]}>."
                if declared[1] in PREFIXES
                else f"Prefixes are: {', '.join(PREFIXES)}.",
            )


def _is_known_prefix(prefix: str, iri: str) -> bool:
    """Return whether a prefix is in the project's table or one of a document's own."""
    slug = iri.rstrip("/").rpartition("/")[2]
    return PREFIXES.get(prefix) == iri or document_prefixes(slug).get(prefix) == iri


def _check_variables(query: SavedQuery) -> None:
    """Check that the front matter only names variables of the query."""
    known = set(_VARIABLE.findall(query.text))
    columns = {"params": query.params, "labels": query.labels, "texts": query.texts}
    for key, names in columns.items():
        for name in sorted(set(names) - known):
            raise InvalidData(
                f"{name} in {key} is not a variable of the query.",
                path=query.path,
                line=1,
                remedy=f"Use ?{name} in the query, or remove it from {key}.",
            )
