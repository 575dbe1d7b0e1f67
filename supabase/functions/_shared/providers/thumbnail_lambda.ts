// The thumbnail function outside the platform. Trust boundary: it is handed a signed address of one
// private video, and only at the address that was registered for it (C-28); redirects are refused, so
// that the video's address goes nowhere else. What it answers is parsed before it is believed.
import { z } from "zod";
import {
  type MadeThumbnail,
  ThumbnailError,
  type ThumbnailService,
} from "@shared/recordings/thumbnail_service.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";
import { parseAnswer, readAnswerText } from "../http/read_answer.ts";

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?\//;

/** An address over https, or of this very machine when it is a developer's. */
function address(isDevelopment: boolean) {
  return z.url({ protocol: /^https?$/ }).max(2_000).refine(
    (url) => url.startsWith("https://") || (isDevelopment && LOOPBACK.test(url)),
    "must be https",
  );
}

function answer(isDevelopment: boolean) {
  return z.object({
    http_url: address(isDevelopment),
    s3_location: z.string().min(1).max(2_000).regex(/^\P{Cc}*$/u),
  });
}

/** Reading a key frame out of an hour of video takes seconds, a cold start some more. */
const TIMEOUT_MS = 60_000;
const ANSWER_MAX_BYTES = 20_000;

/** What the client needs from outside. */
export interface ThumbnailLambdaDeps {
  readonly readVariable: ReadVariable;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  /** Allows addresses of this machine. */
  readonly isDevelopment: boolean;
}

/**
 * Makes the client.
 *
 * @param deps Settings, network, and the end of the time that the caller has.
 * @returns The service; without a registered address one that says so at each call, so that recordings
 * come to an end without pictures.
 * @throws {EnvironmentError} When the address is malformed, or not https.
 */
export function createThumbnailLambda(
  deps: ThumbnailLambdaDeps,
): ThumbnailService {
  const settings = z.object({
    THUMBNAIL_LAMBDA_URL: address(deps.isDevelopment).optional(),
  });
  const { THUMBNAIL_LAMBDA_URL: url } = readVariables(
    settings,
    deps.readVariable,
  );
  if (url === undefined) {
    return {
      makeThumbnail: () => Promise.reject(new ThumbnailError("not_configured", null)),
    };
  }
  return {
    makeThumbnail: (signedVideoUrl) => makeThumbnail(deps, url, signedVideoUrl),
  };
}

async function makeThumbnail(
  deps: ThumbnailLambdaDeps,
  url: string,
  signedVideoUrl: string,
): Promise<MadeThumbnail> {
  const response = await call(deps, url, signedVideoUrl);
  const text = await readText(response);
  if (!response.ok) {
    const mayPass = response.status >= 500 ||
      [408, 425, 429].includes(response.status);
    throw new ThumbnailError(
      mayPass ? "unavailable" : "rejected",
      response.status,
    );
  }
  const parsed = answer(deps.isDevelopment).safeParse(parseAnswer(text));
  if (!parsed.success) {
    throw new ThumbnailError("malformed_answer", response.status);
  }
  return { httpUrl: parsed.data.http_url, s3Location: parsed.data.s3_location };
}

async function call(
  deps: ThumbnailLambdaDeps,
  url: string,
  signedVideoUrl: string,
): Promise<Response> {
  try {
    return await deps.fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
      },
      // The name of the field is the deployed function's own (U60-128)
      body: JSON.stringify({ fathom_url: signedVideoUrl }),
      redirect: "error",
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (cause) {
    throw new ThumbnailError("unavailable", null, { cause });
  }
}

async function readText(response: Response): Promise<string> {
  try {
    // Too long is as good as nothing: what it should say fits
    return await readAnswerText(response, ANSWER_MAX_BYTES) ?? "";
  } catch (cause) {
    throw new ThumbnailError("unavailable", response.status, { cause });
  }
}
