"""Random histories of conduct, held against a plain model of the rules at every step."""
