"""The lists of conduct."""
