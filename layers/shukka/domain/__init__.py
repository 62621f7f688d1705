"""What an order is: values and functions. No AWS, no clock, no environment."""
