import {
  Alternation,
  type Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  type Rule,
  Terminal,
} from "chevrotain";

/** Railroad diagrams of rules: what may follow what, as tracks that are followed from left to right. */

/** A part of a diagram: its track enters at the left and leaves at the right, at height 0. */
interface Track {
  readonly width: number;
  /** How far it reaches above and below the height of its track. */
  readonly up: number;
  readonly down: number;
  readonly draw: (x: number, y: number) => string;
}

const bend = 8;
const gap = 10;
const half = 11;
const letter = 7.3;

/** One picture with a diagram for each rule; `labelOf` is what stands in the box of a token. */
export function railroadDiagrams(rules: readonly Rule[], labelOf: (terminal: Terminal) => Label): string {
  const margin = 16;
  const parts: string[] = [];
  let y = margin;
  let width = 0;
  for (const rule of rules) {
    const track = sequence(rule.definition, labelOf);
    const top = y + 26 + track.up;
    const start = margin + 4;
    const from = start + 2 * gap;
    const to = from + track.width;
    parts.push(
      `<g id="${rule.name}"><text class="rule" x="${margin}" y="${y + 12}">${rule.name}</text>`,
      `<circle cx="${start}" cy="${top}" r="4"/>${path(start + 4, top, `H${from}`)}`,
      track.draw(from, top),
      `${path(to, top, `H${to + 2 * gap}`)}<circle class="end" cx="${to + 2 * gap + 4}" cy="${top}" r="4"/></g>`,
    );
    y = top + track.down + 2 * margin;
    width = Math.max(width, to + 2 * gap + margin + 8);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(y)}" viewBox="0 0 ${round(width)} ${round(y)}" role="img" aria-label="Railroad diagrams of the grammar of KDSL">
<style>${style}</style>
<rect class="page" width="100%" height="100%"/>
${parts.join("\n")}
</svg>
`;
}

export interface Label {
  readonly text: string;
  /** Whether it is written like this, or is the name of a kind of token. */
  readonly literal: boolean;
}

const style = [
  ".page{fill:#fff;stroke:none}",
  "path{fill:none;stroke:#57606a;stroke-width:1.5}",
  "circle{fill:#57606a}.end{fill:#fff;stroke:#57606a;stroke-width:1.5}",
  "rect{stroke:#57606a}.word{fill:#ddf4ff}.kind{fill:#fff8c5}.other{fill:#f6f8fa}",
  "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}",
  ".box{text-anchor:middle}.rule{font-weight:bold;font-size:13px}a text{fill:#0550ae}",
].join("");

const round = (number: number) => Math.round(number * 10) / 10;
const path = (x: number, y: number, rest: string) => `<path d="M${round(x)} ${round(y)}${rest}"/>`;
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function box(text: string, kind: "word" | "kind" | "other", radius: number, target?: string): Track {
  const width = round(text.length * letter + 18);
  return {
    width,
    up: half,
    down: half,
    draw: (x, y) => {
      const rect = `<rect class="${kind}" x="${round(x)}" y="${round(y - half)}" width="${width}" height="${2 * half}" rx="${radius}"/>`;
      const name = `<text class="box" x="${round(x + width / 2)}" y="${round(y + 4)}">${escaped(text)}</text>`;
      return target === undefined ? rect + name : `<a href="#${target}">${rect}${name}</a>`;
    },
  };
}

function sequence(productions: readonly IProduction[], labelOf: (terminal: Terminal) => Label): Track {
  const tracks = productions.map((production) => one(production, labelOf));
  return {
    width: tracks.reduce((sum, { width }) => sum + width, 0) + gap * Math.max(tracks.length - 1, 0),
    up: Math.max(0, ...tracks.map(({ up }) => up)),
    down: Math.max(0, ...tracks.map(({ down }) => down)),
    draw: (x, y) => {
      let at = x;
      return tracks
        .map((track, index) => {
          const joint = index === 0 ? "" : path(at, y, `h${gap}`);
          at += index === 0 ? 0 : gap;
          const drawn = joint + track.draw(at, y);
          at += track.width;
          return drawn;
        })
        .join("");
    },
  };
}

function one(production: IProduction, labelOf: (terminal: Terminal) => Label): Track {
  if (production instanceof Terminal) {
    const { text, literal } = labelOf(production);
    return literal ? box(text, "word", half) : box(text, "kind", half);
  }
  if (production instanceof NonTerminal) {
    return box(production.nonTerminalName, "other", 3, production.nonTerminalName);
  }
  if (production instanceof Alternation) {
    return choice(
      (production.definition as Alternative[]).map(({ definition }) => sequence(definition, labelOf)),
    );
  }
  const inner = sequence((production as unknown as Option).definition, labelOf);
  if (production instanceof Option) return skippable(inner);
  return production instanceof Repetition ? skippable(repeated(inner)) : repeated(inner);
}

/** One of several, each on a track of its own; the first goes straight on. */
function choice(tracks: readonly Track[]): Track {
  const [first, ...rest] = tracks;
  const inner = Math.max(...tracks.map(({ width }) => width));
  const side = 2 * bend;
  let below = first!.down;
  const offsets = rest.map((track) => {
    const offset = below + 6 + track.up;
    below = offset + track.down;
    return offset;
  });
  const width = inner + 2 * side;
  const end = (x: number, y: number, track: Track) => path(x + side + track.width, y, `H${round(x + width)}`);
  return {
    width,
    up: first!.up,
    down: below,
    draw: (x, y) =>
      path(x, y, `h${side}`) +
      first!.draw(x + side, y) +
      end(x, y, first!) +
      rest
        .map((track, index) => {
          const offset = offsets[index]!;
          const right = inner - track.width;
          const turn = `q${bend} 0 ${bend} ${bend}V${round(y + offset - bend)}q0 ${bend} ${bend} ${bend}`;
          const back = `h${round(right)}q${bend} 0 ${bend} ${-bend}V${round(y + bend)}q0 ${-bend} ${bend} ${-bend}`;
          return (
            path(x, y, turn) +
            track.draw(x + side, y + offset) +
            path(x + side + track.width, y + offset, back)
          );
        })
        .join(""),
  };
}

/** May be passed by on a track above. */
function skippable(inner: Track): Track {
  const side = 2 * bend;
  const over = inner.up + bend;
  return {
    width: inner.width + 2 * side,
    up: over,
    down: inner.down,
    draw: (x, y) => {
      const rise = `q${bend} 0 ${bend} ${-bend}V${round(y - over + bend)}q0 ${-bend} ${bend} ${-bend}`;
      const fall = `q${bend} 0 ${bend} ${bend}V${round(y - bend)}q0 ${bend} ${bend} ${bend}`;
      return (
        path(x, y, `${rise}h${round(inner.width)}${fall}`) +
        path(x, y, `h${side}`) +
        inner.draw(x + side, y) +
        path(x + side + inner.width, y, `h${side}`)
      );
    },
  };
}

/** May be gone through again, by a track below that leads back. */
function repeated(inner: Track): Track {
  const side = 2 * bend;
  const under = inner.down + bend;
  return {
    width: inner.width + 2 * side,
    up: inner.up,
    down: under,
    draw: (x, y) => {
      const fall = `q${bend} 0 ${bend} ${bend}V${round(y + under - bend)}q0 ${bend} ${-bend} ${bend}`;
      const rise = `h${-round(inner.width)}q${-bend} 0 ${-bend} ${-bend}V${round(y + bend)}q0 ${-bend} ${bend} ${-bend}`;
      return (
        path(x, y, `h${side}`) +
        inner.draw(x + side, y) +
        path(x + side + inner.width, y, `h${side}`) +
        path(x + side + inner.width, y, fall + rise)
      );
    },
  };
}
