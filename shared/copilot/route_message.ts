// The first room's router under its old name, until the turn engine asks routing/route_message.ts.
export {
  type MeetingsIntent,
  readMeetingQuestion as routeMessage,
} from "./routing/meeting_questions.ts";
