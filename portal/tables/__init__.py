"""The lists of the house."""
