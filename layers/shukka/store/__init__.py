"""Storage: the only package that knows DynamoDB and S3."""
