/** Whether two JSON values are the same. An absent field, `undefined` and `null` are one, as in Kubernetes' decoder. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (left == null || right == null) return left == null && right == null;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (!sameJson(left[index], right[index])) return false;
    return true;
  }
  const a = left as Record<string, unknown>;
  const b = right as Record<string, unknown>;
  for (const key in a) if (!sameJson(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  for (const key in b) if (b[key] != null && !Object.hasOwn(a, key)) return false;
  return true;
}

/** The paths below `path` whose values differ, at most `most` of them, in the order of `next`. */
export function differences(path: string, previous: unknown, next: unknown, most = 5): string[] {
  const found: string[] = [];
  const visit = (at: string, left: unknown, right: unknown, depth: number): void => {
    if (found.length >= most || sameJson(left, right)) return;
    const both = [left, right].every((each) => typeof each === "object" && each !== null);
    if (!both || Array.isArray(left) !== Array.isArray(right) || depth === 0) {
      found.push(at);
    } else if (Array.isArray(left) && Array.isArray(right)) {
      if (left.length !== right.length) found.push(at);
      else
        for (const [index, item] of left.entries()) visit(`${at}[${index}]`, item, right[index], depth - 1);
    } else {
      const a = left as Record<string, unknown>;
      const b = right as Record<string, unknown>;
      for (const key of new Set([...Object.keys(b), ...Object.keys(a)]))
        visit(`${at}.${key}`, a[key], b[key], depth - 1);
    }
  };
  visit(path, previous, next, 12);
  return found;
}
