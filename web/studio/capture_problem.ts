/** What went wrong with camera or microphone, in words that say what to do. */
export function captureSentence(error: unknown): string {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'Your browser blocked the camera and microphone. Click the camera icon in the address bar, allow both, and press Try again.';
    case 'NotFoundError':
      return 'No camera and no microphone were found. Plug one in and press Try again.';
    case 'NotReadableError':
    case 'AbortError':
      return 'Another program is using the camera or microphone. Close it there and press Try again.';
    case 'OverconstrainedError':
      return 'The device you chose is gone. Choose another one.';
    default:
      return 'The camera did not open. Unplug it, plug it in again, and press Try again.';
  }
}
