"""Template tags of the level."""
