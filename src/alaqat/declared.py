"""Names that nothing declares: a slip of the pen makes a new term, not an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from rdflib import Graph, URIRef

from alaqat.errors import InvalidData, Where
from alaqat.terms import AL, BASE, OA, short

_OURS = (str(AL), BASE + "id/", str(OA))


def check_declared(
    graphs: Iterable[Graph], described: Iterable[Graph], where: Where
) -> None:
    """Refuse names of ours, and of Web Annotation, that are used but not declared.

    Args:
        graphs: what curators wrote.
        described: where names are described.
        where: the file and line of a subject, for messages.

    Raises:
        InvalidData: a name is not declared; each is told with the nearest one that is.
    """
    known = {str(subject) for graph in described for subject in graph.subjects()}
    known |= {str(OA[name]) for name in ("exact", "prefix", "suffix")}
    used = {use for graph in graphs for use in _uses(graph)}
    errors = [
        _error(name, subject, known, where)
        for name, subject in sorted(used)
        if name not in known
    ]
    if errors:
        raise InvalidData("\n".join(map(str, errors)))


def _uses(graph: Graph) -> Iterator[tuple[str, str]]:
    """Every name of ours in a triple, with the subject that uses it."""
    for subject, predicate, value in graph:
        for term in (predicate, value):
            # rdflib's own startswith takes no tuple and says nothing.
            if isinstance(term, URIRef) and str(term).startswith(_OURS):
                yield str(term), str(subject)


def _error(name: str, subject: str, known: set[str], where: Where) -> InvalidData:
    """One name that is not declared, and the one that may have been meant."""
    local = _local(name)
    namespace = name.removesuffix(local)
    siblings = [_local(other) for other in known if other.startswith(namespace)]
    near = get_close_matches(local, siblings, n=1)
    path, line = where(subject, local) or (None, None)
    return InvalidData(
        f"{short(name)} is not declared.",
        path=path,
        line=line,
        remedy=f"Did you mean {short(namespace + near[0])}?"
        if near
        else "Declare it, or use another.",
    )


def _local(name: str) -> str:
    """The last part of a name, as it is written after a prefix."""
    return name.replace("#", "/").rpartition("/")[2]
