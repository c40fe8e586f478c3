/**
 * Shapes that the scripts of site_templates/static share: what each adds to `LaionSearchParts`, the
 * files of the search index, and what is made of them. Never published; only the type check reads
 * it. What one script alone uses stands in that script.
 */

interface Window {
  /** What the scripts have for one another; site.js makes it, each script adds its own part. */
  LaionSearchParts: Parts;
  /** Called by the index's files, which are scripts. */
  LaionIndex: (key: string, data: unknown, bytes: number) => void;
  LaionSearch: Search;
  /** Called by the scripts under `answers/`. */
  LaionAnswers: (name: string, content: unknown) => void;
  /** Called by the script of a long list (core/site/list_scripts.py). */
  LaionList: (file: ListFile) => void;
}

type ListValue = string | number | boolean;

/** A column of a long list: its values, or numbers into the list of its different texts. */
interface ListColumn {
  key: string;
  label: string;
  kind: string;
  /** What a page says where there is no value. */
  missing: string;
  values?: ListValue[];
  texts?: string[];
  codes?: number[];
}

interface ListFile {
  list: string;
  /** What its rows are called: "names". */
  called: string;
  field: string;
  figure: string;
  file: string;
  total: number;
  inside: boolean;
  found: string;
  zeros: string;
  search: boolean;
  facets: { key: string; label: string }[];
  columns: ListColumn[];
  slugs: string[];
}

/** What was asked of a long list; `page` counts from 1, `chosen` is by facet. */
interface ListState {
  words: string;
  sort: string;
  page: number;
  chosen: Record<string, string>;
}

interface ListSelection {
  rows: number[];
  facets: { key: string; label: string; values: { value: string; rows: number }[] }[];
}

interface ListView {
  show(changes: Partial<ListState>): void;
}

