"""What the pages of conduct show."""
