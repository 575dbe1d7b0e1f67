// Every look-up that execute_action can run, by its name. One without an entry is not known here.
import type { ReadAction } from "./action.ts";
import type { ReadActionName } from "./action_names.ts";
import { getMeetingsForPeriod } from "./read/get_meetings_for_period.ts";
import { listTasks } from "./read/list_tasks.ts";

/** The look-ups by name. */
export const READ_ACTION_CATALOGUE: Readonly<Partial<Record<ReadActionName, ReadAction>>> = {
  get_meetings_for_period: getMeetingsForPeriod,
  list_tasks: listTasks,
};
