import { useState } from 'preact/hooks';
import { Icon } from './icon';
import './copy_field.css';

const kShownMs = 1600;

/** Something to give away: an address, a key. One press copies it. */
export function CopyField({ label, value, openable = false }: { label: string; value: string; openable?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(value))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), kShownMs);
  };
  return (
    <div class="copy-field">
      <span class="copy-label">{label}</span>
      <span class="copy-value" title={value}>
        {value}
      </span>
      {openable && (
        <a class="copy-button" href={value} target="_blank" rel="noopener" aria-label={`Open ${label}`} title="Open">
          <Icon name="external" />
        </a>
      )}
      <button class="copy-button" type="button" aria-label={`Copy ${label}`} title="Copy" onClick={() => void copy()}>
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
      <span class="visually-hidden" role="status">
        {copied ? `${label} copied` : ''}
      </span>
    </div>
  );
}

/** The clipboard API exists on https and loopback only; elsewhere the old way still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
