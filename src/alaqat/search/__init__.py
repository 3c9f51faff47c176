"""Search: from what a person types to entities, facts, sentences, questions, terms."""

from alaqat.search.entries import KINDS, Entry, Text, entries_of, questions
from alaqat.search.index import Found, Hit, Index

__all__ = [
    "KINDS",
    "Entry",
    "Found",
    "Hit",
    "Index",
    "Text",
    "entries_of",
    "questions",
]
