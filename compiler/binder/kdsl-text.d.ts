/** A `.kdsl` file embedded as text by the bundler. */
declare module "*.kdsl?raw" {
  const text: string;
  export default text;
}
