"""Text and JSON of a day view and of a verdict."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from alaqat.i18n import translate
from alaqat.proofs.as_json import proof_as_json, triple_as_json
from alaqat.proofs.as_text import lines_as_text, proof_lines
from alaqat.temporal.edtf import BOUND_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alaqat.asof.intervals import DayView, HeldTriple
    from alaqat.asof.verdict import Side, Verdict
    from alaqat.proofs.as_text import Line
    from alaqat.proofs.wording import TermWording
    from alaqat.temporal.certainty import Period


def text_for(key: str, words: TermWording, *values: str) -> str:
    """Return a localised text about verdicts, its placeholders filled."""
    return translate("verdicts", key, words.language, *values)


def verdict_as_text(verdict: Verdict, words: TermWording) -> str:
    """Return a verdict as text, with the proofs of both sides."""
    return lines_as_text(_verdict_lines(verdict, words), words.language)


def _verdict_lines(verdict: Verdict, words: TermWording) -> Iterator[Line]:
    at = text_for("at", words, verdict.day.isoformat()) if verdict.day else ""
    key: str = verdict.answer
    if verdict.certainty is not None and key in ("yes", "no"):
        key = f"{key}_{verdict.certainty.word}"
    yield 0, text_for(key, words, words.triple(verdict.triple)) + at
    for key, sides in (("pro", verdict.pro), ("contra", verdict.contra)):
        for side in sides:
            certainty = (
                f" ({text_for(side.certainty.word, words)})"
                if side.certainty is not None
                else ""
            )
            yield 1, f"{text_for(key, words)}{certainty}:"
            yield from proof_lines(side.proof, words, 2)


def verdict_as_json(
    verdict: Verdict, words: Mapping[str, TermWording]
) -> dict[str, Any]:
    """Return a verdict as JSON values."""
    return {
        "triple": triple_as_json(verdict.triple, words),
        "at": verdict.day.isoformat() if verdict.day else None,
        "answer": verdict.answer,
        "certainty": verdict.certainty.word if verdict.certainty is not None else None,
        "for": [_side_as_json(side, words) for side in verdict.pro],
        "against": [_side_as_json(side, words) for side in verdict.contra],
    }


def _side_as_json(side: Side, words: Mapping[str, TermWording]) -> dict[str, Any]:
    certainty = None if side.certainty is None else side.certainty.word
    return {"standing": certainty, "proof": proof_as_json(side.proof, words)}


def day_as_text(view: DayView, words: TermWording) -> str:
    """Return what held on a day as text, the most certain first."""
    return lines_as_text(_day_lines(view, words), words.language)


def _day_lines(view: DayView, words: TermWording) -> Iterator[Line]:
    yield 0, text_for("day", words, view.day.isoformat())
    if not view.relations:
        yield 1, text_for("none", words)
    for key, held in (("relations", view.relations), ("shortcuts", view.shortcuts)):
        for certainty, several in groupby(held, key=lambda one: one.certainty):
            yield 1, text_for(key, words, text_for(certainty.word, words))
            for one in several:
                yield 2, words.triple(one.triple) + _period_text(one.period, words)
    if view.contradictions:
        yield 1, text_for("contradictions", words)
    for contradiction in view.contradictions:
        yield 2, words.bidi_isolate(contradiction.message.splitlines()[0])


def _period_text(period: Period, words: TermWording) -> str:
    """Return the known bounds: a start and an end of one or two days each."""
    limits = period.bounds
    sides = (
        (limits.start_earliest, limits.start_latest),
        (limits.end_earliest, limits.end_latest),
    )
    if not any(day for side in sides for day in side):
        return ""
    parts = ("–".join(dict.fromkeys(map(_day_text, side))) for side in sides)
    return f" [{words.bidi_isolate(' / '.join(parts))}]"


def _day_text(day: object) -> str:
    return "?" if day is None else str(day)


def day_as_json(view: DayView, words: Mapping[str, TermWording]) -> dict[str, Any]:
    """Return what held on a day as JSON values."""
    return {
        "day": view.day.isoformat(),
        "relations": [_held_as_json(one, words) for one in view.relations],
        "shortcuts": [_held_as_json(one, words) for one in view.shortcuts],
        "contradictions": [one.message for one in view.contradictions],
    }


def _held_as_json(held: HeldTriple, words: Mapping[str, TermWording]) -> dict[str, Any]:
    bounds = {
        str(iri).rpartition("#")[2]: day.isoformat()
        for name, iri in BOUND_PROPERTIES.items()
        if (day := getattr(held.period.bounds, name)) is not None
    }
    return {
        "triple": triple_as_json(held.triple, words),
        "standing": held.certainty.word,
        "bounds": bounds,
        "attestedOn": [day.isoformat() for day in held.period.attested],
        "with": [str(node) for node in held.others],
        "facts": [str(fact) for fact in held.facts],
    }
