/** What is said of a text that Postgres and JSON cannot both hold. */
export const UNSTORABLE = "must be well-formed Unicode without U+0000";

/** Whether a text can be kept as it is: Postgres has no U+0000, and a lone surrogate is no character. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

/** The form in which names are compared and searched: NFKC and case folding. */
export function fold(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
