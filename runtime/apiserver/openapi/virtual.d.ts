/** What the published schema says of types, generated when the command is built (vite.kubernetes.ts). */

declare module "virtual:kubernetes-descriptions" {
  /** From `Lease` and `Lease.spec` to Kubernetes' own descriptions, for types of the API that the language has no place for. */
  export const descriptions: Readonly<Record<string, string>>;
}
