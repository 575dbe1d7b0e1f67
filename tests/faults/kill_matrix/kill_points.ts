// The kill points of the notetaker's pipelines, each named as in the fault matrix and each at one call
// of one function, or within the transaction of one.
import type { KillPoint } from "./kill_point.ts";
import { PLANNING_POINTS } from "./planning_points.ts";
import { STORING_POINTS } from "./storing_points.ts";

/** All of them. */
export const KILL_POINTS: readonly KillPoint[] = [...PLANNING_POINTS, ...STORING_POINTS];
