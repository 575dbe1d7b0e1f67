// How each provider that calls us proves itself. A provider without an entry cannot be registered.
import type { WebhookProvider } from "@shared/platform/function_registry.ts";
import { gladiaCallbacks } from "./gladia_callbacks.ts";
import { meetingBaasWebhooks } from "./meeting_baas_webhooks.ts";
import { standardWebhooks } from "./standard_webhooks.ts";
import type { WebhookVerifier } from "./webhook_verifier.ts";

/** Provider → its scheme. */
export const WEBHOOK_VERIFIERS: Readonly<Record<WebhookProvider, WebhookVerifier>> = {
  fathom: standardWebhooks("FATHOM_WEBHOOK_SECRET"),
  gladia: gladiaCallbacks,
  meetingbaas: meetingBaasWebhooks,
};
