import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { test } from "vitest";
import { serveForKubectl } from "../../runtime/host/kubeconfig.ts";
import { fillShop } from "./shop.ts";
import { createPlace } from "./world.ts";

test("try", async () => {
  const place = createPlace();
  const world = await place.run("shop");
  fillShop(world);
  const dir = mkdtempSync("/tmp/w8/k-");
  const s = await serveForKubectl(world.api, { cluster: "shop", path: dir + "/kc" });
  const log: string[] = [];
  const kubectl = async (...args: string[]) => {
    try {
      const r = await promisify(execFile)(
        "kubectl",
        ["--kubeconfig", dir + "/kc", "--cache-dir", dir + "/cache", ...args],
        { timeout: 20000 },
      );
      return r.stdout + r.stderr;
    } catch (e: any) {
      return "FAILED " + e.stdout + e.stderr;
    }
  };

  const cmds = [["api-resources"],["version"],["scale","rc/web","--replicas=3"],["get","rc","web","-o","yaml"],["label","pod","job","x=y"],["annotate","pod","job","a=b"],["patch","rc","web","-p",'{"spec":{"template":{"spec":{"containers":[{"name":"server","env":[{"name":"LOG","value":"warn"}]}]}}}}'],["set","image","rc/web","server=shop/server:2"],["get","rc/web","-o","jsonpath={.spec.template.spec.containers[*].image} {.spec.template.spec.containers[0].env}"],["patch","rc","web","--type=json","-p",'[{"op":"replace","path":"/spec/replicas","value":1}]'],["patch","rc","web","--type=merge","-p",'{"spec":{"replicas":"x"}}'],["cordon","worker-a"],["get","nodes"],["taint","node","worker-b","k=v:NoExecute"],["logs","web-bbbbb","-c","log"],["logs","web-bbbbb"],["logs","rc/web","--all-containers","--prefix"],["logs","web-aaaaa","-c","server","--previous"],["exec","web-bbbbb","--","ls"],["port-forward","web-bbbbb","8080"],["delete","rc","web"],["delete","pod","job"],["delete","pod","nope"],["get","pods","-l","app=web","--field-selector=status.phase!=Running"],["drain","worker-b","--force","--delete-emptydir-data","--timeout=2s"],["wait","--for=condition=Ready","pod/web-bbbbb","--timeout=2s"],["get","cm"],["get","podz"],["get","endpointslices"],["top","nodes"],["auth","can-i","get","pods"],["run","x","--image=y"],["create","configmap","x","--from-literal=a=b"], ["get","--raw","/readyz"],["cluster-info"],["apply","-f","/tmp/w8/cm.yaml"],["apply","--validate=false","-f","/tmp/w8/cm.yaml"],["get","events","-w","--request-timeout=1s"]];
  writeFileSync("/tmp/w8/cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c1}\ndata: {a: b}\n");
  for (const c of cmds) { log.push("##### " + c.join(" "), await kubectl(...c)); }
  writeFileSync("/tmp/w8/out.txt", log.join("\n") + String(world.unforeseen));
  await s.close();
  await place.close();
});
