/**
 * What each choice of each rule begins with: see engine.ts. Generated from the rules of the parser
 * (`UPDATE=1 npx vitest run test/syntax/grammar.test.ts`). Where it is out of date, texts are read slowly.
 */
// biome-ignore format: one line for each choice
export const choices: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  expression: {
    MANY: "BinaryOperator",
    OPTION: "Where",
  },
  operand: {
    MANY: "PrefixOperator",
    OR: "Literal | Name | LeftParenthesis | LeftBracket | LeftBrace | If | Match | Has",
    MANY2: "Dot LeftBracket LeftParenthesis",
    OR2: "Dot | LeftBracket | LeftParenthesis",
  },
  list: {
    MANY: "Comma Spread PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
    OR: "Comma | Spread PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
    OPTION: "Spread",
    OPTION2: "For",
  },
  forClause: {
    OPTION: "Comma",
    OPTION2: "If",
  },
  match: {
    MANY: "Comma PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
    OR: "Comma | PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
  },
  indices: {
    MANY: "Comma PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
    OR: "Comma | PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
  },
  arguments: {
    MANY: "Comma Key PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
    OR: "Comma | Key PrefixOperator Literal Name LeftParenthesis LeftBracket LeftBrace If Match Has",
    OPTION: "Key",
  },
  type: {
    MANY: "Bar",
    OPTION: "Where",
  },
  typeOption: {
    OR: "Name | Literal | Minus | LeftBracket | LeftBrace",
    MANY: "Question",
  },
  namedType: {
    MANY: "Dot",
    OPTION: "LeftParenthesis",
  },
  recordType: {
    MANY: "Comma LeftBracket Word",
    OR: "Comma | LeftBracket | Word",
    OPTION: "Question",
  },
  use: {
    OR: "String | Word",
    MANY: "Slash",
    OPTION: "LeftBrace",
    OPTION2: "As",
    OPTION3: "With",
  },
  useNames: {
    MANY: "Comma Word",
    OR: "Comma | Word",
    OPTION: "As",
  },
  parameter: {
    OPTION: "Colon",
    OPTION2: "Equals",
  },
  parameters: {
    MANY: "Comma Word",
    OR: "Comma | Word",
  },
  let: {
    OPTION: "Colon",
  },
  fn: {
    OPTION: "Colon",
  },
  label: {
    OR: "Word | String",
    OPTION: "Colon",
  },
  steps: {
    MANY: "Settle StepWord After At Update Apply For Repeat Chaos If Let FieldKey Comma",
    OR: "Settle StepWord After At | Update Apply | For | Repeat | Chaos | If | Let | FieldKey | Comma",
  },
  act: {
    OR: "Settle | StepWord | After | At",
  },
  amount: {
    OR: "Figure | Name | LeftParenthesis",
  },
  clauses: {
    MANY: "Clause",
  },
  change: {
    OR: "Update | Apply",
  },
  fork: {
    OR: "Each | Any | PlainWord",
  },
  repeat: {
    OPTION: "As",
  },
  chaos: {
    MANY: "Comma Key",
    OR: "Comma | Key",
  },
  ifStep: {
    OPTION: "Else",
    OR: "LeftBrace | If",
  },
  members: {
    MANY: "FieldKey External Head Comma If For Spread Mount Use Param Let Fn Type Label Template Extend Drop Require Assert Policy Scenario",
    OR: "FieldKey | External Head | Comma | If | For | Spread | Mount | Use | Param | Let | Fn | Type | Label | Template | Extend | Drop | Require Assert | Policy | Scenario",
  },
  declaration: {
    OPTION7: "External",
    OPTION: "Word String Dot Figure",
    OR: "Word | String | Dot | Figure",
    OPTION2: "As",
    OPTION3: "LeftBracket",
    OPTION4: "Colon",
    OPTION5: "Arrow",
    OPTION6: "LeftBrace",
  },
  family: {
    MANY: "Comma Word",
    OR: "Comma | Word",
  },
  drop: {
    OR: "Word | String | Figure",
  },
  mount: {
    OPTION: "Readonly",
    OPTION2: "LeftBrace",
  },
  check: {
    OR: "Require | Assert",
    OPTION: "Else",
  },
  policy: {
    OPTION: "Where",
  },
  ifMember: {
    OPTION: "Else",
    OR: "LeftBrace | If",
  },
};
