"""The library of saved queries."""
