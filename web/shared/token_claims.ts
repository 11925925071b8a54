export interface TokenClaims {
  role: string | null;
  name: string | null;
}

/** What an invitation says of itself. The server alone decides what it is good for; this only chooses the page's words. */
export function readClaims(token: string | null): TokenClaims {
  const nothing = { role: null, name: null };
  const body = token?.split('.')[1];
  if (!body) return nothing;
  try {
    const bytes = Uint8Array.from(atob(body.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
    return { role: text(claims['role']), name: text(claims['name']) };
  } catch {
    return nothing;
  }
}
