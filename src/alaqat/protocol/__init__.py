"""The SPARQL 1.1 protocols without a web framework: request values in, a reply out."""

from alaqat.protocol.caching import Cache
from alaqat.protocol.description import SD, describe
from alaqat.protocol.graphs import respond_graph
from alaqat.protocol.operation import respond
from alaqat.protocol.problems import problem, told
from alaqat.protocol.representation import Representation, tag
from alaqat.protocol.requests import read
from alaqat.protocol.served import Served
from alaqat.protocol.values import (
    FORM,
    METHODS,
    PROBLEM,
    Query,
    Reply,
    Request,
)

__all__ = [
    "FORM",
    "METHODS",
    "PROBLEM",
    "SD",
    "Cache",
    "Query",
    "Reply",
    "Representation",
    "Request",
    "Served",
    "describe",
    "problem",
    "read",
    "respond",
    "respond_graph",
    "tag",
    "told",
]
