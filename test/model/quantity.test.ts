import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { podRequests } from "../../model/pod.ts";
import {
  formatCpu,
  formatMemory,
  milliValue,
  parseQuantity,
  resourceAmount,
  wholeValue,
} from "../../model/quantity.ts";

const units: Readonly<Record<string, [bigint, bigint]>> = {
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1000n],
  "": [1n, 1n],
  k: [1000n, 1n],
  M: [1000n ** 2n, 1n],
  G: [1000n ** 3n, 1n],
  T: [1000n ** 4n, 1n],
  Ki: [1024n, 1n],
  Mi: [1024n ** 2n, 1n],
  Gi: [1024n ** 3n, 1n],
  Ti: [1024n ** 4n, 1n],
};

describe("quantities", () => {
  test("are exact in billionths, rounded up", () => {
    const parts = fc.record({
      whole: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      decimals: fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 12 }),
      unit: fc.constantFrom(...Object.keys(units)),
      sign: fc.constantFrom("", "-", "+"),
    });
    fc.assert(
      fc.property(parts, ({ whole, decimals, unit, sign }) => {
        const text = `${sign}${whole}${decimals === "" ? "" : `.${decimals}`}${unit}`;
        const [times, per] = units[unit]!;
        const numerator = BigInt(`${whole}${decimals}`) * times * 1_000_000_000n;
        const denominator = 10n ** BigInt(decimals.length) * per;
        const magnitude = (numerator + denominator - 1n) / denominator;
        expect(parseQuantity(text)).toBe(sign === "-" ? -magnitude : magnitude);
      }),
    );
  });

  test("one amount has one value, however it is written", () => {
    for (const same of [
      ["1000m", "1", "1e0", "1.0", "0.001k"],
      ["64Mi", "65536Ki", "67108864", "67108864000m"],
      ["5e3", "5k", "5E3"],
    ])
      expect(new Set(same.map(parseQuantity)).size).toBe(1);
  });

  test("what is printed reads back as the same amount", () => {
    const amounts = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(fc.property(amounts, (bytes) => wholeValue(formatMemory(bytes)) === bytes));
    fc.assert(fc.property(fc.nat(), (millicores) => milliValue(formatCpu(millicores)) === millicores));
  });

  test("order is kept", () => {
    const amount = fc.tuple(fc.nat({ max: 100_000 }), fc.constantFrom("m", "", "k", "Ki", "M", "Mi"));
    fc.assert(
      fc.property(amount, amount, ([a, x], [b, y]) => {
        const exact = (count: number, unit: string) =>
          (BigInt(count) * 1000n * units[unit]![0]) / units[unit]![1];
        const [left, right] = [parseQuantity(`${a}${x}`)!, parseQuantity(`${b}${y}`)!];
        expect(left < right).toBe(exact(a, x) < exact(b, y));
      }),
    );
  });

  test("what is none is none", () => {
    for (const text of [
      "",
      "m",
      "1 m",
      "1mi",
      "0x10",
      "1e",
      "--1",
      "1.2.3",
      "Mi",
      "1KiB",
      "NaN",
      "Infinity",
      "1e400",
    ])
      expect(parseQuantity(text)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void parseQuantity(text)));
  });

  test("cpu counts in thousandths of a core, all else in whole units, rounded up", () => {
    expect(resourceAmount("cpu", "0.0001")).toBe(1);
    expect(resourceAmount("memory", "0.5")).toBe(1);
    expect(resourceAmount("example.com/gpu", "2")).toBe(2);
  });
});

describe("what a pod asks for", () => {
  const asks = fc.nat({ max: 4000 });

  test("is the sum of its containers, or the largest init container", () => {
    fc.assert(
      fc.property(fc.array(asks, { minLength: 1 }), fc.array(asks), (main, init) => {
        const list = (amounts: readonly number[]) =>
          amounts.map((cpu, index) => ({
            name: `c${index}`,
            image: "i",
            resources: { requests: { cpu: `${cpu}m` } },
          }));
        const expected = Math.max(
          main.reduce((a, b) => a + b, 0),
          ...init,
        );
        expect(podRequests({ containers: list(main), initContainers: list(init) }).cpu).toBe(expected);
      }),
    );
  });

  test("sidecars run beside all containers and all init containers after them; overhead comes on top", () => {
    const container = (name: string, cpu: string, sidecar = false) => ({
      name,
      image: "i",
      resources: { requests: { cpu } },
      ...(sidecar ? { restartPolicy: "Always" as const } : {}),
    });
    const spec = {
      containers: [container("main", "300m")],
      initContainers: [
        container("before", "900m"),
        container("proxy", "200m", true),
        container("after", "750m"),
      ],
    };
    // before alone: 900; proxy and after: 950; proxy and main: 500.
    expect(podRequests(spec).cpu).toBe(950);
    expect(podRequests({ ...spec, overhead: { cpu: "100m" } }).cpu).toBe(1050);
    expect(podRequests({ ...spec, initContainers: spec.initContainers.slice(1, 2) }).cpu).toBe(500);
  });
});
