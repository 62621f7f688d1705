"""The bucket."""

import shutil
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

from shukka.domain.errors import NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

_LINK_SECONDS = 300
_BLOCK = 1 << 20


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

    def download(self, key: str, into: IO[bytes], version: str = "") -> None:
        """Appends the object to a file; raises NotFoundError."""
        request: GetObjectRequestTypeDef = {"Bucket": self._bucket, "Key": key}
        if version:
            request["VersionId"] = version
        try:
            body = self._client.get_object(**request)["Body"]
        except ClientError as failure:
            if failure.response["Error"]["Code"] in {"NoSuchKey", "NoSuchVersion", "404"}:
                raise NotFoundError("ファイルが見つかりません") from None
            raise
        shutil.copyfileobj(body, into, _BLOCK)

    def upload(self, key: str, body: IO[bytes], content_type: str) -> None:
        """Stores a file from where it stands to its end, in parts where it is large."""
        self._client.upload_fileobj(body, self._bucket, key, ExtraArgs={"ContentType": content_type})

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
