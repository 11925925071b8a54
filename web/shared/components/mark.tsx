/** The footlight: a lamp at the edge of a stage. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="4 2 24 24" aria-hidden="true" focusable="false">
      <path d="M7 24a9 9 0 0 1 18 0z" fill="var(--accent)" />
      <path d="M16 11V5M8.6 13.6 5.2 9.2M23.4 13.6l3.4-4.4" stroke="var(--accent)" stroke-width="2.4" stroke-linecap="round" />
    </svg>
  );
}
