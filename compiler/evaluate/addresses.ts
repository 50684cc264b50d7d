/** Whether a text is an IPv4 or IPv6 address. */
export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

/** Whether a text is an address with the length of its prefix. */
export function isCidr(text: string): boolean {
  const match = /^([^/]*)\/(\d{1,3})$/.exec(text);
  if (!match) return false;
  const [, address = "", length] = match;
  const most = isIpv4(address) ? 32 : isIpv6(address) ? 128 : -1;
  return Number(length) <= most;
}

/** Four numbers from 0 to 255, without leading zeros, as Kubernetes reads them. */
function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  const dotted = last?.includes(".") === true;
  if (dotted && !isIpv4(last!)) return false;
  const count = groups.length + (dotted ? 1 : 0);
  const plain = dotted ? groups.slice(0, -1) : groups;
  return (
    plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) &&
    (halves.length === 2 ? count < 8 : count === 8)
  );
}
