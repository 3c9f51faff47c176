"""Plain-text documents: segmentation, quotes, annotations, structure and coverage."""
