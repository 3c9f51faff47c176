"""The tree of errors that the module draws is the one it defines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alaqat import errors
from alaqat.errors import AlaqatError

LINE = re.compile(r"^((?:[│ ] {3})*(?:[├└]── )?)(\w+)(?: {2,}(\S.*))?$", re.MULTILINE)


def drawn() -> Iterator[tuple[str, str | None, str]]:
    """The name, the parent and the description of each error, line by line."""
    text = errors.__doc__ or ""
    above: list[str] = []
    for branch, name, told in LINE.findall(text[text.index("\nAlaqatError\n") :]):
        del above[len(branch) // 4 :]
        yield name, above[-1] if above else None, told
        above.append(name)


def defined() -> dict[str, str | None]:
    """The parent of each error that the module defines."""
    kinds = (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, AlaqatError)
    )
    parents = {kind.__name__: kind.__bases__[0].__name__ for kind in kinds}
    return {**parents, "AlaqatError": None}


def test_the_tree_names_every_error_below_its_parent() -> None:
    """None is missing, none is drawn that is not there."""
    tree = list(drawn())
    assert len(tree) >= 20
    assert len({name for name, *_ in tree}) == len(tree)
    assert {name: parent for name, parent, _ in tree} == defined()


def test_the_tree_says_what_each_error_is() -> None:
    """All but the root."""
    assert not [name for name, parent, told in drawn() if parent and not told]
