// One stroke width, 24 units square; drawn for this project.
const kPaths = {
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M8.5 5v14M15.5 5v14',
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11',
  muted: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  fullscreen: 'M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15',
  pip: 'M3.5 5.5h17v13h-17zM12.5 12.5h5.5v4h-5.5z',
  info: 'M12 11v5.5M12 7.6v.1M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z',
  settings: 'M4 8h9M17 8h3M4 16h3M11 16h9M15 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM9 18.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z',
  mic: 'M12 14.5a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v5.5a3 3 0 0 0 3 3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  micOff: 'M9 9v2.5a3 3 0 0 0 4.8 2.4M15 10V6a3 3 0 0 0-5.6-1.5M5.5 11.5a6.5 6.5 0 0 0 10.3 5.3M18.4 12.5c.1-.3.1-.7.1-1M12 18v3M4 4l16 16',
  camera: 'M3.5 7h11v10h-11zM14.5 10.5l6-3v9l-6-3z',
  cameraOff: 'M8 7h6.5v6M14.5 17h-11V7M14.5 10.5l6-3v9M4 4l16 16',
  screen: 'M3.5 5h17v11h-17zM8.5 20h7M12 16v4M12 13V8.5M9.8 10.4 12 8.2l2.2 2.2',
  copy: 'M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  external: 'M13.5 5H19v5.5M19 5l-8 8M10 6H5v13h13v-5',
  leave: 'M10 4.5H5v15h5M14.5 8l4 4-4 4M18.5 12H9.5',
  warning: 'M12 4.5 21 19.5H3zM12 10v4.5M12 16.9v.1',
} as const;

export type IconName = keyof typeof kPaths;

const kFilled: ReadonlySet<IconName> = new Set(['play']);

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={kFilled.has(name) ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={kPaths[name]} />
    </svg>
  );
}
