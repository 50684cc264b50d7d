import type { BlockSchema, Type } from "../type.ts";
import * as t from "./common.ts";
import { namespace } from "./objects.ts";

/** Any value, as it is: nothing is known of it. */
const anything: Type = { kind: "any" };

/** What lives outside of the program (`external …`), and what the language does not know (`manifest`). */

const common = { name: "required", family: true, members: {} } as const;

export const externalService: BlockSchema = {
  ...common,
  word: "external service",
  help: "A service that is there without this program. Its host and ports are read as those of a service.",
  kind: "Service",
  fields: {
    host: t.field(
      t.text,
      "The host name it is reached by; that of a service of this name in this namespace when left out.",
    ),
  },
  members: { port: "any" },
};

export const externalServicePort: BlockSchema = {
  word: "port",
  help: "A port that the service outside has.",
  name: "optional",
  family: false,
  value: t.required(t.portNumber, "The port's number, 1 to 65535."),
  fields: {},
  members: {},
};

const keys = {
  keys: t.field(t.texts, "The keys it has: those that can be read one by one."),
};

export const externalConfig: BlockSchema = {
  ...common,
  word: "external config",
  help: "A config that is there without this program.",
  kind: "ConfigMap",
  fields: keys,
};

export const externalSecret: BlockSchema = {
  ...common,
  word: "external secret",
  help: "A secret that is there without this program.",
  kind: "Secret",
  fields: keys,
};

export const externalPod: BlockSchema = {
  ...common,
  word: "external pod",
  help: "Pods that are there without this program, whoever makes them: what a service of it sends to.",
  kind: "Pod",
  fields: {
    identity: t.required(t.labels, "Labels that they have, by which they are selected."),
    labels: t.field(t.labels, "Further labels, which take part only where a `where` names them."),
  },
};

export const externalClaim: BlockSchema = {
  ...common,
  word: "external claim",
  help: "Storage that is there without this program.",
  kind: "PersistentVolumeClaim",
  fields: {},
};

export const externalAccount: BlockSchema = {
  ...common,
  word: "external account",
  help: "An account that is there without this program.",
  kind: "ServiceAccount",
  fields: {},
};

export const externalNamespace: BlockSchema = {
  ...namespace,
  help: "A namespace that is there without this program; what is declared in it is made.",
  fields: {},
};

export const manifest: BlockSchema = {
  word: "manifest",
  help: "An object of a kind that the language does not know, kept as it is written. A name is for references only.",
  kind: "Manifest",
  name: "optional",
  family: true,
  fields: {
    apiVersion: t.required(t.text, 'The group and version of its kind: `"apps/v1"`.'),
    kind: t.required(t.text, 'Its kind: `"Deployment"`.'),
    metadata: t.required(anything, "Its `name`, and what else there is of `namespace`, `labels` and others."),
  },
  rest: t.field(anything, "A field of the object, as it is."),
  members: {},
};
