"""The bucket."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

from shukka.domain.errors import NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LINK_SECONDS = 300


class FileStore:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, Metadata=dict(metadata or {})
        )

    def get(self, key: str) -> bytes:
        """Raises NotFoundError."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as failure:
            if failure.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                raise NotFoundError("ファイルが見つかりません") from None
            raise

    def presigned_url(self, key: str, filename: str, content_type: str) -> str:
        """A link of five minutes that downloads the object under `filename` (RFC 6266, any characters)."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentType": content_type,
                "ResponseContentDisposition": f"inline; filename*=UTF-8''{quote(filename, safe='')}",
            },
            ExpiresIn=_LINK_SECONDS,
        )
