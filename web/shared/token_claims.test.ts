import { expect, it } from 'vitest';
import { readClaims } from './token_claims';

const toBase64Url = (text: string) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const token = (claims: unknown) => `h.${toBase64Url(JSON.stringify(claims))}.s`;

it('reads_role_and_name_in_any_script', () => {
  expect(readClaims(token({ role: 'presenter', name: 'Žofia 例' }))).toEqual({ role: 'presenter', name: 'Žofia 例' });
});

it('says_nothing_of_what_is_no_token', () => {
  for (const text of [null, '', 'abc', 'a.b.c', 'a.%%%.c', token([1]), token({ role: 3 })]) {
    expect(readClaims(text)).toEqual({ role: null, name: null });
  }
});