interface Parts {
  csvFiles: {
    cell(value: string | number | boolean): string;
    line(values: (string | number | null | undefined)[]): string;
    save(name: string, text: string): void;
  };
  listWords: {
    fixed(value: number, digits: number): string;
    percent(share: number): string;
    valuesOf(text: string): string[];
    word(column: ListColumn, value: ListValue): string;
  };
  listRows: {
    ListRows: new (
      file: ListFile,
      tokenise: Tokenise,
    ) => {
      columns: Map<string, ListColumn>;
      count: number;
      facets: { key: string; label: string }[];
      csv(rows: number[]): string;
      select(state: ListState): ListSelection;
      value(column: ListColumn, row: number): ListValue;
    };
  };
  listView: {
    open(
      page: { form: HTMLFormElement; table: HTMLTableElement },
      file: ListFile,
      tokenise: Tokenise,
    ): ListView;
  };
  picturing: { hideAll(): void; watch(frames: NodeListOf<Element>): void };
  pictures: { areShown(): boolean; attend(part: ParentNode): void };
  text: {
    makeTokeniser(table: TokenTable): Tokenise;
    compareCodePoints(a: string, b: string): number;
    sha256(text: string): string;
  };
  urls: {
    canonicalUrl(url: string): string;
    hostName(text: string): string | null;
  };
  units: {
    CHECK: number;
    FIRST_UNIT: number;
    HEAD_PLACE: number;
    Recent: new <T>(most: number) => Recent<T>;
    bytesOf(units: Uint16Array): Uint8Array<ArrayBuffer>;
    frontDecode(sames: number[], rests: string): string[];
    numberAt(bytes: Uint8Array, at: number): number;
    openSlice(units: Uint16Array, key: string, place: number): Uint16Array | null;
    sizeAt(bytes: Uint8Array, at: number): number;
    unpack(bytes: Uint8Array<ArrayBuffer>): Promise<{ content: unknown; rest: Uint8Array }>;
  };
  rows: { RowCodes: new (directory: DirectoryFile) => RowCodes };
  ranges: {
    HEAD: number;
    Ranges: new (
      base: string,
      seal: number,
      instead: (wanted: Wanted, meter: Meter) => Promise<Uint16Array>,
      keep: (wanted: Wanted, body: ArrayBuffer) => void,
    ) => Ranges;
  };
  files: {
    Files: new (base: string, seal: number) => IndexFiles;
    keyOf(kind: string, number: number): string;
  };
  codes: { Decoder: new (count: number, k: number, least: number) => Decoder };
  entries: {
    entryOf(
      directory: DirectoryFile,
      where: { series: string; file: number; head: TermHead; block: TermBlock },
      i: number,
    ): TermEntry;
  };
  postings: {
    Pairs: new (common: number, list: ListPlace, directory: DirectoryFile) => Pairs;
    Posting: new (entry: TermEntry, directory: DirectoryFile, read: ReadSlice) => Posting;
    fixedSlice(kind: string, number: number, start: number, units: number, place: number): Wanted;
  };
  hashes: {
    documentsOf(
      directory: DirectoryFile,
      payload: Uint16Array,
      first: string,
      hash: string,
    ): Uint32Array;
  };
  terms: { HASHED: string[]; Terms: new (directory: DirectoryFile, codes: RowCodes) => Terms };
  documents: { Slots: new (directory: DirectoryFile, codes: RowCodes) => Slots };
  index: { Index: new (directory: DirectoryFile, base: string) => Index };
  language: {
    OWN_FIELDS: string[];
    SYNONYMS: Record<string, string>;
    combine(kind: 'and' | 'or', nodes: (QueryNode | null)[]): QueryNode | null;
    fieldTerm(field: string, value: string, tokenise: Tokenise): FieldTerm | null;
    negate(node: QueryNode): QueryNode;
    quoted(value: string): string;
    replaceClauses(
      node: QueryNode | null,
      change: (clause: Clause) => QueryNode | null,
    ): QueryNode | null;
    write(node: QueryNode | null): string;
  };
  reader: { Reader: new (text: string, fields: string[]) => QueryReader };
  query: {
    hasStrayStar(clause: Clause): boolean;
    parse(query: string, tokenise: Tokenise, fields: string[]): ParsedQuery;
  };
  sets: {
    NONE: Uint32Array;
    both(a: NumberSet, b: NumberSet): NumberSet;
    complement(set: NumberSet): NumberSet;
    either(a: NumberSet, b: NumberSet): NumberSet;
    everything: NumberSet;
    holds(numbers: Uint32Array, number: number): boolean;
    intersect(a: Uint32Array, b: Uint32Array): Uint32Array;
    nothing: NumberSet;
    seek(numbers: ArrayLike<number>, target: number, from?: number): number;
    subtract(a: Uint32Array, b: Uint32Array): Uint32Array;
    unite(lists: Uint32Array[]): Uint32Array;
  };
  tests: {
    Subject: new (number: number, row: Row, columns: Columns, tokenise: Tokenise) => RowSubject;
    hasRun(run: string[], prefix: boolean): RowTest;
    testOf(clause: Clause): RowTest | null;
  };
  sources: {
    ListSource: new (postings: Posting[], test: RowTest | null, span: number) => ListSource;
    RowSource: new (base: Source | null, test: RowTest, bounds: Bounds) => RowSource;
    RunSource: new (
      runs: { posting: Posting; offset: number }[],
      test: RowTest,
      span: number,
    ) => Source;
    hotWithin(
      rare: Posting,
      source: Source,
      directory: DirectoryFile,
    ): (Source & { count(): Promise<number> }) | null;
    noSource(): ListSource;
  };
  lookup: {
    Lookup: new (
      session: Session,
      text: TextRules,
      need: { count: number; exact: boolean },
    ) => Lookup;
  };
  phrases: {
    Phrases: new (terms: Lookup) => {
      beginning(clause: Clause): Promise<PlanNode>;
      inside(clause: Clause): Promise<Source>;
      phrase(tokens: string[]): Promise<Source>;
    };
    ROW_BYTES: number;
    UNIT_BYTES: number;
  };
  plan: {
    PLENTY: number;
    Planner: new (terms: Lookup) => {
      plan(tree: QueryNode): Promise<PlanNode>;
      restrict(plan: PlanNode): PlanNode;
      countsOf(tree: QueryNode): Promise<ClauseCount[]>;
    };
    sourcesOf(plan: PlanNode): Source[];
  };
  evaluation: {
    Evaluation: new (plan: PlanNode, terms: Lookup) => Evaluation;
    boundsOf(plan: PlanNode, documents: number): Bounds;
  };
  totals: {
    totalOf(plan: PlanNode, terms: Lookup): Promise<number | null>;
  };
  finding: {
    Finder: new (session: Session, text: TextRules) => Finder;
  };
  suggest: {
    corrections(word: string, session: Session): Promise<Correction[]>;
    distance(a: string[], b: string[], most: number): number;
    suggest(typed: string, session: Session, tokenise: Tokenise): Promise<Completion[]>;
  };
  words: {
    clipCaption(caption: string): string;
    wordFound(found: Found): string;
    wordImages(count: number): string;
    wordNumber(value: number | null, digits: number): string;
    wordScore(value: number | null): string;
    wordSize(width: number | null, height: number | null): string;
    yearOf(url: string): number | null;
  };
  near: { nearNames(key: string, field: string | null): Promise<Listed[]> };
  answers: {
    /** What is known under a key. */
    lookUp(key: string): Promise<Listed[]>;
    /** All keys that are names. */
    names(): Promise<string[]>;
    queryOf(listed: Listed): string;
    /** The content of a script under `answers/`; `nothing` where there is none. */
    read<Content>(name: string, nothing: Content): Promise<Content>;
    shardOf(key: string): number;
    understand(typed: string): Promise<Understood>;
    withNear(understood: Understood, images: number | null): Promise<Understood>;
  };
  marking: { marked(text: string, query: string): (HTMLElement | string)[] };
  /** A part, with the script under `static/` that has it loaded at the first call. */
  later<Name extends keyof Parts>(name: Name, file: string): Promise<Parts[Name]>;
  exporting: {
    saveAll(
      place: HTMLElement,
      asked: { typed: string; searched: string; rows: number },
      ending: 'csv' | 'txt',
    ): Promise<void>;
  };
  card: {
    /** What a listed thing is, and among what its rank is, by field. */
    KINDS: Record<string, string>;
    PLURALS: Record<string, string>;
    answerCard(understood: Understood, images: number | null, documents: number): HTMLElement[];
  };
  hints: {
    messages(found: Answer, typed: string, page: number): Promise<HTMLElement[]>;
  };
  address: {
    /** Results loaded for one page, at most. */
    MOST_SHOWN: number;
    read(): Choice & { query: string; page: number };
    /** Change the address; what is empty leaves it. The way back leads to what was before. */
    write(changes: Partial<Choice>): void;
  };
  comparison: {
    sideOf(typed: string): Promise<Side>;
    /** The query for the images that have both, and how many there are. */
    withBoth(a: Side, b: Side): Promise<{ query: string; images: number }>;
  };
  typing: { suggestWhileTyping(field: HTMLInputElement, list: HTMLElement): void };
  dialog: {
    /** Follow the fragment from now on; `hitAt` is the result that the page shows there. */
    attend(
      hitAt: (anchor: string) => Hit | undefined,
      attempt: (work: () => Promise<void>) => Promise<void>,
    ): void;
    followFragment(): Promise<void>;
  };
  drawing: { draw(frame: HTMLElement, hit: Hit): void };
  inHand: {
    /** Sort and filter the tiles of hits; make or update what that is chosen with, in `place`. */
    show(
      place: HTMLElement,
      hand: { hits: Hit[]; tiles: HTMLElement[]; found: Found; next: number },
      choice: Choice,
      act: { change(changes: Partial<Choice>): void; more(): void },
    ): void;
  };
  drawTile(caption: string, id: string, width: number | null, height: number | null): Drawing;
  detail: { detailOf(hit: Hit, leave: () => void): HTMLElement[] };
  tile: {
    NEVER_SHOWN: string;
    behind(hit: Hit, caption: HTMLElement): HTMLElement;
    domainLink(domain: string): HTMLElement;
    element: MakeElement;
    frame(hit: Hit): HTMLElement;
    hostLink(hit: Hit, text: string): HTMLElement | null;
    isSafeLink(url: string): boolean;
    searchLink(query: string, page?: number): string;
    tile(hit: Hit, anchor: string, caption?: (Node | string)[]): HTMLElement;
  };
}

