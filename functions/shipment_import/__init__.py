"""出荷実績の取り込み: a CSV that someone dropped, from its bytes to shipments, and back to a report of every row."""
