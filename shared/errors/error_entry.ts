/** What a caller sees of one error code. */
export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}