/** How results are shown, as the address says; what is empty is not chosen. */
interface Choice {
  /** "list" or "grid"; else as there are pictures or not. */
  view: string;
  /** Results to load, from the page's first on; 0 for a page of them. */
  shown: number;
  order: string;
  /** Pixels across at least, or "unknown". */
  wide: string;
  /** Of the URL, or "unknown". */
  year: string;
  /** A domain. */
  from: string;
}

type Attributes = Record<string, string | number>;

/** Makes an element with attributes and children. */
type MakeElement = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes?: Attributes,
  ...children: (Node | string)[]
) => HTMLElementTagNameMap[Name];

/** Paths as [fill, path data] from back to front, in a box. */
interface Drawing {
  width: number;
  height: number;
  paths: [string, string][];
}

/** The index file "tokens": ranges of code points and runs [first, count, step, target, step]. */
interface TokenTable {
  token: number[];
  join: number[];
  fold: number[];
  /** Letters of scripts that write without spaces, as ranges. */
  unspaced: number[];
}

type Tokenise = (text: string) => string[];

/** What is meant by what was typed, as far as the text itself tells. */
interface Meaning {
  kind: 'field' | 'empty' | 'url' | 'host' | 'words' | 'query';
  text: string;
  field: string | null;
  clause?: Clause;
}

