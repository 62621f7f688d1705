"""A file of any size into the bucket, part by part: there is no file before its last part is there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class ExportFiles:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def begin(self, key: str, content_type: str) -> str:
        """Opens a file and gives the id of its upload. One that is never finished is removed after some days."""
        answer = self._client.create_multipart_upload(Bucket=self._bucket, Key=key, ContentType=content_type)
        return answer["UploadId"]

    def add_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """Stores a part, numbered from 1, and gives its ETag. All but the last have 5 MiB at least."""
        answer = self._client.upload_part(
            Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
        )
        return answer["ETag"]

    def finish(self, key: str, upload_id: str, parts: Sequence[str]) -> None:
        """Makes the file of its parts. A second time, when it is there already, nothing happens."""
        tags: list[CompletedPartTypeDef] = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(parts, start=1)]
        try:
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": tags}
            )
        except ClientError as failure:
            if failure.response["Error"]["Code"] != "NoSuchUpload" or not self._exists(key):
                raise

    def keep(self, key: str, body: bytes) -> None:
        """Stores what does not make up a part yet."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def kept(self, key: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def _exists(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError:
            return False
        return True
