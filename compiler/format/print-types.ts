import type { TypeNode } from "../syntax/ast.ts";
import { expressionText } from "./print-expressions.ts";

/** The text of a type. */
export function typeText(type: TypeNode): string {
  switch (type.kind) {
    case "type-name": {
      const path = type.path.map((name) => name.text).join(".");
      return type.argument ? `${path}(${expressionText(type.argument)})` : path;
    }
    case "type-literal":
      return expressionText(type.value);
    case "type-union":
      return type.options.map(typeText).join(" | ");
    case "type-list":
      return `[${typeText(type.element)}]`;
    case "type-record": {
      const fields = type.fields.map(
        ({ name, optional, type: of }) => `${name.text}${optional ? "?" : ""}: ${typeText(of)}`,
      );
      const values = type.values ? [`[String]: ${typeText(type.values)}`] : [];
      return `{ ${[...fields, ...values].join(", ")} }`;
    }
    case "type-optional":
      return `${typeText(type.type)}${type.type.kind === "type-optional" ? " " : ""}?`;
    case "type-refined":
      return `${typeText(type.type)} where ${expressionText(type.predicate)}`;
    case "type-missing":
      return "";
  }
}
