import type { BlockSchema, FieldSchema, Type, VariantSchema } from "../type.ts";
import * as t from "./common.ts";

/** What stands in a container, and in an init container apart from probes and lifecycle hooks. */

const envSource = t.object("config", "secret");

/** Fields that keep their Kubernetes name and meaning, as they are. */
export const containerFieldsAsInKubernetes: Readonly<Record<string, FieldSchema>> = {
  securityContext: t.field(
    t.kubernetes("SecurityContext"),
    "Privileges, user and capabilities.",
    "securityContext",
  ),
  stdin: t.field(t.boolean, "Keeps standard input open.", "stdin"),
  stdinOnce: t.field(t.boolean, "Closes standard input after the first client.", "stdinOnce"),
  tty: t.field(t.boolean, "Gives the container a terminal.", "tty"),
  terminationMessagePath: t.field(
    t.text,
    "The file whose text becomes the termination message; `/dev/termination-log` when left out.",
    "terminationMessagePath",
  ),
  terminationMessagePolicy: t.field(
    t.oneOf("File", "FallbackToLogsOnError"),
    "Where the termination message comes from; `File` when left out.",
    "terminationMessagePolicy",
  ),
  resizePolicy: t.field(
    t.listOf(t.kubernetes("ContainerResizePolicy")),
    "What a change of a resource in a running container means to it.",
    "resizePolicy",
  ),
  resourceClaims: t.field(
    t.texts,
    "Those of the pod's `resourceClaims`, by name, whose devices it gets.",
    "resources.claims[].name",
  ),
  volumeDevices: t.field(
    t.listOf(t.kubernetes("VolumeDevice")),
    "Volumes that it sees as block devices rather than as directories.",
    "volumeDevices",
  ),
};

const variable = t.record("Variable", {
  from: t.field({ kind: "late" }, "What it comes from: `login.password`, `container.limits.memory`.", []),
  field: t.field(
    t.text,
    "Instead of `from`, a field of the pod by its Kubernetes path: `metadata.annotations['build']`.",
    "valueFrom.fieldRef.fieldPath",
  ),
  optional: t.field(t.boolean, "Whether the container may start where the key is not there.", [
    "valueFrom.configMapKeyRef.optional",
    "valueFrom.secretKeyRef.optional",
  ]),
  divisor: t.field(
    t.either(t.cpu, t.memory),
    "The unit that a resource is counted in: `1m`, `1Mi`; cores and bytes when left out.",
    "valueFrom.resourceFieldRef.divisor",
  ),
});

const common: Readonly<Record<string, FieldSchema>> = {
  image: t.required(
    { kind: "image" },
    'The image it runs from; `"host"` runs on this machine\'s own file system.',
    "image",
  ),
  command: t.field(
    t.texts,
    "The program and its first arguments; the image's entry point when left out.",
    "command",
  ),
  args: t.field(t.texts, "Further arguments.", "args"),
  workingDirectory: t.field(t.text, "The directory it starts in; the image's when left out.", "workingDir"),
  env: t.field(
    t.mapOf(t.either({ kind: "envValue" }, variable)),
    "Environment variables; later ones may use earlier ones as `$(NAME)`.",
    [
      "env[]",
      "env[].name",
      "env[].value",
      "env[].valueFrom.fieldRef.fieldPath",
      "env[].valueFrom.resourceFieldRef.containerName",
      "env[].valueFrom.resourceFieldRef.resource",
      "env[].valueFrom.configMapKeyRef.name",
      "env[].valueFrom.configMapKeyRef.key",
      "env[].valueFrom.secretKeyRef.name",
      "env[].valueFrom.secretKeyRef.key",
    ],
  ),
  envFrom: t.field(
    t.listOf(
      t.either(
        envSource,
        t.record("EnvFrom", {
          from: t.required(envSource, "The config or secret whose keys become variables.", [
            "configMapRef.name",
            "secretRef.name",
          ]),
          prefix: t.field(t.text, "Put before each key.", "prefix"),
          optional: t.field(t.boolean, "Whether the container may start without it.", [
            "configMapRef.optional",
            "secretRef.optional",
          ]),
        }),
      ),
    ),
    "Configs and secrets whose every key becomes a variable; `env` wins over them.",
    "envFrom",
  ),
  requests: t.field(t.resources, "What is set aside for it when a node is chosen.", "resources.requests"),
  limits: t.field(t.resources, "What it may use at most.", "resources.limits"),
  pull: t.field(
    t.oneOf("Always", "IfNotPresent", "Never"),
    "When the image is fetched; `Always` for `:latest` or no tag, else `IfNotPresent`.",
    "imagePullPolicy",
  ),
  ...containerFieldsAsInKubernetes,
};

const watched: Readonly<Record<string, FieldSchema>> = {
  ready: t.field(
    t.probe,
    "Whether it takes requests: services send to it only while this succeeds.",
    "readinessProbe",
  ),
  live: t.field(t.probe, "Whether it still works: it is restarted when this fails.", "livenessProbe"),
  started: t.field(t.probe, "Whether it has come up: `ready` and `live` wait for it.", "startupProbe"),
  afterStart: t.field(
    t.handler,
    "Done right after the start; timings of a probe do not count here.",
    "lifecycle.postStart",
  ),
  beforeStop: t.field(
    t.handler,
    "Done before the stop signal, within the grace period; timings of a probe do not count here.",
    "lifecycle.preStop",
  ),
};

