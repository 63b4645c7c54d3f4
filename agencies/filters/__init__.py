"""How the lists are narrowed; filters live in the address."""
