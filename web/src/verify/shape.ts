import type { Verdict } from './view';

/** The drawing beside a verdict: a document that could not be read is as open a question as one that cannot be confirmed. */
export function shape(verdict: Verdict): Exclude<Verdict, 'unread'> {
  return verdict === 'unread' ? 'indeterminate' : verdict;
}
