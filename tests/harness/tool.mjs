// Runs another program (ffmpeg, ffprobe) to its end, or kills it: {code, stdout, stderr}.
import { spawn } from 'node:child_process';

export function tool(command, args, timeout = 60_000) {
  return new Promise((resolve) => {
    const child = spawn(command, args);
    let stdout = '', stderr = '';
    child.stdout.on('data', (d) => (stdout += d));
    child.stderr.on('data', (d) => (stderr += d));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.on('close', (code) => { clearTimeout(timer); resolve({ code, stdout, stderr }); });
  });
}
