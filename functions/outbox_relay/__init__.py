"""Moves outbox items from the table's stream onto the queues of those who act on them."""
