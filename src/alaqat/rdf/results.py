"""Reading of SPARQL results from elsewhere, as terms that a query may hold.

Implements SPARQL 1.1 Query Results JSON Format, with the triple terms and directions of
1.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

import pyoxigraph as ox

from alaqat.errors import InvalidData, InvalidQuery, LimitReached

#: The media type that ``read_solutions`` reads.
RESULTS_TYPE = "application/sparql-results+json"

# A plain term is five levels deep, each level of a triple term takes two more. The
# engine's parser is recursive, and crashes beyond some thousands.
_MAX_DEPTH = 32
_STRING = re.compile(rb'"[^"]*+"')
_NO_BRACKETS = bytes(set(range(256)).difference(b"[]{}"))
_LEVELS = {**dict.fromkeys(b"[{", 1), **dict.fromkeys(b"]}", -1)}


def read_solutions(data: bytes) -> Iterator[dict[str, str]]:
    """Yield the solutions of a SELECT, with the bound terms as SPARQL writes them.

    Args:
        data: the results as JSON.

    Raises:
        InvalidData: they are malformed, or those of an ASK.
        InvalidQuery: there is a blank node, which no query can name.
        LimitReached: a value is too long.
    """
    if _depth(data) > _MAX_DEPTH:
        raise InvalidData("The results are nested too deeply.")
    try:
        results = ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
        if not isinstance(results, ox.QuerySolutions):
            raise InvalidData("The results are those of an ASK.")
        names = [variable.value for variable in results.variables]
        for solution in results:
            yield {
                name: _as_sparql(term)
                for name, term in zip(names, solution, strict=True)
                if term is not None
            }
    except MemoryError:  # so the parser names its limit
        raise LimitReached(
            "A value in the results has more than eight million bytes.",
            remedy="Ask for shorter values.",
        ) from None
    except (SyntaxError, ValueError, OSError) as error:
        raise InvalidData(f"The results are malformed: {error}.") from None


def _depth(data: bytes) -> int:
    """Return how deeply the arrays and objects of a JSON text are nested."""
    unescaped = data.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = _STRING.sub(b"", unescaped).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_LEVELS.__getitem__, brackets)), default=0)


def _as_sparql(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """Return a term as it is written in a VALUES clause."""
    if isinstance(term, ox.BlankNode):
        raise InvalidQuery(
            "A blank node of another endpoint cannot enter a query.",
            remedy="Select IRIs and literals only, for example in a subquery in the "
            "SERVICE clause, or with FILTER (!isBlank(?x)) there.",
        )
    if isinstance(term, ox.Triple):
        return f"<<( {' '.join(map(_as_sparql, term))} )>>"
    return str(term)