const members = { port: "any", mount: "any", local: "one", simulate: "one" } as const;

export const container: BlockSchema = {
  word: "container",
  help: "A program of the pod; all containers of a pod share its network, volumes and host name.",
  name: "required",
  namePath: "name",
  path: "spec.containers[]",
  family: false,
  fields: { ...common, ...watched },
  members,
};

export const init: BlockSchema = {
  word: "init",
  help: "A container that runs to its end before the next one starts; after the last, the pod's containers start.",
  name: "required",
  namePath: "name",
  path: "spec.initContainers[]",
  family: false,
  fields: {
    ...common,
    restart: {
      ...t.field(
        t.oneOf("always"),
        "It goes on beside the pod's containers, and the next one starts when it has (a side car).",
        "restartPolicy",
      ),
      values: { always: "Always" },
    },
    ...watched,
  },
  members,
};

export const port: BlockSchema = {
  word: "port",
  help: "A port that the container listens on; services and probes refer to it by name.",
  name: "optional",
  namePath: "name",
  path: "ports[]",
  family: false,
  value: t.required(t.portNumber, "The port's number, 1 to 65535.", "containerPort"),
  fields: {
    protocol: t.field(t.protocol, "TCP when left out.", "protocol"),
    host: t.field(t.portNumber, "This port of the node that the pod runs on is taken for it.", "hostPort"),
    hostIP: t.field(t.ip, "The node's address that `host` is taken on; all when left out.", "hostIP"),
  },
  members: {},
};

export const mount: BlockSchema = {
  word: "mount",
  help: "Shows a volume of the pod at a path in the container.",
  name: "none",
  path: "volumeMounts[]",
  family: false,
  fields: {
    volume: t.required({ kind: "member", word: "volume" }, "A volume of the pod.", "name"),
    path: t.required(t.text, "The absolute path in the container.", "mountPath"),
    readonly: t.field(t.boolean, "Whether the container may only read it.", "readOnly"),
    subPath: t.field(t.text, "A path in the volume that is shown instead of its root.", "subPath"),
    subPathExpr: t.field(t.text, "As `subPath`, with `$(NAME)` of environment variables.", "subPathExpr"),
    mountPropagation: t.field(
      t.oneOf("None", "HostToContainer", "Bidirectional"),
      "Whether mounts made later are seen on the other side.",
      "mountPropagation",
    ),
    recursiveReadOnly: t.field(
      t.oneOf("Disabled", "IfPossible", "Enabled"),
      "Whether `readonly` holds for mounts below it too.",
      "recursiveReadOnly",
    ),
  },
  members: {},
};

const localFields: Readonly<Record<string, FieldSchema>> = {
  directory: t.field(
    t.text,
    "Where its source lies, relative to this file; the file's own folder when left out.",
  ),
  build: t.field(t.texts, "Run in the directory before the start; when it fails the old program goes on."),
  command: t.field(t.texts, "What is run there; the container's `command` when left out."),
  watch: t.field(t.texts, "Files whose change builds and restarts it, as globs relative to the directory."),
  debug: t.field(t.texts, "What is run instead of `command` for debugging."),
};

export const local: BlockSchema = {
  word: "local",
  help: "How the container runs from source on this machine; never exported.",
  name: "none",
  family: false,
  fields: localFields,
  members: {},
};

/** What stands in a `local` block, as a value. */
export const localRun = t.record("Local", localFields);

const mean: VariantSchema = {
  parameters: [{ name: "time", type: t.duration }],
  help: "Exponential: short times are likely, long ones happen; this is the mean.",
};
const never: VariantSchema = { parameters: [] };
const durations: Type = { kind: "durations" };
const span = t.either(t.duration, durations, t.variant("Span", { mean }));
const spanOrNever = t.either(t.duration, durations, t.variant("Span", { mean, never }));

export const simulate: BlockSchema = {
  word: "simulate",
  help: "How the container behaves in simulation: times, each drawn anew for each start; never exported.",
  name: "none",
  family: false,
  fields: {
    start: t.field(span, "From the command to start it until it runs; a few milliseconds when left out."),
    ready: t.field(spanOrNever, "From then until its probes succeed; at once when left out."),
    run: t.field(
      span,
      "From its start until it exits by itself; it runs on when left out, an `init` that is no side car for 1 s.",
    ),
    exitCode: t.field(t.integer(0, 255), "What it exits with; 0 when left out."),
    startFails: t.field(t.percent, "Of its starts, how many fail."),
    stop: t.field(spanOrNever, "From TERM until it has exited; `never` when only KILL ends it."),
    unready: t.field(
      t.record("Unready", {
        every: t.required(span, "From one time to the next."),
        lasting: t.required(span, "How long each lasts."),
      }),
      "Now and then its probes fail.",
    ),
  },
  members: {},
};
