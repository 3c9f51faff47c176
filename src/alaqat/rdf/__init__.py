"""RDF formats, terms, parsing and serialization."""
