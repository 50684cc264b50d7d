import probe from "../../stdlib/probe.kdsl?raw";

/** The modules that come with the compiler, by the path that `use` names them with. */
export const library: Readonly<Record<string, string>> = {
  "std/probe": probe,
};
