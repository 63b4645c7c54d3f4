"""What the lists of the house are narrowed down by."""
