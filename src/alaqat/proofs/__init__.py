"""Proofs of triples: derivations down to axioms, and evidence for assertions."""
