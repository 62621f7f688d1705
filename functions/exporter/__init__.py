"""書き出し: CSV files of any size, from the queue."""
