"""Descriptions of entities, facts, terms and the dataset for people and programs."""