/** A listed name, a platform or a domain, as `answers/` has it (core/site/answers.py). */
interface Listed {
  /** Of the query language. */
  field: string;
  value: string;
  images: number;
  /** Images with a word that makes it likely; null where the name is not ambiguous. */
  likely: number | null;
  rank: number | null;
  urls: number;
  captions: number;
  page: string | null;
}

/** A query that was tried, in words, and how many images it finds. */
interface Tried {
  what: string;
  query: string;
  images: number;
}

/** What was understood, and what is known of it. */
interface Understood {
  /** `query`: anything that is no one thing; `impossible`: a field that nothing can have. */
  kind: 'url' | 'host' | 'name' | 'words' | 'query' | 'impossible';
  text: string;
  /** What finds it. */
  query: string;
  field?: string | null;
  /** Of a URL or a host. */
  images?: number;
  listed: Listed[];
  tried: Tried[];
  /** Listed names that may be meant instead. */
  near: Listed[];
}

/** One of two things compared. */
interface Side {
  kind: Understood['kind'];
  text: string;
  /** What finds it. */
  query: string;
  images: number;
  /** What it is, where it is listed, and what else on the lists has its name. */
  listed: Listed | null;
  others: Listed[];
  /** Listed names that may be meant instead. */
  near: Listed[];
  /** Label and images of each, the words with how many times as often; core/site/beside.py. */
  beside: {
    years: [string, number][];
    domains: [string, number][];
    words: [string, number, number][];
  } | null;
}

/** A term of the index that a field's value stands for, and the value in its one spelling. */
interface FieldTerm {
  value: string;
  series: Series;
  term: string;
}

/** A part of what was typed. */
interface Clause {
  /** `ignored`: no token in it. */
  kind: 'word' | 'phrase' | 'prefix' | 'field' | 'inside' | 'ignored';
  /** The clause as it was typed, exclusion sign included. */
  text: string;
  negated: boolean;
  /** Of a word, phrase or prefix, or of what is inside of words; empty for a field. */
  tokens: string[];
  /** Whether the last token is only the beginning of one. */
  prefix: boolean;
  /** Its name in the index: `domain` for `site:`. */
  field: string | null;
  /** Of a field, as typed. */
  value: string | null;
  /** Of a field, null when the value cannot exist. */
  meant: FieldTerm | null;
}

/** A query as a tree; parts of a node are of another kind than it. */
type QueryNode =
  | { kind: 'clause'; clause: Clause }
  | { kind: 'not'; part: QueryNode }
  | { kind: 'and' | 'or'; parts: QueryNode[] };

