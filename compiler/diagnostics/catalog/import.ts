import { entry } from "./entry.ts";

/** KD505x: what cannot be turned into KDSL. */

export const fieldRefused = entry<{ object: string; field: string; why: string }>({
  code: "KD5052",
  severity: "error",
  message: ({ object, field, why }) => `${object}: \`${field}\` ${why}`,
  cause: "Kubernetes refuses the object as it stands, so that it means nothing that a program could say.",
  fix: "Mend the field in the file and import it again.",
});

export const placeholderImage = entry<{ text: string }>({
  code: "KD5053",
  severity: "error",
  message: ({ text }) => `\`${text}\` is no image`,
  cause:
    "An image is a path in lower case with perhaps a registry before it and a tag behind. What stands in angle brackets is to be filled in by hand.",
  fix: 'Write the image that is to run: `"registry.example/shop/web:1.4"`.',
});

export const secretUnfit = entry<{ name: string; field: string }>({
  code: "KD5056",
  severity: "error",
  message: ({ name, field }) => `secret \`${name}\` has \`${field}\`, for which KDSL has no place`,
  cause:
    "An object with a field that the language does not know is kept as it is. A secret is not: its values would stand in the program.",
  fix: "Take the field out, or create this secret by other means and declare it as `external secret`.",
});

export const nothingThere = entry<{ what: string }>({
  code: "KD5057",
  severity: "error",
  message: ({ what }) => `there is nothing to import: ${what}`,
  cause: "A program is made of the objects in the file, and there is none.",
  fix: "Name files that hold Kubernetes objects or compose services.",
});

export const composeUnknown = entry<{ what: string; why: string }>({
  code: "KD5059",
  severity: "error",
  message: ({ what, why }) => `${what} cannot be imported: ${why}`,
  cause: "What a compose file takes from other files, or has no image or build for, is not known here.",
  fix: "Let compose put all together first: `docker compose config > whole.yaml`, and import that.",
});
