// Failures on demand: the next calls of a route answer with a status of the test's choosing.

/** Which calls fail, and how. */
export interface ScriptedFailure {
  /** The simulator's name of the route, for instance `events.list`; every route without. */
  readonly route?: string | undefined;
  /** Only this page of a listing. */
  readonly page?: number | undefined;
  readonly status: number;
  /** The provider's word for it. */
  readonly reason?: string | undefined;
  /** How many calls. */
  readonly count: number;
  /** How long the answer is held back. */
  readonly delayMs: number;
}

/** The failures that are still to come. */
export class FailureScript {
  #pending: Array<{ readonly failure: ScriptedFailure; left: number }> = [];

  /** Adds failures. */
  arm(failure: ScriptedFailure): void {
    this.#pending.push({ failure, left: failure.count });
  }

  /** Takes the failure that is meant for a call, if one is. */
  take(route: string, page?: number): ScriptedFailure | undefined {
    const found = this.#pending.find(({ failure }) =>
      (failure.route === undefined || failure.route === route) &&
      (failure.page === undefined || failure.page === page)
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return found.failure;
  }

  /** What is still to come. */
  list(): ScriptedFailure[] {
    return this.#pending.map(({ failure, left }) => ({ ...failure, count: left }));
  }

  /** Forgets all. */
  reset(): void {
    this.#pending = [];
  }
}