interface ParsedQuery {
  /** Null for all images, and when there is nothing to search for. */
  tree: QueryNode | null;
  /** All of them in the order typed, ignored ones too. */
  clauses: Clause[];
  /** The tree as a query, which reads as the same tree. */
  understood: string;
  /** Something was typed, and nothing of it can be searched for. */
  nothing: boolean;
}

/** A position in a query; each `take…` returns what it read, or whether, and moves on. */
interface QueryReader {
  text: string;
  at: number;
  readonly next: string | undefined;
  readonly isClosing: boolean;
  readonly isPastedUrl: boolean;
  readonly isQuote: boolean;
  skipSpace(): void;
  takeClosing(): void;
  takeField(): string | null;
  takeMinus(): boolean;
  takeOpening(): boolean;
  takeOr(): boolean;
  takePlain(withQuotes: boolean): string;
  takeQuoted(): string;
  takeStar(): boolean;
  takeUrl(): string;
}

/** Ascending numbers, or with `but` all numbers but these. */
interface NumberSet {
  numbers: Uint32Array;
  but: boolean;
}

/** Places of columns in a row; `count` is how many there are, and the place of the id. */
interface Columns {
  caption: number;
  url: number;
  domain: number;
  count: number;
}

/** A row that tests ask. */
interface RowSubject {
  number: number;
  readonly tokens: string[];
  readonly url: string;
  readonly domain: unknown;
  readonly id: unknown;
}

type RowTest = (subject: RowSubject) => boolean;

interface Bounds {
  atMost: number;
  atLeast: number;
}

/** What is surely there in a range, and what may be. */
interface SurePossible {
  sure: NumberSet;
  possible: NumberSet;
}

/** Where the documents of a clause come from. */
interface Source extends Bounds {
  /** The one term that it is; null for anything else. */
  readonly single: Posting | null;
  /** Of all words that begin so: their count and first page. */
  first?: Posting | null;
  /** Tells by a row; null when a row does not show it. */
  test: RowTest | null;
  /** Units of lists that have not been read. */
  readonly unread: number;
  /** Everything before this number is known. */
  readonly horizon: number;
  /** Read on, so that what is before `target` is probably known. */
  reach(target: number): Promise<void>;
  /** What it has from `low` to before `high`, which must be known. */
  between(low: number, high: number): SurePossible;
  decide(subject: RowSubject): boolean;
  /** At most so many from `low` on. */
  boundFrom(low: number): number;
}

interface ListSource extends Source {
  postings: Posting[];
}

interface RowSource extends Source {
  base: Source | null;
  test: RowTest;
}

/** A query's tree with the sources of its clauses. */
type PlanNode =
  | { kind: 'source'; source: Source }
  | { kind: 'not'; part: PlanNode }
  | { kind: 'and' | 'or'; parts: PlanNode[] };

/** What a token is, and which characters are of scripts that write without spaces. */
interface TextRules {
  tokenise: Tokenise;
  isUnspaced: (character: string) => boolean;
}

interface Lookup {
  session: Session;
  /** Hits wanted, from the best on. */
  count: number;
  exact: boolean;
  documents: number;
  /** One past the largest number. */
  span: number;
  isUnspaced(character: string): boolean;
  subject(number: number, row: Row): RowSubject;
  term(series: Series, term: string): Promise<Posting | null>;
  rarest(words: string[]): Promise<Posting | null>;
  beginning(series: 'w' | 'b', text: string): Promise<{ postings: Posting[]; complete: boolean }>;
  prefix(text: string): Promise<{ words: Posting[] | null; whole: Posting | null }>;
}

interface Evaluation {
  /** Matches to find; may be raised at any time. */
  wanted: number;
  /** Matches given so far. */
  count: number;
  readonly costLeft: number;
  batches(): AsyncGenerator<Uint32Array>;
  bounds(): { total: number; atLeast: number };
}

interface Finder {
  session: Session;
  find(
    tree: QueryNode | null,
    options: { limit: number; offset: number; exact: boolean },
  ): Promise<Found & { counts: ClauseCount[] }>;
  hits(tree: QueryNode | null): AsyncGenerator<Hit>;
  describe(numbers: ArrayLike<number>): Promise<Hit[]>;
  inside(tree: QueryNode | null, found: Found, exact: boolean): Promise<InsideFound | null>;
}

