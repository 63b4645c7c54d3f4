"""Taking files in over the web: received, waiting, imported by a worker, and removed again."""
