const kUnits = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "2 days 3 hours", "4 minutes 10 seconds": the two largest units of what is left. Empty once the time has come. */
export function countdownText(msLeft: number): string {
  let left = Math.ceil(msLeft / 1000);
  if (left <= 0) return '';
  const parts: string[] = [];
  for (const [name, seconds] of kUnits) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** 1:02:03 of a recording, or minus that behind the live edge. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
