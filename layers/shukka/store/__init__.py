"""Where things are kept: the only rooms that know DynamoDB and S3."""
