"""Undeclared terms: in RDF a misspelt IRI is a new term, so it must be looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef

from alaqat.errors import InvalidData, SourceLocator
from alaqat.terms import AL, BASE, OA, local, short

_CHECKED_NAMESPACES = (str(AL), BASE + "id/", str(OA))


def check_terms_declared(
    graphs: Iterable[Graph], described: Iterable[Graph], where: SourceLocator
) -> None:
    """Check that all IRIs of this project and of Web Annotation are declared.

    Args:
        graphs: the graphs that curators write.
        described: the graphs in which IRIs are declared.
        where: returns the file and line of a subject, for error messages.

    Raises:
        InvalidData: an IRI is not declared, or a literal is used in place of an IRI;
            the message lists all errors, with the closest declared IRIs.
    """
    asserted, described = tuple(graphs), tuple(described)
    known = {
        str(subject)
        for graph in described
        for property_ in (RDF.type, RDFS.label)
        for subject in graph.subjects(property_)
    }
    known |= {str(OA[name]) for name in ("exact", "prefix", "suffix")}
    used = {use for graph in asserted for use in _own_names(graph)}
    errors = [
        _undeclared_error(name, subject, known, where)
        for name, subject in sorted(used)
        if name not in known
    ]
    errors += _literal_errors(asserted, described, where)
    if errors:
        raise InvalidData("\n".join(map(str, errors)))


def _literal_errors(
    asserted: Iterable[Graph], described: Iterable[Graph], where: SourceLocator
) -> Iterator[InvalidData]:
    """Yield an error for each literal that is the value of an object property."""
    links = {
        link
        for graph in described
        for link in graph.subjects(RDF.type, OWL.ObjectProperty)
        if str(link).startswith(_CHECKED_NAMESPACES)
    }
    for graph in asserted:
        for subject, link, value in sorted(graph):
            if link in links and isinstance(value, Literal):
                path, line = where(str(subject), str(value)) or (None, None)
                yield InvalidData(
                    f"{short(str(link))} takes an IRI, not the text “{value}”.",
                    path=path,
                    line=line,
                    remedy="Write the IRI or its prefixed name, without quotes.",
                )


def _own_names(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield every IRI of a checked namespace, with the subject that uses it."""
    for subject, predicate, value in graph:
        for term in (subject, predicate, value):
            # rdflib's own startswith silently fails for a tuple.
            if isinstance(term, URIRef) and str(term).startswith(_CHECKED_NAMESPACES):
                yield str(term), str(subject)


def _undeclared_error(
    name: str, subject: str, known: set[str], where: SourceLocator
) -> InvalidData:
    """Return the error of an undeclared IRI, with the closest declared one."""
    ending = local(name)
    namespace = name.removesuffix(ending)
    siblings = [local(other) for other in known if other.startswith(namespace)]
    near = get_close_matches(ending, siblings, n=1)
    path, line = where(subject, ending) or (None, None)
    return InvalidData(
        f"{short(name)} is not declared.",
        path=path,
        line=line,
        remedy=f"Did you mean {short(namespace + near[0])}?"
        if near
        else "Declare it, or use another.",
    )
