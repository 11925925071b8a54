import { describe, expect, it } from 'vitest';
import { Failure, failureOf, sentenceFor } from './failure';

describe('failure', () => {
  it('reads_detail_extra_members_and_retry_after_of_a_problem_document', async () => {
    const response = new Response(JSON.stringify({ title: 'Conflict', detail: 'not live yet', legal: ['rehearse'] }), {
      status: 409,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '3' },
    });
    const failure = await failureOf(response);
    expect(failure.status).toBe(409);
    expect(failure.retryAfter).toBe(3);
    expect(failure.extra['legal']).toEqual(['rehearse']);
    expect(sentenceFor(failure)).toBe('Not live yet.');
  });

  it('survives_a_body_that_is_not_what_its_type_says', async () => {
    const response = new Response('{', { status: 500, headers: { 'content-type': 'application/problem+json' } });
    expect((await failureOf(response)).detail).toBe('');
  });

  it('never_shows_a_code_alone', () => {
    for (const status of [0, 401, 403, 404, 409, 412, 413, 418, 429, 500, 502, 503]) {
      const sentence = sentenceFor(new Failure(status, ''));
      expect(sentence).toMatch(/^[A-Z].{15,}[.]$/);
      expect(sentence).not.toContain(String(status || 'x'));
    }
  });

  it('takes_anything_thrown_by_fetch_for_no_answer', () => {
    expect(sentenceFor(new TypeError('Failed to fetch'))).toContain('does not answer');
  });
});
