"""Learns from the table's stream which orders have which 送り状番号, and marks orders that share one."""
