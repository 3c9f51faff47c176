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
from alaqat.store.interface import with_timeout
from alaqat.web.addresses import page_of

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
        cls,
        words: Words,
        query: Query,
        bindings: Mapping[str, Node],
        store: Store,
        *,
        timeout: float | None = None,
    ) -> Evidence:
        """Look for the facts behind the rows of a saved query.

        Args:
            words: that state each fact.
            query: whose rows they are.
            bindings: of its parameters.
            store: in which it is run.
            timeout: seconds after which that is stopped.
        """
        facts: defaultdict[tuple[Node | None, ...], dict[Node, None]] = defaultdict(
            dict
        )
        if whole := query.with_every_variable():
            answer = with_timeout(store, timeout).query(whole.text, bindings=bindings)
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


def words_of_facts(dataset: Dataset, library: Library) -> Words:
    """Return the words that state each fact of a version of the dataset."""
    return dataset.cached(_read, library)


def _read(dataset: Dataset, library: Library) -> Words:
    words: defaultdict[str, list[str]] = defaultdict(list)
    for fact, _, quote in dataset.store.query(library.get("words-of-facts").text):
        words[str(fact)].append(str(quote))
    return dict(words)
