"""The SPARQL 1.1 Protocol without a web framework: request values in, a reply out."""

from alaqat.protocol.description import SD, describe
from alaqat.protocol.operation import respond, run
from alaqat.protocol.problems import problem, status_of, told
from alaqat.protocol.requests import read
from alaqat.protocol.values import (
    FORM,
    METHODS,
    PROBLEM,
    MethodNotAllowed,
    Query,
    Reply,
    Request,
)

__all__ = [
    "FORM",
    "METHODS",
    "PROBLEM",
    "SD",
    "MethodNotAllowed",
    "Query",
    "Reply",
    "Request",
    "describe",
    "problem",
    "read",
    "respond",
    "run",
    "status_of",
    "told",
]
