"""The words of the document behind a row of an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.i18n import script_of
from alaqat.library import Library, Query
from alaqat.store import Store
from alaqat.web.addresses import page_of
from alaqat.web.versions import Once

_MOST = 3  # quotes beside one row; the page of a fact has them all
_READ = 20_000  # rows that are read in search of facts

Words = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Quote:
    """Words that state a fact, and the page of that fact."""

    words: str
    href: str

    @property
    def language(self) -> str:
        """The language of the words, by their letters."""
        return script_of(self.words)


class Evidence:
    """The facts that a saved query went through to each of its rows.

    A question asks for parties and days, not for the facts that tie them; so it is run
    once more for every variable of its pattern.

    Args:
        words: that state each fact.
        facts: behind each row.
    """

    def __init__(
        self, words: Words, facts: Mapping[tuple[Node | None, ...], Iterable[Node]]
    ) -> None:
        self._words = words
        self._facts = facts

    @classmethod
    def of_query(
        cls, words: Words, query: Query, bindings: Mapping[str, Node], store: Store
    ) -> Evidence:
        """Look for the facts behind the rows of a saved query.

        Args:
            words: that state each fact.
            query: whose rows they are.
            bindings: of its parameters.
            store: in which it is run.
        """
        facts: defaultdict[tuple[Node | None, ...], dict[Node, None]] = defaultdict(
            dict
        )
        if whole := query.with_every_variable():
            answer = store.query(whole.text, bindings=bindings)
            at = {name: place for place, name in enumerate(answer.variables)}
            for row in islice(answer, _READ):
                key = tuple(row[at[name]] for name in whole.columns)
                facts[key].update(
                    {one: None for one in row if str(one) in words and one}
                )
        return cls(words, facts)

    def of(self, row: Sequence[Node | None]) -> Sequence[Quote]:
        """The words behind a row, fact by fact."""
        quotes = (
            Quote(words, page_of(str(fact)))
            for fact in self._facts.get(tuple(row), ())
            for words in self._words[str(fact)]
        )
        return list(islice(quotes, _MOST))


def words_of_facts(library: Library) -> Once[Words]:
    """What reads the words of a version's facts when they are first asked for."""

    def read(dataset: Dataset) -> Words:
        words: defaultdict[str, list[str]] = defaultdict(list)
        for fact, _, quote in dataset.store.query(library.get("words-of-facts").text):
            words[str(fact)].append(str(quote))
        return dict(words)

    return Once(read)
