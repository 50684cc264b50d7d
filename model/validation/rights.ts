import { type Causes, duplicate, invalid, oneOf, required } from "./cause.ts";

/** What the security contexts of pods and containers say (`ValidateSecurityContext`, `ValidatePodSecurityContext`). */

type Context = Readonly<Record<string, unknown>>;

const largestId = 2 ** 31 - 1;
const ids = ["runAsUser", "runAsGroup", "fsGroup"] as const;
const idError = `must be between 0 and ${largestId}, inclusive`;
const isId = (id: number) => id >= 0 && id <= largestId;
const ownerPolicies = new Set(["Always", "OnRootMismatch"]);
const procMounts = new Set(["Default", "Unmasked"]);
const profiles = new Set(["Localhost", "RuntimeDefault", "Unconfined"]);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const recordOf = (value: unknown): Context =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Context) : {};

/** Users and groups by number, and who confines system calls. */
function checkBoth(causes: Causes, path: string, context: Context): void {
  for (const field of ids) {
    const id = context[field];
    if (typeof id === "number" && !isId(id)) causes.push(invalid(`${path}.${field}`, id, idError));
  }
  if (context.seccompProfile == null) return;
  const { type, localhostProfile } = recordOf(context.seccompProfile);
  const at = `${path}.seccompProfile`;
  if (!type) causes.push(required(`${at}.type`, "type is required when seccompProfile is set"));
  else if (typeof type === "string") oneOf(causes, `${at}.type`, type, profiles);
  if (type === "Localhost" && !localhostProfile)
    causes.push(required(`${at}.localhostProfile`, "must be set when seccomp type is Localhost"));
  else if (type !== "Localhost" && localhostProfile != null)
    causes.push(
      invalid(`${at}.localhostProfile`, localhostProfile, "can only be set when seccomp type is Localhost"),
    );
}

export function checkPodRights(causes: Causes, path: string, context: Context): void {
  checkBoth(causes, path, context);
  for (const [index, id] of listOf(context.supplementalGroups).entries())
    if (typeof id === "number" && !isId(id))
      causes.push(invalid(`${path}.supplementalGroups[${index}]`, id, idError));
  const { fsGroupChangePolicy: policy } = context;
  if (typeof policy === "string") oneOf(causes, `${path}.fsGroupChangePolicy`, policy, ownerPolicies);
  const seen = new Set<string>();
  for (const [index, sysctl] of listOf(context.sysctls).entries()) {
    const { name } = recordOf(sysctl);
    const at = `${path}.sysctls[${index}].name`;
    if (typeof name !== "string" || name === "") causes.push(required(at));
    else if (seen.has(name)) causes.push(duplicate(at, name));
    else seen.add(name);
  }
}

export function checkContainerRights(causes: Causes, path: string, context: Context): void {
  checkBoth(causes, path, context);
  const { procMount, allowPrivilegeEscalation, privileged, capabilities } = context;
  if (typeof procMount === "string") oneOf(causes, `${path}.procMount`, procMount, procMounts);
  if (allowPrivilegeEscalation !== false) return;
  const refuse = (why: string) =>
    causes.push(
      invalid(
        `${path}.allowPrivilegeEscalation`,
        false,
        `cannot set \`allowPrivilegeEscalation\` to false and ${why}`,
      ),
    );
  if (privileged === true) refuse("`privileged` to true");
  if (listOf(recordOf(capabilities).add).includes("CAP_SYS_ADMIN"))
    refuse("`capabilities.Add` CAP_SYS_ADMIN");
}
