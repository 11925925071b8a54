export type PlayerAction = 'toggle-play' | 'toggle-sound' | 'toggle-fullscreen' | 'back' | 'forward' | 'louder' | 'quieter' | 'live' | 'facts';

const kActions: Record<string, PlayerAction> = {
  ' ': 'toggle-play',
  k: 'toggle-play',
  m: 'toggle-sound',
  f: 'toggle-fullscreen',
  arrowleft: 'back',
  arrowright: 'forward',
  arrowup: 'louder',
  arrowdown: 'quieter',
  l: 'live',
  i: 'facts',
};

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  /** What has the focus: its tag in capitals and, for inputs, the type. */
  tag: string;
  type?: string;
}

/** What a key press means for the player; null when it belongs to the control that has the focus. */
export function actionFor({ key, ctrlKey, altKey, metaKey, tag, type }: KeyPress): PlayerAction | null {
  if (ctrlKey || altKey || metaKey) return null;
  const action = kActions[key.toLowerCase()] ?? null;
  if (action === null) return null;
  const isText = tag === 'TEXTAREA' || tag === 'SELECT' || (tag === 'INPUT' && type !== 'range');
  if (isText) return null;
  if (tag === 'INPUT' && key.startsWith('Arrow')) return null; // a slider moves by arrows
  if ((tag === 'BUTTON' || tag === 'A' || tag === 'SUMMARY') && key === ' ') return null; // space presses the button
  return action;
}
