"""Logs and metrics of every function: constant event names with data in fields, never a customer's name or address."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
"""JSON lines; the service name comes from POWERTOOLS_SERVICE_NAME."""

metrics = Metrics(namespace="Shukka")
