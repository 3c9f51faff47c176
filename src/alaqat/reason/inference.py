"""What follows from the facts by OWL 2 RL, and where they contradict the ontology."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING

from rdflib import RDF, Graph

from alaqat.errors import (
    Inconsistent,
    InvalidData,
    UnknownEngine,
)
from alaqat.rdf.graphs import new_graph
from alaqat.reason import nemo_engine, owlrl_engine
from alaqat.reason.consistency import find, told
from alaqat.reason.encoding import axioms_of, group
from alaqat.reason.engine import (
    declared,
    is_about_things,
    is_ours,
)
from alaqat.reason.nemo_engine import saturate
from alaqat.reason.profile import unsupported_axioms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alaqat.reason.engine import Engine, Wanted
    from alaqat.reason.profile import UnsupportedAxiom
    from alaqat.reason.rules import Triple


DEFAULT_ENGINE = "nemo"
ENGINES: dict[str, Engine] = {
    "nemo": nemo_engine.close_with_nemo,
    "owlrl": owlrl_engine.close_with_owlrl,
}


def infer(
    graph: Graph,
    *,
    engine: str = DEFAULT_ENGINE,
    strict: bool = False,
    wanted: Wanted = is_ours,
) -> Graph:
    """The new triples about the things in a graph that follow from it.

    Kept are triples with an IRI for a subject that is no term of the schema, and
    a property of ours, a class of ours as rdf:type, or an owl:sameAs that says more
    than that a thing is itself; with `wanted`, other properties and classes. The
    graph given is left alone.

    An axiom that the rules do not read in full is warned of, or, if `strict`, refused.

    Raises Inconsistent with every contradiction, InvalidData for an axiom refused by
    the engine or by `strict`, UnknownEngine.
    """
    close = _engine(engine)
    _tell(unsupported_axioms(graph), strict=strict)
    closure = close(graph)
    if closure.broken is None or closure.broken:
        contradictions = find(closure.graph(), graph) or told(closure.broken or ())
        if contradictions:
            raise Inconsistent(contradictions)
    schema = declared(graph.subject_objects(RDF.type))
    news = closure.news(wanted)
    return new_graph(triple for triple in news if is_about_things(triple, schema))


def _tell(missed: tuple[UnsupportedAxiom, ...], *, strict: bool) -> None:
    """Warn of axioms that are not read in full, all of them; or raise InvalidData."""
    if not missed:
        return
    text = f"{len(missed)} axioms are not read in full\n  "
    text += "\n  ".join(map(str, missed))
    if strict:
        raise InvalidData(text, remedy="Say it with other axioms, or as a shape.")
    warnings.warn(text, stacklevel=3)


def stream(
    triples: Iterable[Triple], *, strict: bool = False, wanted: Wanted = is_ours
) -> Iterator[Triple]:
    """What infer() keeps, for triples in no graph: half the memory, the fast engine.

    Raises Inconsistent, with the rules and axioms alone; InvalidData as infer() does.
    """
    given = triples if isinstance(triples, Collection) else tuple(triples)
    _tell(unsupported_axioms(axioms_of(group(given))), strict=strict)
    saturation = saturate(given)
    if saturation.broken:
        raise Inconsistent(told(saturation.broken))
    schema = declared((s, o) for s, p, o in given if p == RDF.type)
    for triple in saturation.news(wanted):
        if is_about_things(triple, schema):
            yield triple


def _engine(name: str) -> Engine:
    """The engine of that name, or UnknownEngine with the names there are."""
    if name not in ENGINES:
        raise UnknownEngine(
            f"no reasoning engine is called {name!r}",
            remedy=f"Choose one of: {', '.join(sorted(ENGINES))}.",
        )
    return ENGINES[name]
