"""A day, and a verdict, for people and for programs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from alaqat.i18n import translate
from alaqat.proofs.as_json import proof_as_json, triple_as_json
from alaqat.proofs.as_text import lines_as_text, proof_lines
from alaqat.temporal.edtf import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alaqat.asof.intervals import DayView, Held
    from alaqat.asof.verdict import Side, Verdict
    from alaqat.proofs.as_text import Line
    from alaqat.proofs.wording import TermWording
    from alaqat.temporal.certainty import Period


def text_for(key: str, words: TermWording, *values: str) -> str:
    """Return one of the texts of verdicts, its gaps filled."""
    return translate("verdicts", key, words.language, *values)


def verdict_as_text(verdict: Verdict, words: TermWording) -> str:
    """A verdict as text for people, with the proofs of both sides."""
    return lines_as_text(_verdict(verdict, words), words.language)


def _verdict(verdict: Verdict, words: TermWording) -> Iterator[Line]:
    at = text_for("at", words, verdict.day.isoformat()) if verdict.day else ""
    yield 0, text_for(verdict.answer, words, words.triple(verdict.triple)) + at
    for key, sides in (("pro", verdict.pro), ("contra", verdict.contra)):
        for side in sides:
            sure = (
                f" ({text_for(side.standing.word, words)})"
                if side.standing is not None
                else ""
            )
            yield 1, f"{text_for(key, words)}{sure}:"
            yield from proof_lines(side.proof, words, 2)


def verdict_as_json(
    verdict: Verdict, words: Mapping[str, TermWording]
) -> dict[str, Any]:
    """A verdict as plain values."""
    return {
        "triple": triple_as_json(verdict.triple, words),
        "at": verdict.day.isoformat() if verdict.day else None,
        "answer": verdict.answer,
        "for": [_side(side, words) for side in verdict.pro],
        "against": [_side(side, words) for side in verdict.contra],
    }


def _side(side: Side, words: Mapping[str, TermWording]) -> dict[str, Any]:
    sure = None if side.standing is None else side.standing.word
    return {"standing": sure, "proof": proof_as_json(side.proof, words)}


def day_as_text(moment: DayView, words: TermWording) -> str:
    """What held on a day as text for people, the surest first."""
    return lines_as_text(_moment(moment, words), words.language)


def _moment(moment: DayView, words: TermWording) -> Iterator[Line]:
    yield 0, text_for("day", words, moment.day.isoformat())
    if not moment.relations:
        yield 1, text_for("none", words)
    for key, held in (("relations", moment.relations), ("shortcuts", moment.shortcuts)):
        for standing, several in groupby(held, key=lambda one: one.standing):
            yield 1, text_for(key, words, text_for(standing.word, words))
            for one in several:
                yield 2, words.triple(one.triple) + _when(one.period, words)
    if moment.contradictions:
        yield 1, text_for("contradictions", words)
    for contradiction in moment.contradictions:
        yield 2, words.bidi_isolate(contradiction.message.splitlines()[0])


def _when(period: Period, words: TermWording) -> str:
    """The bounds that are known, as a start and an end of one or two days each."""
    limits = period.bounds
    sides = (
        (limits.start_earliest, limits.start_latest),
        (limits.end_earliest, limits.end_latest),
    )
    if not any(day for side in sides for day in side):
        return ""
    told = ("–".join(dict.fromkeys(map(_day, side))) for side in sides)
    return f" [{words.bidi_isolate(' / '.join(told))}]"


def _day(day: object) -> str:
    return "?" if day is None else str(day)


def day_as_json(moment: DayView, words: Mapping[str, TermWording]) -> dict[str, Any]:
    """What held on a day as plain values."""
    return {
        "day": moment.day.isoformat(),
        "relations": [_held(one, words) for one in moment.relations],
        "shortcuts": [_held(one, words) for one in moment.shortcuts],
        "contradictions": [one.message for one in moment.contradictions],
    }


def _held(held: Held, words: Mapping[str, TermWording]) -> dict[str, Any]:
    bounds = {
        str(iri).rpartition("#")[2]: day.isoformat()
        for name, iri in PROPERTIES.items()
        if (day := getattr(held.period.bounds, name)) is not None
    }
    return {
        "triple": triple_as_json(held.triple, words),
        "standing": held.standing.word,
        "bounds": bounds,
        "attestedOn": [day.isoformat() for day in held.period.attested],
        "with": [str(node) for node in held.others],
        "facts": [str(fact) for fact in held.facts],
    }
