import { expect, test } from "vitest";
import { withPlan } from "../../cli/run/plan-server.ts";
import type { Plan } from "../../model/plan.ts";
import { type BodyResponse, text } from "../../runtime/apiserver/http.ts";

const parts = { provenance: {}, local: {}, references: {}, secrets: {}, after: {}, updates: {} };
const plan = { version: 1, name: "shop", objects: [], ...parts };

function put(body: string) {
  let applied = 0;
  const api = withPlan(
    { handle: () => text("the API") },
    {
      current: () => plan as unknown as Plan,
      apply: () => {
        applied++;
        return { created: [], updated: [], deleted: [], held: [], refused: [] };
      },
    },
  );
  const answer = api.handle({
    method: "PUT",
    path: "/kdsl/plan",
    query: new URLSearchParams(),
    headers: {},
    body: new TextEncoder().encode(body),
  }) as BodyResponse;
  return { status: answer.status, applied };
}

test.each([{}, { plan }, { secretValues: [["Secret/default/a", { key: "dmFsdWU=" }]] }])(
  "%j is applied",
  (body) => {
    expect(put(JSON.stringify(body))).toEqual({ status: 200, applied: 1 });
  },
);

test.each([
  "",
  "null",
  "[]",
  "1",
  ...[
    { plan: null },
    { plan: { version: 1 } },
    { plan: { ...plan, version: 2 } },
    { plan: { ...plan, objects: [{}] } },
    { plan: { ...plan, secrets: undefined } },
    { secretValues: {} },
    { secretValues: [["a"]] },
    { secretValues: [["a", { key: 1 }]] },
  ].map((body) => JSON.stringify(body)),
])("%s is no plan, and nothing is done", (body) => {
  expect(put(body)).toEqual({ status: 400, applied: 0 });
});
