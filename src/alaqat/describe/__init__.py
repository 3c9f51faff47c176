"""Descriptions of entities, facts, terms and the dataset itself."""
