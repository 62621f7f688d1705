"""Shukka: what an order is, what can be done with it, and where it is kept."""
