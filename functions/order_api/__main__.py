"""`python -m order_api` prints the OpenAPI description."""

import sys

from order_api.app import app
from order_api.openapi import document

sys.stdout.write(document(app) + "\n")
