"""SPARQL texts: lexing, analysis, rewriting and diagnostics."""
