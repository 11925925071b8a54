import type { Source } from '../shared/types';

/** What each source is called on the page: sources of one name are told apart by a number, in the order they came. */
export function sourceNames(sources: readonly Pick<Source, 'id' | 'name'>[]): Map<string, string> {
  const seen = new Map<string, number>();
  const names = new Map<string, string>();
  for (const { id, name } of sources) {
    const shown = name === 'camera' || name === 'screen' ? name.charAt(0).toUpperCase() + name.slice(1) : name;
    const count = (seen.get(shown) ?? 0) + 1;
    seen.set(shown, count);
    names.set(id, count === 1 ? shown : `${shown} ${count}`);
  }
  return names;
}
