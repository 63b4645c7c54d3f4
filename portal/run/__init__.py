"""Running the whole portal on one machine: its processes, started and stopped together."""
