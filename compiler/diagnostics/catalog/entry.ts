import type { Span } from "../../source/source.ts";
import type { Diagnostic, Fix, Label, Severity } from "../diagnostic.ts";

/** What is known of one kind of mistake, for `kdsl explain` and the documentation as well as for the message itself. */
export interface CatalogEntry<Arguments> {
  /** KD1xxx syntax · KD20xx names and modules · KD21xx types · KD22xx evaluation and parameters · KD3xxx the cluster · KD4xxx what a driver lacks · KD5xxx manifests and what is imported · KD60xx what scenarios show. */
  readonly code: string;
  readonly severity: Severity;
  /** One line, lower case, no full stop; names in backquotes. */
  readonly message: (args: Arguments) => string;
  /** Why this is refused, in a sentence or two for someone who meets it for the first time. */
  readonly cause: string;
  /** The way out. */
  readonly fix: string;
}

export interface DiagnosticDetails {
  /** What is said right under the place. */
  readonly label?: string;
  readonly secondary?: readonly Label[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly Fix[];
}

/** Makes diagnostics of one kind. It carries its catalog entry as a property. */
export interface DiagnosticMaker<Arguments> {
  (at: Span, args: Arguments, details?: DiagnosticDetails): Diagnostic;
  readonly entry: CatalogEntry<Arguments>;
}

export function entry<Arguments = Record<string, never>>(
  about: CatalogEntry<Arguments>,
): DiagnosticMaker<Arguments> {
  const make = (at: Span, args: Arguments, details: DiagnosticDetails = {}): Diagnostic => ({
    code: about.code,
    severity: about.severity,
    message: about.message(args),
    primary: details.label === undefined ? { span: at } : { span: at, text: details.label },
    secondary: details.secondary ?? [],
    notes: details.notes ?? [],
    fixes: details.fixes ?? [],
  });
  return Object.assign(make, { entry: about });
}
