"""The stock that orders move, and the orders that wait for it."""
