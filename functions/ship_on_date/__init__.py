"""Shipments with instructions leave on their day by themselves, where the shop wants that."""
