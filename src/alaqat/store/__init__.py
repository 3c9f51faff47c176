"""RDF stores behind one interface, and the releases that they read."""
