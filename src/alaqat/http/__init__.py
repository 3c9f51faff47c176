"""SPARQL 1.1 protocols and linked data over HTTP, independent of a web framework."""
