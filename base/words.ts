/** A word with its article, as it is spoken: "a service", "an rc". */
export function withArticle(word: string): string {
  return `${/^(?:[aeio]|rc\b)/i.test(word) ? "an" : "a"} ${word}`;
}
