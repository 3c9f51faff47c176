"""Names that nothing declares: a slip of the pen makes a new term, not an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef

from alaqat.errors import InvalidData, SourceLocator
from alaqat.terms import (
    AL,
    BASE,
    OA,
    local,
    short,
)

_OURS = (str(AL), BASE + "id/", str(OA))


def check_terms_declared(
    graphs: Iterable[Graph], described: Iterable[Graph], where: SourceLocator
) -> None:
    """Refuse names of ours, and of Web Annotation, that are used but not declared.

    Args:
        graphs: what curators wrote.
        described: where names are described.
        where: the file and line of a subject, for messages.

    Raises:
        InvalidData: a name is not declared; each is told with the nearest one that is.
    """
    described = tuple(described)
    known = {
        str(subject)
        for graph in described
        for property_ in (RDF.type, RDFS.label)
        for subject in graph.subjects(property_)
    }
    known |= {str(OA[name]) for name in ("exact", "prefix", "suffix")}
    written = tuple(graphs)
    used = {use for graph in written for use in _uses(graph)}
    errors = [
        _error(name, subject, known, where)
        for name, subject in sorted(used)
        if name not in known
    ]
    errors += _texts(written, described, where)
    if errors:
        raise InvalidData("\n".join(map(str, errors)))


def _texts(
    written: Iterable[Graph], described: Iterable[Graph], where: SourceLocator
) -> Iterator[InvalidData]:
    """An error for each text that stands where the name of a thing belongs."""
    links = {
        link
        for graph in described
        for link in graph.subjects(RDF.type, OWL.ObjectProperty)
        if str(link).startswith(_OURS)
    }
    for graph in written:
        for subject, link, value in sorted(graph):
            if link in links and isinstance(value, Literal):
                path, line = where(str(subject), str(value)) or (None, None)
                yield InvalidData(
                    f"{short(str(link))} takes a name, not the text “{value}”.",
                    path=path,
                    line=line,
                    remedy="Write the thing's name, with prefix and without quotes.",
                )


def _uses(graph: Graph) -> Iterator[tuple[str, str]]:
    """Every name of ours in a triple, with the subject that uses it."""
    for subject, predicate, value in graph:
        for term in (subject, predicate, value):
            # rdflib's own startswith takes no tuple and says nothing.
            if isinstance(term, URIRef) and str(term).startswith(_OURS):
                yield str(term), str(subject)


def _error(
    name: str, subject: str, known: set[str], where: SourceLocator
) -> InvalidData:
    """One name that is not declared, and the one that may have been meant."""
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
