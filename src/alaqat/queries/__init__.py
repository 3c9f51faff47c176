"""Saved SPARQL queries: files with front matter, and the library of them."""
