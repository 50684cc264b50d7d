/** A glob over paths with `/`: `**` any folders, `*` and `?` within one name, `{a,b}` alternatives. */
export function globPattern(glob: string): RegExp {
  let source = "";
  for (let index = 0; index < glob.length; index++) {
    const rest = glob.slice(index);
    if (rest.startsWith("**/")) {
      source += "(?:[^/]+/)*";
      index += 2;
    } else if (rest.startsWith("**")) {
      source += ".*";
      index += 1;
    } else if (glob[index] === "*") source += "[^/]*";
    else if (glob[index] === "?") source += "[^/]";
    else if (glob[index] === "{" && rest.includes("}")) {
      const end = rest.indexOf("}");
      source += `(?:${rest.slice(1, end).split(",").map(escapeText).join("|")})`;
      index += end;
    } else source += escapeText(glob[index]!);
  }
  return new RegExp(`^${source}$`);
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
