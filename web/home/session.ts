const kKey = 'footlight.admin';

/** The admin's token, kept for this tab only. */
export const adminSession = {
  read: (): string | null => window.sessionStorage.getItem(kKey),
  keep: (token: string): void => window.sessionStorage.setItem(kKey, token),
  forget: (): void => window.sessionStorage.removeItem(kKey),
};
