// An upload in parts driven by hand, as a resumable uploader drives it.
import assert from "node:assert/strict";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

/** The size of a mebibyte. */
export const MIB = 1024 * 1024;

/** Client settings that send and expect no checksums. */
export const RELAXED = {
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
} as const;

/** Runs a call that must be refused, and gives status and code. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (cause) {
    if (cause instanceof S3ServiceException) {
      return `${cause.$metadata.httpStatusCode} ${cause.name}`;
    }
    throw cause;
  }
  assert.fail("The call was accepted");
}

/** One upload driven by hand. */
export class HandUpload {
  readonly parts: CompletedPart[] = [];

  private constructor(
    readonly client: S3Client,
    readonly target: { Bucket: string; Key: string; UploadId: string },
  ) {}

  static async start(
    client: S3Client,
    key: string,
    more: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<HandUpload> {
    const at = { Bucket: "media", Key: key };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, ...more }));
    assert.ok(UploadId);
    return new HandUpload(client, { ...at, UploadId });
  }

  async part(PartNumber: number, Body: Uint8Array): Promise<CompletedPart> {
    const sent = await this.client.send(
      new UploadPartCommand({ ...this.target, PartNumber, Body }),
    );
    assert.ok(sent.ETag);
    const part: CompletedPart = { PartNumber, ETag: sent.ETag };
    if (sent.ChecksumCRC32 !== undefined) part.ChecksumCRC32 = sent.ChecksumCRC32;
    this.parts.push(part);
    return part;
  }

  async complete(
    Parts: CompletedPart[] = this.parts,
    more: Record<string, unknown> = {},
  ): Promise<CompleteMultipartUploadCommandOutput> {
    return await this.client.send(
      new CompleteMultipartUploadCommand({
        ...this.target,
        MultipartUpload: { Parts },
        ...more,
      }),
    );
  }

  async abort(): Promise<void> {
    await this.client.send(new AbortMultipartUploadCommand(this.target));
  }
}
