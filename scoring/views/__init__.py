"""Pages of the level."""
