/** Something that `doctor` found, and what to do. */
export type Problem = {
  /** `error`: this package does not work. `warning`: a part does not. `note`: good to know. */
  severity: 'error' | 'warning' | 'note';
  what: string;
  cure: string;
  /** Of the error, where there was one. */
  code?: string;
};
