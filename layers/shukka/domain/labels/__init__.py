"""Files that label software reads: one module for each carrier's layout, and what they have in common."""
