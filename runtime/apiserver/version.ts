/** The Kubernetes release whose behaviour the API keeps to. */
export const kubernetesVersion = { major: "1", minor: "36", patch: "2" } as const;

/** `version.Info`, as `/version` gives it: Kubernetes' version, with this program's own as build metadata. */
export function versionDocument(version: string): Readonly<Record<string, string>> {
  const { major, minor, patch } = kubernetesVersion;
  return {
    major,
    minor,
    gitVersion: `v${major}.${minor}.${patch}+kdsl.${version.replace(/[^0-9A-Za-z.-]/g, "-")}`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "",
    compiler: "kdsl",
    platform: "process",
  };
}
