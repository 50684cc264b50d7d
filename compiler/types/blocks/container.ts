import type { BlockSchema, FieldSchema } from "../type.ts";
import * as t from "./common.ts";

/** What stands in a container, and in an init container apart from probes and lifecycle hooks. */

const envSource = t.object("config", "secret");

/** Fields that keep their Kubernetes name and meaning, as they are. */
export const containerFieldsAsInKubernetes: Readonly<Record<string, FieldSchema>> = {
  securityContext: t.field(t.anything, "Privileges, user and capabilities, as in Kubernetes."),
  stdin: t.field(t.boolean, "Keeps standard input open."),
  stdinOnce: t.field(t.boolean, "Closes standard input after the first client."),
  tty: t.field(t.boolean, "Gives the container a terminal."),
  terminationMessagePath: t.field(
    t.text,
    "The file whose text becomes the termination message; `/dev/termination-log` when left out.",
  ),
  terminationMessagePolicy: t.field(
    t.oneOf("File", "FallbackToLogsOnError"),
    "Where the termination message comes from; `File` when left out.",
  ),
};

const common: Readonly<Record<string, FieldSchema>> = {
  image: t.required(
    { kind: "image" },
    'The image it runs from; `"host"` runs on this machine\'s own file system.',
  ),
  command: t.field(t.texts, "The program and its first arguments; the image's entry point when left out."),
  args: t.field(t.texts, "Further arguments."),
  workingDirectory: t.field(t.text, "The directory it starts in; the image's when left out."),
  env: t.field(
    t.mapOf({ kind: "envValue" }),
    "Environment variables; later ones may use earlier ones as `$(NAME)`.",
  ),
  envFrom: t.field(
    t.listOf(
      t.either(
        envSource,
        t.record("EnvFrom", {
          from: t.required(envSource, "The config or secret whose keys become variables."),
          prefix: t.field(t.text, "Put before each key."),
          optional: t.field(t.boolean, "Whether the container may start without it."),
        }),
      ),
    ),
    "Configs and secrets whose every key becomes a variable; `env` wins over them.",
  ),
  requests: t.field(t.resources, "What is set aside for it when a node is chosen."),
  limits: t.field(t.resources, "What it may use at most."),
  pull: t.field(
    t.oneOf("Always", "IfNotPresent", "Never"),
    "When the image is fetched; `Always` for `:latest` or no tag, else `IfNotPresent`.",
  ),
  ...containerFieldsAsInKubernetes,
};

const members = { port: "any", mount: "any", local: "one" } as const;

export const container: BlockSchema = {
  word: "container",
  help: "A program of the pod; all containers of a pod share its network, volumes and host name.",
  name: "required",
  family: false,
  fields: {
    ...common,
    ready: t.field(t.probe, "Whether it takes requests: services send to it only while this succeeds."),
    live: t.field(t.probe, "Whether it still works: it is restarted when this fails."),
    started: t.field(t.probe, "Whether it has come up: `ready` and `live` wait for it."),
    afterStart: t.field(t.probe, "Done right after the start; timings of the probe do not count here."),
    beforeStop: t.field(
      t.probe,
      "Done before the stop signal, within the grace period; timings of the probe do not count here.",
    ),
  },
  members,
};

export const init: BlockSchema = {
  word: "init",
  help: "A container that runs to its end before the next one starts; after the last, the pod's containers start.",
  name: "required",
  family: false,
  fields: common,
  members,
};

export const port: BlockSchema = {
  word: "port",
  help: "A port that the container listens on; services and probes refer to it by name.",
  name: "optional",
  family: false,
  value: t.required(t.portNumber, "The port's number, 1 to 65535."),
  fields: {
    protocol: t.field(t.protocol, "TCP when left out."),
    host: t.field(t.portNumber, "The same port of the node that the pod runs on is taken for it."),
    hostIP: t.field({ kind: "ip" }, "The node's address that `host` is taken on; all when left out."),
  },
  members: {},
};

export const mount: BlockSchema = {
  word: "mount",
  help: "Shows a volume of the pod at a path in the container.",
  name: "none",
  family: false,
  fields: {
    volume: t.required({ kind: "member", word: "volume" }, "A volume of the pod."),
    path: t.required(t.text, "The absolute path in the container."),
    readonly: t.field(t.boolean, "Whether the container may only read it."),
    subPath: t.field(t.text, "A path in the volume that is shown instead of its root."),
    subPathExpr: t.field(t.text, "As `subPath`, with `$(NAME)` of environment variables."),
    mountPropagation: t.field(
      t.oneOf("None", "HostToContainer", "Bidirectional"),
      "Whether mounts made later are seen on the other side.",
    ),
    recursiveReadOnly: t.field(
      t.oneOf("Disabled", "IfPossible", "Enabled"),
      "Whether `readonly` holds for mounts below it too.",
    ),
  },
  members: {},
};

export const local: BlockSchema = {
  word: "local",
  help: "How the container runs from source on this machine; never exported.",
  name: "none",
  family: false,
  fields: {
    directory: t.required(t.text, "Where its source lies, relative to this file."),
    build: t.field(t.texts, "Run in the directory before the start; when it fails the old program goes on."),
    command: t.field(t.texts, "What is run there; the container's `command` when left out."),
    watch: t.field(t.texts, "Files whose change builds and restarts it, as globs relative to the directory."),
    debug: t.field(t.texts, "What is run instead of `command` for debugging."),
  },
  members: {},
};
