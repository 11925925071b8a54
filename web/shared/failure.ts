/** A call that did not work, in words for the person at the page. */
export class Failure extends Error {
  constructor(
    /** HTTP status; 0 when no answer came at all. */
    readonly status: number,
    readonly detail: string,
    /** Seconds the server asked to wait; null when it said nothing. */
    readonly retryAfter: number | null = null,
    /** Extra members of the problem document, e.g. `legal`. */
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || `HTTP ${status}`);
  }
}

/** Reads an RFC 9457 problem document, or whatever came instead. */
export async function failureOf(response: Response): Promise<Failure> {
  let detail = '';
  let extra: Record<string, unknown> = {};
  try {
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('json')) {
      extra = (await response.json()) as Record<string, unknown>;
      detail = String(extra['detail'] ?? extra['title'] ?? '');
    }
  } catch {
    // A broken body says no more than the status does.
  }
  const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  return new Failure(response.status, detail, Number.isFinite(wait) ? wait : null, extra);
}

const kSentences: Record<number, string> = {
  0: 'Footlight does not answer. Check that this device is online; the page keeps trying.',
  401: 'This link is not valid any more. Ask the organiser for a new one.',
  403: 'This link does not allow that. Ask the organiser for one that does.',
  404: 'There is no such event here. Check the link, or ask the organiser for a new one.',
  409: 'The event does not allow that at the moment.',
  412: 'Someone else changed this a moment ago. Look at the new state and try again.',
  413: 'That is more than Footlight takes at once. Make it smaller and try again.',
  429: 'Too many requests at once. Wait a moment; the page tries again by itself.',
  501: 'This Footlight cannot do that yet.',
};

/** One sentence: what happened and what the person can do. The server's own sentence stands where it knows more. */
export function sentenceFor(error: unknown): string {
  if (!(error instanceof Failure)) return kSentences[0]!;
  if ([400, 409, 422, 501].includes(error.status) && error.detail) return asSentence(error.detail);
  return (
    kSentences[error.status] ??
    (error.status >= 500
      ? 'Footlight has a problem at the moment. The page tries again by itself.'
      : asSentence(error.detail) || 'That did not work. Try again.')
  );
}

function asSentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return '';
  const opened = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(opened) ? opened : `${opened}.`;
}
