"""The Star Source plan: its phases, the support of each, and who may see what of it."""
