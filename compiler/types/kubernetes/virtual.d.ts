/** What Kubernetes' core/v1 objects are made of, generated when the command is built (vite.kubernetes.ts). */

declare module "virtual:kubernetes-fields" {
  /** From a type's name to its fields in compact form. */
  export const fields: Readonly<Record<string, string>>;
}

declare module "virtual:kubernetes-texts" {
  /** From `Container` and `Container.image` to Kubernetes' own descriptions. */
  export const texts: Readonly<Record<string, string>>;
  /** The types that stand in a status, in the same form. */
  export const statusFields: Readonly<Record<string, string>>;
}
