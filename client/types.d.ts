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
}

interface Parts {
  pictures: { attend(part: ParentNode): void };
  text: {
    makeTokeniser(table: TokenTable): Tokenise;
    compareCodePoints(a: string, b: string): number;
    sha256(text: string): string;
  };
  urls: {
    canonicalUrl(url: string): string;
    hostName(text: string): string | null;
  };
  query: {
    hasStrayStar(clause: Clause): boolean;
    isNothing(clauses: Clause[]): boolean;
    parse(query: string, tokenise: Tokenise, fields: string[]): Clause[];
  };
  units: {
    CHECK: number;
    FIRST_UNIT: number;
    HEAD_PLACE: number;
    PACKED_HEAD: number;
    Recent: new <T>(most: number) => Recent<T>;
    bytesOf(units: Uint16Array): Uint8Array<ArrayBuffer>;
    frontDecode(sames: number[], rests: string): string[];
    numberAt(bytes: Uint8Array, at: number): number;
    openSlice(units: Uint16Array, key: string, place: number): Uint16Array | null;
    rowsOf(columns: Row[], ids: Uint8Array, start: number, end: number): Row[];
    unpack(bytes: Uint8Array<ArrayBuffer>): Promise<{ content: unknown; ids: Uint8Array }>;
  };
  ranges: {
    HEAD: number;
    Ranges: new (
      base: string,
      seal: number,
      instead: (wanted: Wanted, meter: Meter) => Promise<Uint16Array>,
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
  terms: { Terms: new (directory: DirectoryFile) => Terms };
  documents: { Slots: new (directory: DirectoryFile) => Slots };
  index: { Index: new (directory: DirectoryFile, base: string) => Index };
  plan: {
    FILES_FOR_TOTAL: number;
    Planner: new (
      directory: Directory,
      files: IndexFiles,
      meter: Meter,
      documents: Documents,
      exact: boolean,
    ) => { plan(clauses: Clause[]): Promise<Plan> };
    allSources(plan: Plan): Source[];
    intersectAll(sources: Iterable<Source>, low: number, high: number): Uint32Array;
    learnTops(documents: Documents, sources: Iterable<Source>): void;
  };
  evaluation: {
    Evaluation: new (
      plan: Plan,
      documents: Documents,
      need: number,
      exact: boolean,
      tokenise: Tokenise,
    ) => { run(): Promise<Ranked> };
    range(low: number, high: number): Uint32Array;
  };
  words: {
    clipCaption(caption: string): string;
    wordNumber(value: number | null, digits: number): string;
    wordScore(value: number | null): string;
    wordSize(width: number | null, height: number | null): string;
  };
  drawTile(caption: string, id: string, width: number | null, height: number | null): Drawing;
  tile: {
    element: MakeElement;
    facts(hit: Hit): HTMLElement;
    frame(hit: Hit): HTMLElement;
    isSafeLink(url: string): boolean;
    searchLink(query: string, page?: number): string;
    tile(hit: Hit, anchor: string): HTMLElement;
  };
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
  /** Letters of scripts without spaces, as ranges likewise. */
  unspaced: number[];
}

type Tokenise = (text: string) => string[];

/** What was typed, clause by clause. */
interface Clause {
  /** `ignored`: no token in it. */
  kind: 'word' | 'phrase' | 'prefix' | 'field' | 'ignored';
  /** The clause as it was typed, exclusion sign included. */
  text: string;
  negated: boolean;
  /** Of a word, phrase or prefix; empty for a field. */
  tokens: string[];
  /** Whether the last token is only the beginning of one. */
  prefix: boolean;
  field: string | null;
  /** Of a field, as typed. */
  value: string | null;
  /** Of a field: the pseudo-term, null when the value cannot exist. */
  term: string | null;
}

/** What a caption must hold: a contiguous run of tokens, the last perhaps only as a beginning. */
interface Check {
  tokens: string[];
  prefix: boolean;
}

/** Strings: how many UTF-16 units each shares with the one before, and the rests in lines. */
type FrontCoded = [sames: number[], rests: string];

/** A row of the index: its columns stand in the directory; then its id, in decimal digits. */
type Row = (string | number | null)[];

/** The index file "directory"; core/index/FORMAT.md describes this and all other files. */
interface DirectoryFile {
  version: number;
  /** In all checksums, so that no file of another index passes for one of this; else 0. */
  seal?: number;
  documents: number;
  /** Document numbers to a slot. */
  places: number;
  columns: string[];
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
  slots: { units: number; count: number; first: number; more: number };
  /** Units of a file of series `h`. */
  spans: number;
  series: Record<string, { head: number; files: number; first?: FrontCoded }>;
}

/** What a head's and a block's JSON say. */
type HeadFile = [firsts: FrontCoded, sizes: number[], units: number];
type BlockFile = [
  sames: number[],
  rests: string,
  counts: number[],
  entries: (number[] | string)[],
  ...columns: Row[],
];

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
  columns: Row[];
  ids: Uint8Array;
  /** Of each term, its first row in `columns`. */
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
  itemsOf(i: number): Uint32Array;
}

interface Pairs {
  shared(other: number, read: ReadSlice): Promise<number>;
}

interface Terms {
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
  /** Terms that begin so, in order, as far as a number of blocks has them; no aliases. */
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
  blocksOfPrefix(series: 'w' | 'b' | 'c', prefix: string): number;
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
  /** Rank from 0; undefined when nobody asked for it. */
  number: number | undefined;
}

type OnProgress = (progress: { requests: number; bytes: number }) => void;

/** Format 1, as long as the planning scripts still speak of it. */
interface Directory {
  documents: number;
  fields: string[];
}
interface Documents {
  directory: Directory;
}

interface Source {
  postings: Posting[];
  /** Null when a caption cannot tell (fields). */
  check: Check | null;
  readonly unread: number;
  readonly horizon: number;
  reach(fraction: number): Promise<void>;
  between(low: number, high: number): Uint32Array;
  boundFrom(low: number): number;
}

/** Which lists to combine and which captions to look at. */
interface Plan {
  /** Nothing can match. */
  empty: boolean;
  /** The only thing wanted is this one list. */
  single: Posting | null;
  /** A document must be in all of these ... */
  all: Set<Source>;
  /** ... and in none of these, */
  none: Set<Source>;
  /** its caption must pass all of these ... */
  checks: Check[];
  /** ... and none of these; only documents in all of `sources` can. */
  excluded: { check: Check; sources: Source[] }[];
}

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

/** The same before the rows are read: `hits` are numbers. */
type Ranked = Omit<Found, 'hits'> & { hits: number[] };

interface SearchOptions {
  /** Hits at most. */
  limit?: number;
  /** Better hits to skip. */
  offset?: number;
  /** Make the total exact whatever it costs. */
  exact?: boolean;
  /** Hears of every file that arrives. */
  onProgress?: OnProgress | null;
}

interface Search {
  search(
    query: string,
    options?: SearchOptions,
  ): Promise<Found & { requests: number; bytes: number }>;
  /** This and `tokenise` throw Error before `ready`. */
  parse(query: string): Clause[];
  tokenise: Tokenise;
  /** Rejects when the token table or the directory cannot be loaded or read. */
  ready: Promise<Directory>;
  /** The row of a rank number, from 0; rejects with RangeError when there is none. */
  document(number: number): Promise<Hit>;
}