/** Strings: how many UTF-16 units each shares with the one before, and the rests in lines. */
type FrontCoded = [sames: number[], rests: string];

/** A row of the index: its columns stand in the directory; then its id, in decimal digits. */
type Row = (string | number | null)[];

/** The code of a column of rows: its strings, front coded; bits of its symbols, a hexadecimal digit each. */
type CodedColumn = [...strings: FrontCoded, lengths: string];

/** The index file "directory"; core/index/FORMAT.md describes this and all other files. */
interface DirectoryFile {
  version: number;
  /** In all checksums, so that no file of another index passes for one of this; else 0. */
  seal?: number;
  documents: number;
  /** Document numbers to a slot. */
  places: number;
  columns: string[];
  /** For each column. */
  rows: CodedColumn[];
  visibilities: string[];
  /** Fields of the query language. */
  fields: string[];
  /** Rows that a term's block holds. */
  page: number;
  /** Numbers that the block of a term without rows holds. */
  inline: number;
  /** Chunks of a list in its own file. */
  local: number;
  /** Units of a chunk. */
  chunk: number;
  rare: number;
  often: number;
  hot: string[];
  slots: { units: number; count: number; first: number; more: number; run: number };
  /** Units of a file of series `h`. */
  spans: number;
  series: Record<string, { head: number; files: number }>;
}

/** What a head's and a block's JSON say. */
type HeadFile = [firsts: FrontCoded, sizes: number[], units: number];
type BlockFile = [sames: number[], rests: string, counts: number[], entries: (number[] | string)[]];

/** What the files of series `s` say; the first of them, by beginnings. */
type CodedSuggestions = [texts: FrontCoded, kinds: string[], counts: number[]];
type SuggestionFile = [texts: string[], kinds: string[], counts: number[]];

interface Suggestion {
  text: string;
  /** "" for a word, else the field whose value it is. */
  kind: string;
  count: number;
}

/** A slice that is asked for: units of a file, and what says whether they are the right ones. */
interface Wanted {
  kind: string;
  number: number;
  start: number;
  units: number;
  /** The payload; null when the units are not what was asked for. */
  check(units: Uint16Array, seal: number): Uint16Array | null;
}

type ReadSlice = (wanted: Wanted) => Promise<Uint16Array>;

/** Who reads: counts requests and bytes, and may be cancelled. */
interface Meter {
  readonly signal: AbortSignal | null;
  asked(): void;
  arrived(bytes: number): void;
}

/** A slice or file that was asked for. */
interface FileEntry {
  arrival: Promise<any>;
  /** In memory; 0 until it is there. */
  bytes: number;
  /** Of a script's data, in bytes. */
  size: number;
  /** Who waits for it. */
  users: Set<Meter>;
  /** When nobody waits any more. */
  cancel: (() => void) | null;
}

interface Ranges {
  /** Whether ranges work, as far as is known. */
  work: boolean;
  order(wanted: Wanted, entry: FileEntry, meter: Meter): Promise<Uint16Array>;
}

interface IndexFiles {
  slice(wanted: Wanted, meter: Meter): Promise<Uint16Array>;
  script(kind: string, number: number, meter: Meter): Promise<unknown>;
  receive(key: string, data: unknown, bytes: number): void;
}

interface Recent<T> {
  get(key: string | number): T | undefined;
  set(key: string | number, value: T): void;
}

/** Where a list is: `body` is where its file's head ends, `place` counts from there. */
interface ListPlace {
  kind: string;
  number: number;
  body: number;
  place: number;
  units: number;
  k: number;
  tail: number;
  common: number;
  pairs: number;
  pairsK: number;
}

/** What a file of terms says of its blocks. */
interface TermHead {
  /** Their first terms. */
  firsts: string[];
  /** Where each begins, and where they end: units from the head's end on. */
  starts: number[];
  /** Units of the head itself. */
  size: number;
}

