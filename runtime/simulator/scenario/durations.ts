/** Virtual time as reports write it: `0 s`, `40.2 s`, `6 min 2 s`, `1 h 4 min`. Milliseconds. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`;
  if (milliseconds < 60_000) return `${trim(milliseconds / 1000, milliseconds < 1000 ? 3 : 1)} s`;
  const total = Math.floor(milliseconds / 1000);
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return seconds > 0 ? `${minutes} min ${seconds} s` : `${minutes} min`;
}

function trim(value: number, digits: number): string {
  // Never more than it is: "30 s of 30 s to spare" would say that it took no time.
  const scale = digits === 3 ? 1000 : 10;
  return String(Math.floor(value * scale + 1e-6) / scale);
}
