"""Errors: the hierarchy in the module's docstring is the one that it defines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alaqat import errors
from alaqat.errors import AlaqatError

LINE = re.compile(r"^((?:[│ ] {3})*(?:[├└]── )?)(\w+)(?: {2,}(\S.*))?$", re.MULTILINE)


def drawn() -> Iterator[tuple[str, str | None, str]]:
    """Yield name, parent and description of each error in the docstring."""
    text = errors.__doc__ or ""
    ancestors: list[str] = []
    for branch, name, about in LINE.findall(text[text.index("\nAlaqatError\n") :]):
        del ancestors[len(branch) // 4 :]
        yield name, ancestors[-1] if ancestors else None, about
        ancestors.append(name)


def defined() -> dict[str, str | None]:
    """Return the parent of each error that the module defines."""
    classes = (
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, AlaqatError)
    )
    parents = {cls.__name__: cls.__bases__[0].__name__ for cls in classes}
    return {**parents, "AlaqatError": None}


def test_the_tree_names_every_error_below_its_parent() -> None:
    """None is missing, and none is invented."""
    tree = list(drawn())
    assert len(tree) >= 20
    assert len({name for name, *_ in tree}) == len(tree)
    assert {name: parent for name, parent, _ in tree} == defined()


def test_the_tree_describes_each_error() -> None:
    """All but the root."""
    assert not [name for name, parent, about in drawn() if parent and not about]
