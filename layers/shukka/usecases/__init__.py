"""What can be done: one verb per file. Each takes its ports and returns domain objects."""