/** A block of terms. */
interface TermBlock {
  terms: string[];
  counts: number[];
  entries: (number[] | string)[];
  /** Of all its terms, in series with rows; decoded when they are first asked for. */
  rows(): Row[];
  /** Of each term, its first row. */
  rowStarts: number[];
}

/** What a block says of a term. */
interface TermEntry {
  series: string;
  term: string;
  df: number;
  /** Null when the block names all that there is. */
  list: ListPlace | null;
  /** Of the documents named, in series with places; else null. */
  places: number[][] | null;
  /** Items that each document of the list has at least; -1 when it has none. */
  least: number;
  /** The first documents. */
  named: Uint32Array;
  rows(): Row[];
}

/** A list as far as it has been decoded. */
interface Decoder {
  readonly total: number;
  /** Units, and the next bit of them. */
  units: Uint16Array;
  size: number;
  bit: number;
  /** Documents decoded. */
  count: number;
  numbers: Uint32Array;
  push(payload: Uint16Array): void;
  /** A Rice code. */
  code(k: number): number;
  /** The next bits as a number. */
  take(width: number): number;
  itemsOf(i: number): Uint32Array;
}

interface Pairs {
  shared(other: number, read: ReadSlice): Promise<number>;
}

/** What reads rows; `search-rows.js`. */
interface RowCodes {
  rows(bytes: Uint8Array): Row[];
}

interface Terms {
  /** What parts the files of each series, once it is there. */
  parted: Record<string, FrontCoded> | null;
  filesOf(series: string, prefix: string): number[];
  find(series: string, term: string, read: ReadSlice): Promise<TermEntry | null>;
  beginning(
    series: string,
    prefix: string,
    mostBlocks: number,
    read: ReadSlice,
  ): Promise<{ entries: TermEntry[]; complete: boolean }>;
}

interface Slots {
  rankOf(number: number): number | undefined;
  rows(numbers: ArrayLike<number>, read: ReadSlice): Promise<Row[]>;
  ofRanks(
    from: number,
    count: number,
    read: ReadSlice,
  ): Promise<{ numbers: number[]; rows: Row[] }>;
}

/** The index on the host or on the disk. */
interface Index {
  readonly directory: DirectoryFile;
  session(options?: SessionOptions): Session;
  /** Take a file that announced itself by `LaionIndex`, other than "directory" and "tokens". */
  receive(key: string, data: unknown, bytes: number): void;
}

interface SessionOptions {
  /** Hears of all that arrives. */
  onProgress?: OnProgress | null;
  /** Rejects what is being read with its reason. */
  signal?: AbortSignal | null;
}

type Series = 'w' | 'b' | 'f' | 'x' | 'c' | 'u' | 'i';

/** One search: what it reads from the index. Its methods reject with Error in plain words. */
interface Session {
  readonly directory: DirectoryFile;
  /** Requests and bytes over the network; what was kept costs none. */
  requests: number;
  bytes: number;
  /** A term, null when there is none; aliases are followed. */
  term(series: Series, term: string): Promise<Posting | null>;
  /** All terms that begin so, in order; none when they take more blocks; no aliases. */
  termsFrom(
    series: 'w' | 'b' | 'c',
    prefix: string,
    mostBlocks: number,
  ): Promise<{ postings: Posting[]; complete: boolean }>;
  /** Rows of document numbers, in the same order. */
  rows(numbers: ArrayLike<number>): Promise<Row[]>;
  /** Documents of consecutive ranks, those that there are. */
  rowsFromRank(from: number, count: number): Promise<{ numbers: number[]; rows: Row[] }>;
  /** Rank of a document, from 0, once its slot has been read. */
  rankOf(number: number): number | undefined;
  /** How many documents have both terms; null unless both are common. */
  shared(a: Posting, b: Posting): Promise<number | null>;
  /** Remember rows; those that come with terms are remembered anyway. */
  learn(numbers: ArrayLike<number>, rows: Row[]): void;
  knows(number: number): boolean;
  /** Words and values near what was typed (folded as terms are), more than begin so. */
  suggestions(typed: string): Promise<Suggestion[]>;
  /** Files that `termsFrom` might have to read. */
  filesOfPrefix(series: 'w' | 'b' | 'c', prefix: string): Promise<number>;
}

