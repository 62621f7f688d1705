"""出荷実績の取り込み: an uploaded CSV file, from its bytes to shipments and a report on every row."""
