"""Inference: materialise what follows from a graph by OWL 2 RL, or report conflicts."""

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
from alaqat.reason.consistency import contradictions_of_rules, find_contradictions
from alaqat.reason.encoding import extract_axioms, group_by_predicate
from alaqat.reason.engine import (
    declared_terms,
    is_about_individual,
    is_project_term,
    is_statement,
)
from alaqat.reason.nemo_engine import saturate
from alaqat.reason.profile import unsupported_axioms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib.term import Node

    from alaqat.reason.engine import Engine, OutputFilter
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
    output_filter: OutputFilter | None = is_project_term,
) -> Graph:
    """Return the new triples about individuals that follow from a graph.

    Their subjects are IRIs outside the schema; a term is never stated to be the same
    as itself. The graph given is not changed.

    Args:
        graph: facts and axioms.
        engine: its name in `ENGINES`.
        strict: refuse an axiom that the rules do not support in full, instead of
            warning.
        output_filter: the properties and classes of the result; None for everything
            that follows, about the terms of the schema too.

    Raises:
        Inconsistent: lists every contradiction.
        InvalidData: the engine, or `strict`, refuses an axiom.
        UnknownEngine: no engine has that name.
    """
    close = _get_engine(engine)
    _report_unsupported(unsupported_axioms(graph), strict=strict)
    closure = close(graph)
    violated = closure.violated_rules
    if violated is None or violated:
        contradictions = find_contradictions(
            closure.graph(), graph
        ) or contradictions_of_rules(violated or ())
        if contradictions:
            raise Inconsistent(contradictions)
    schema = declared_terms(graph.subject_objects(RDF.type))
    return new_graph(_select(closure.new_triples, output_filter, schema))


def _select(
    new_triples: Callable[[OutputFilter], Iterator[Triple]],
    output_filter: OutputFilter | None,
    schema: set[Node],
) -> Iterator[Triple]:
    """Yield the new triples about individuals that pass a filter; None for all."""
    if output_filter is None:
        return filter(is_statement, new_triples(lambda *_: True))
    derived = new_triples(output_filter)
    return (each for each in derived if is_about_individual(each, schema))


def _report_unsupported(axioms: tuple[UnsupportedAxiom, ...], *, strict: bool) -> None:
    """Warn of axioms that are not supported in full, or raise InvalidData."""
    if not axioms:
        return
    text = f"{len(axioms)} axioms are not supported in full\n  "
    text += "\n  ".join(map(str, axioms))
    if strict:
        raise InvalidData(text, remedy="Use other axioms, or a SHACL shape.")
    warnings.warn(text, stacklevel=3)


def stream_inferences(
    triples: Iterable[Triple],
    *,
    strict: bool = False,
    output_filter: OutputFilter | None = is_project_term,
) -> Iterator[Triple]:
    """Yield what `infer` returns, by the Nemo engine, without building a graph.

    Takes half the memory of `infer`.

    Raises:
        Inconsistent: has the rules and axioms alone.
        InvalidData: `strict` refuses an axiom.
    """
    given = triples if isinstance(triples, Collection) else tuple(triples)
    _report_unsupported(
        unsupported_axioms(extract_axioms(group_by_predicate(given))), strict=strict
    )
    saturation = saturate(given)
    if saturation.violated_rules:
        raise Inconsistent(contradictions_of_rules(saturation.violated_rules))
    schema = declared_terms((s, o) for s, p, o in given if p == RDF.type)
    yield from _select(saturation.new_triples, output_filter, schema)


def _get_engine(name: str) -> Engine:
    """Return the engine of a name, or raise UnknownEngine."""
    if name not in ENGINES:
        raise UnknownEngine(
            f"no reasoning engine is named {name!r}",
            remedy=f"Choose one of: {', '.join(sorted(ENGINES))}.",
        )
    return ENGINES[name]
