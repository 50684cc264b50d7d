import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { readManifests } from "../../compiler/import/read.ts";
import { readPlain } from "../../compiler/import/scalars.ts";
import { runs } from "../runs.ts";

const read = (text: string, path = "x.yaml") => readManifests({ path, text });
const only = (text: string) => {
  const { manifests, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  expect(manifests).toHaveLength(1);
  return manifests[0]!;
};
const written = (text: string, path: string) => {
  const { value } = only(text).places.get(path)!;
  return value.file.text.slice(value.start, value.end);
};

const web = `# The web.
apiVersion: v1 # always
kind: Service
metadata:
  # Seen by users.
  name: web

  labels: &labels {app: web}
spec: # what it does
  selector:
    <<: *labels
    tier: front
  ports:
    # the only one
    - port: 80 # plain
      name: "http"
    - {port: 1_000, targetPort: 0x10}
  # that is all
`;

describe("objects", () => {
  test("are read as Kubernetes reads them", () => {
    expect(only(web).object).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", labels: { app: "web" } },
      spec: {
        selector: { app: "web", tier: "front" },
        ports: [
          { port: 80, name: "http" },
          { port: 1000, targetPort: 16 },
        ],
      },
    });
  });

  test("know where each field was written", () => {
    expect(written(web, "spec.ports[0].port")).toBe("80");
    expect(written(web, "spec.ports[0].name")).toBe('"http"');
    expect(written(web, "spec.ports[1]")).toBe("{port: 1_000, targetPort: 0x10}");
    expect(written(web, "spec.ports[0]")).toBe('port: 80 # plain\n      name: "http"');
    expect(written(web, "spec.selector.app")).toBe("web");
    const { key } = only(web).places.get("spec.selector")!;
    expect(web.slice(key!.start, key!.end)).toBe("selector");
  });

  test("keep their comments", () => {
    expect(Object.fromEntries(only(web).comments)).toEqual({
      apiVersion: { before: ["The web."], after: "always" },
      "metadata.name": { before: ["Seen by users."] },
      "metadata.labels": { blank: true },
      spec: { after: "what it does", end: ["that is all"] },
      "spec.ports[0]": { before: ["the only one"] },
      "spec.ports[0].port": { after: "plain" },
    });
  });

  test("come from lists, several documents and JSON with tabs", () => {
    const list = read(
      `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n---\n---\n# nothing\n---\napiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: b}\n`,
    );
    expect(list.diagnostics).toEqual([]);
    expect(
      list.manifests.map(({ object }) => [object.apiVersion, object.kind, object.metadata.name]),
    ).toEqual([
      ["v1", "Pod", "a"],
      ["v1", "Pod", "b"],
    ]);
    expect([...list.manifests[0]!.places.keys()]).toContain("metadata.name");
    const json = JSON.stringify(
      { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: null },
      null,
      "\t",
    );
    expect(only(json).object).toEqual({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" } });
  });

  test("of a broken document do not hide those beside it", () => {
    const { manifests, diagnostics } = read(`a: "x\n---\n${web}`);
    expect(diagnostics.map(({ code }) => code)).toEqual(["KD5003"]);
    expect(manifests).toHaveLength(1);
    const other = read(`a: b: c\n---\n${web}`);
    expect(other.diagnostics.map(({ code }) => code)).toEqual(["KD5001"]);
    expect(other.manifests).toHaveLength(1);
  });

  test("keep their own templates", () => {
    expect(
      only('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: "{{ $labels.job }}"\n').object,
    ).toMatchObject({ data: { a: "{{ $labels.job }}" } });
  });
});

test.each([
  ["yes", true],
  ["No", false],
  ["y", true],
  ["off", false],
  ["0644", 420],
  ["0o644", 420],
  ["08", 8],
  ["1e3", 1000],
  ["1_000", 1000],
  ["-0x1F", -31],
  ["22:22", "22:22"],
  ["2024-01-01", "2024-01-01"],
  ["1.2.3", "1.2.3"],
  ["~", null],
  ["nope", "nope"],
])("%s is %j to Kubernetes", (text, value) => {
  expect(readPlain(text)).toBe(value);
});

describe("values of secrets", () => {
  const secret = (data: string) => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\n${data}`;

  test("are in the object and nowhere in the text that is shown", () => {
    const { manifests, file } = read(
      secret("stringData:\n  password: hunter2\n  key: |\n    line one\n    line two\n"),
    );
    expect(manifests[0]!.object).toMatchObject({
      stringData: { password: "hunter2", key: "line one\nline two\n" },
    });
    expect(file.text).not.toMatch(/hunter2|line/);
    expect(file.text.split("\n").map((line) => line.length)).toEqual(
      secret("stringData:\n  password: hunter2\n  key: |\n    line one\n    line two\n")
        .split("\n")
        .map((line) => line.length),
    );
  });

  test.each([
    'data:\n  password: "hunter2\n  other: aHVudGVyMg==\n',
    "data:\n  password: hunter2\n\tother: x\n",
    "data: {password: hunter2\n",
    "stringData:\n  password: hunter2\n   more: hunter2\n",
  ])("are not shown by what is said of a broken file: %j", (data) => {
    const { diagnostics } = read(secret(data));
    expect(diagnostics).not.toEqual([]);
    expect(renderDiagnostics(diagnostics, { color: false })).not.toMatch(/hunter2|aHVud/);
  });
});

describe("whatever the text is", () => {
  const sane = (text: string) => {
    const { file, diagnostics } = read(text);
    for (const { primary, secondary } of diagnostics)
      for (const { span } of [primary, ...secondary]) {
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.end).toBeGreaterThanOrEqual(span.start);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }
    expect(file.text).toHaveLength(text.length);
    renderDiagnostics(diagnostics, { color: false });
  };

  test("cut off anywhere", () => {
    for (let end = 0; end <= web.length; end++) sane(web.slice(0, end));
  });

  test("changed anywhere", () => {
    const pieces = fc.constantFrom(
      "\t",
      "\n",
      " ",
      ":",
      "- ",
      "{",
      "}",
      "[",
      '"',
      "'",
      "|",
      "&a",
      "*a",
      "{{",
      "%",
      "\0",
      "# ",
      "---\n",
      "😀",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(web.length), pieces), { maxLength: 4 }), (changes) => {
        sane(changes.reduce((text, [at, piece]) => text.slice(0, at) + piece + text.slice(at), web));
      }),
      runs(400),
    );
  });

  test.each(["[", "{", "- ", "? ", "a: [", "{a: ", "!!x "])("nested without end: %j", (piece) => {
    sane(piece.repeat(20_000));
  });
});
