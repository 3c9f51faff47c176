"""Flask blueprints, one for each part of the site."""
