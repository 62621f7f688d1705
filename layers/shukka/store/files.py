"""The bucket."""

import shutil
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

from shukka.domain.errors import NotFoundError
from shukka.usecases.ports import UploadForm

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

_LINK_SECONDS = 300
_FORM_SECONDS = 900
_BLOCK = 1 << 20
# No function may list the bucket, so S3 answers 403 for a missing object.
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "AccessDenied", "403", "404"})


class FileStore:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, Metadata=dict(metadata or {})
        )

    def download(self, key: str, into: IO[bytes], version: str = "") -> Mapping[str, str]:
        """Appends the object to a file; gives its metadata. Raises NotFoundError."""
        request: GetObjectRequestTypeDef = {"Bucket": self._bucket, "Key": key}
        if version:
            request["VersionId"] = version
        try:
            answer = self._client.get_object(**request)
        except ClientError as failure:
            if failure.response["Error"]["Code"] in _GONE:
                raise NotFoundError("ファイルが見つかりません") from None
            raise
        shutil.copyfileobj(answer["Body"], into, _BLOCK)
        return answer["Metadata"]

    def upload(self, key: str, body: IO[bytes], content_type: str) -> str:
        """Stores a file from where it stands to its end; gives the version, "" where the bucket keeps none."""
        answer = self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
        return answer.get("VersionId", "")

    def presigned_url(self, key: str, filename: str, content_type: str, version: str = "") -> str:
        """A link of five minutes that downloads the object under `filename` (RFC 6266, any characters)."""
        wanted = {"Bucket": self._bucket, "Key": key, **({"VersionId": version} if version else {})}
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                **wanted,
                "ResponseContentType": content_type,
                "ResponseContentDisposition": f"inline; filename*=UTF-8''{quote(filename, safe='')}",
            },
            ExpiresIn=_LINK_SECONDS,
        )

    def presigned_post(self, key: str, metadata: Mapping[str, str], max_bytes: int) -> UploadForm:
        """A form of fifteen minutes that uploads one file of 1 to `max_bytes` bytes to `key`, with this metadata."""
        fields = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
        form = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields=dict(fields),
            Conditions=[*({name: value} for name, value in fields.items()), ["content-length-range", 1, max_bytes]],
            ExpiresIn=_FORM_SECONDS,
        )
        return UploadForm(form["url"], form["fields"])
