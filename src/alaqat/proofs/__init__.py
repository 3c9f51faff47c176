"""Proofs of triples, down to the words of a document and the axioms."""
