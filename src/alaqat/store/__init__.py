"""RDF stores behind one interface."""
