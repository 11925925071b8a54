/** The event's id of `/studio/{event}` and its sisters; empty when the path names none. */
export function eventIdOf(pathname: string): string {
  const part = pathname.split('/').filter(Boolean)[1] ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/** The token of `#token=…`; null when the fragment carries none. */
export function tokenOfFragment(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') || null;
}

/**
 * The invitation's token: from the fragment, kept for this tab so that a reload without it still works.
 * The fragment stays in the address: people copy their own link from there.
 */
export function readToken(key: string): string | null {
  const given = tokenOfFragment(window.location.hash);
  try {
    if (given) window.sessionStorage.setItem(key, given);
    return given ?? window.sessionStorage.getItem(key);
  } catch {
    return given; // storage may be forbidden in an embedded frame
  }
}
