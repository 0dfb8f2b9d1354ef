// What every client has to do: the same as plot.py says for clients in Python.

export const ALEX = "alexw@contoso.com";
export const ADELE = "adelev@contoso.com";
export const DANA = "danas@contoso.com";
export const FIRST = "Meet for lunch?";
export const FINAL = "Lunch at noon";
export const MENU = "Soup of the day";
export const INVITATION = "Are you in?";
export const NUMBERS = Array.from({ length: 12 }, (_, number) => `Number ${String(number).padStart(2, "0")}`);

export function flower() {
  return Buffer.from(Array.from({ length: 4 * 1024 * 1024 }, (_, place) => place % 251));
}
