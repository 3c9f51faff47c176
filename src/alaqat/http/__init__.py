"""The SPARQL 1.1 protocols and linked data over HTTP, without a web framework."""
