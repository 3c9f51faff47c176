"""An edition of a document: its text with everything that stands on it.

Nothing of the text is added, left out or put elsewhere: the pieces of an edition, one
after the other, are the text character for character.
"""

from alaqat.edition.editing import edit
from alaqat.edition.kinds import Kinds
from alaqat.edition.remarks import remarks
from alaqat.edition.values import (
    Edition,
    Line,
    Mark,
    Remark,
    Run,
    Section,
    Shelf,
    Statement,
    Stretch,
)

__all__ = [
    "Edition",
    "Kinds",
    "Line",
    "Mark",
    "Remark",
    "Run",
    "Section",
    "Shelf",
    "Statement",
    "Stretch",
    "edit",
    "remarks",
]
