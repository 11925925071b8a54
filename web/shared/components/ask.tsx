import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A question that needs an answer before something is lost. Escape answers no. */
export function Ask(props: {
  title: string;
  yes: string;
  danger?: boolean;
  onYes: () => void;
  onNo: () => void;
  children?: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const node = dialog.current!;
    node.showModal();
    return () => node.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="ask-title" onCancel={(event) => (event.preventDefault(), props.onNo())}>
      <div class="stack">
        <h2 id="ask-title">{props.title}</h2>
        {props.children}
      </div>
      <div class="dialog-actions">
        <button class="button" type="button" onClick={props.onNo}>
          Cancel
        </button>
        <button class={`button ${props.danger ? 'button-danger' : 'button-primary'}`} type="button" onClick={props.onYes}>
          {props.yes}
        </button>
      </div>
    </dialog>
  );
}
