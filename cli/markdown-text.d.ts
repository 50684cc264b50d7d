/** A Markdown file embedded as text by the bundler. */
declare module "*.md?raw" {
  const text: string;
  export default text;
}
