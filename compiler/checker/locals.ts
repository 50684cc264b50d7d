import { duplicateName, shadowedName } from "../diagnostics/catalog/names.ts";
import type { Name } from "../syntax/ast.ts";
import type { Type } from "../types/type.ts";
import { type Checker, findLocal, type Scope } from "./checked.ts";
import { at } from "./report.ts";

/** Enters a variable into a scope. A name that means something around here already is an error: nothing is shadowed. */
export function declareLocal(checker: Checker, scope: Scope, name: Name, type: Type): void {
  if (name.text === "") return;
  const own = scope.locals.get(name.text);
  const outer = own ? undefined : findLocal(scope.parent, name.text);
  const value = scope.module.values.get(name.text);
  const { objectsByName, around } = scope.module;
  const object = (objectsByName.get(name.text) ?? around?.objectsByName.get(name.text))?.[0];
  const place = at(scope, name);
  if (own) {
    const secondary = own.name ? [{ span: at(scope, own.name), text: "first here" }] : [];
    checker.report(duplicateName(place, { name: name.text, what: "variable" }, { secondary }));
  } else if (outer?.name) {
    const secondary = [{ span: at(scope, outer.name), text: "declared here" }];
    checker.report(shadowedName(place, { name: name.text, what: "variable" }, { secondary }));
  } else if (value) {
    const what = value.kind === "function" ? "fn" : value.kind;
    const secondary = [{ span: value.span, text: "declared here" }];
    checker.report(shadowedName(place, { name: name.text, what }, { secondary }));
  } else if (object) {
    const secondary = [{ span: object.sites[0]!.span, text: "declared here" }];
    checker.report(shadowedName(place, { name: name.text, what: object.word }, { secondary }));
  }
  scope.locals.set(name.text, { name, type, used: false });
}
