// Proposes a post into a Slack channel that the organization's admins have opened.
import { z } from "zod";
import { AppError } from "../../../errors/app_error.ts";
import { PostSlackMessage } from "../../proposals/effect.ts";
import type { ProposeAction } from "../action.ts";
import { readConnections } from "./outbound_connections.ts";
import { outgoingText, summary } from "./preview.ts";

const PostSlackMessageArgs = z.strictObject({
  channel: z.string().trim().min(1).max(100).describe("Name or id of a channel that was opened."),
  text: z.string().trim().min(1).max(3_000),
});

/** The action. */
export const postSlackMessage: ProposeAction<typeof PostSlackMessageArgs> = {
  kind: "propose",
  name: "post_slack_message",
  description: "Proposes a post into an opened Slack channel. It can't be undone.",
  label: "Preparing a Slack message",
  args: PostSlackMessageArgs,
  explainArgs: ({ text }) => ({ length: text.length }),
  async prepare(ctx, { channel: wanted, text }) {
    const { slack } = await readConnections(ctx);
    if (slack === null) throw new AppError("slack_not_connected");
    const name = wanted.replace(/^#/, "").toLowerCase();
    const channel = slack.channels.find(({ id }) => id === wanted) ??
      slack.channels.find((open) => open.name.toLowerCase() === name);
    if (channel === undefined) throw new AppError("recipient_not_allowed");
    const effect = PostSlackMessage.parse({
      kind: "post_slack_message",
      channel_id: channel.id,
      channel_name: channel.name,
      text: withoutCommands(outgoingText(text)),
    });
    return {
      effects: [effect],
      previews: [{
        kind: effect.kind,
        summary: summary("Post in #", channel.name, " on Slack: ", effect.text.slice(0, 200)),
        recipients: [`#${channel.name}`],
        fields: [{ name: "Channel", value: `#${channel.name}` }, {
          name: "Text",
          value: effect.text,
        }],
        is_reversible: false,
      }],
      evidence: [],
    };
  },
};

/** Angle brackets call people, or hide where a link leads; what is shown must be what is read. */
function withoutCommands(text: string): string {
  return text.replaceAll("<", "‹").replaceAll(">", "›");
}