/** The documents of one term. */
interface Posting {
  readonly series: string;
  readonly term: string;
  readonly df: number;
  /** Its number among the common terms, or -1. */
  readonly common: number;
  /** Of the first documents; none in series without rows. */
  readonly rows: Row[];
  /** The documents known so far: a beginning of the list, ascending. */
  readonly numbers: Uint32Array;
  /** Every document below this number is known; Infinity when all are. */
  readonly horizon: number;
  /** Units of the list that were not read. */
  readonly unread: number;
  /** Make at least the first documents known; in series `x` no more than its block named. */
  reach(count: number): Promise<void>;
  /** In series `b` and `c`: places of the i-th known document, ascending. */
  placesOf(i: number): ArrayLike<number>;
  /** Numbers of the hot terms that the i-th known document has; null where the list does not say. */
  hotOf(i: number): number[] | null;
  /** What its block says; for this layer alone. */
  readonly entry: TermEntry;
}

/** A row by the names of its columns. */
interface Hit {
  /** A signed 64-bit number, as decimal digits. */
  id: string;
  url: string;
  caption: string;
  width: number | null;
  height: number | null;
  aesthetic: number | null;
  punsafe: number | null;
  domain: string;
  visibility: string;
  /** Names it in the index, and in the page's addresses; in the order of ranks, with gaps. */
  number: number;
  /** From 0 for the best; undefined when nothing that was read tells. */
  rank: number | undefined;
}

type OnProgress = (progress: { requests: number; bytes: number }) => void;

/** What a search found. */
interface Found {
  /** An upper bound unless `totalIsExact`. */
  total: number;
  totalIsExact: boolean;
  /** A lower bound of the total. */
  atLeast: number;
  /** In rank order, always the true ones. */
  hits: Hit[];
}

/** What a clause finds alone. */
interface ClauseCount {
  query: string;
  /** Null when that takes a search of its own. */
  total: number | null;
}

/** What holds the same characters inside of longer words too. */
interface InsideFound {
  /** The query that finds it. */
  query: string;
  total: number;
  atLeast: number;
  /** Of these, those that the search itself does not find; null when that is not known exactly. */
  more: number | null;
}

interface Answer extends Found {
  /** The query as it was understood, in one spelling; empty for all images. */
  understood: string;
  /** When clauses that must all hold find nothing: what each finds alone. */
  counts: ClauseCount[];
  /** For queries in scripts that write without spaces; else null. */
  inside: InsideFound | null;
  requests: number;
  /** Bytes of what was requested. */
  bytes: number;
}

/** A word or a name that goes on from what was typed. */
interface Completion {
  /** What was typed, completed. */
  query: string;
  text: string;
  /** Empty for a word, else the field. */
  kind: string;
  count: number;
}

/** A word that is there, for one that is not. */
interface Correction {
  text: string;
  count: number;
}

interface SearchOptions {
  /** Hits at most. */
  limit?: number;
  /** Better hits to skip. */
  offset?: number;
  /** Make the total exact whatever it costs. */
  exact?: boolean;
  /** Hears of everything that arrives. */
  onProgress?: OnProgress | null;
  /** Ends the search: it rejects with the signal's reason. */
  signal?: AbortSignal;
}

interface Search {
  search(query: string, options?: SearchOptions): Promise<Answer>;
  /** All hits in rank order, read as they are asked for. */
  hits(query: string, options?: { signal?: AbortSignal }): AsyncGenerator<Hit>;
  /** How the last word of a query may go on, the most frequent first. */
  suggest(typed: string, options?: { signal?: AbortSignal }): Promise<Completion[]>;
  /** For each word of a query that is in no caption: words that it may be misspelled for. */
  corrections(
    query: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ word: string; better: Correction[] }[]>;
  /** This and `tokenise` throw Error before `ready`. */
  parse(query: string): ParsedQuery;
  tokenise: Tokenise;
  /** Rejects when the token table or the directory cannot be loaded or read. */
  ready: Promise<Index>;
  /** The row of a number of a hit; rejects with RangeError when there is none. */
  document(number: number): Promise<Hit>;
}
