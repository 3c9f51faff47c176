"""RDF formats, terms, reading and writing."""
