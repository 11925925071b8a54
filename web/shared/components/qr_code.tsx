import qrcode from 'qrcode-generator';
import { useMemo } from 'preact/hooks';

/** The quiet zone that readers need round the code (ISO/IEC 18004 §6.3.8). */
const kQuietZone = 4;

/** An address as a QR code, dark on light in both themes: some readers fail on inverted ones. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => draw(text), [text]);
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#0e1014" />
    </svg>
  );
}

function draw(text: string): { path: string; size: number } {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = '';
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (code.isDark(row, column)) path += `M${column + kQuietZone} ${row + kQuietZone}h1v1h-1z`;
    }
  }
  return { path, size: count + 2 * kQuietZone };
}
