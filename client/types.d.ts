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
  files: {
    Directory: new (data: DirectoryFile) => Directory;
    Documents: new (directory: Directory, files: IndexFiles, meter: Meter) => Documents;
    Files: new () => IndexFiles;
    Meter: new (onProgress: OnProgress | null) => Meter;
    lowerBound(terms: string[], term: string): number;
  };
  lists: {
    NONE: Uint32Array;
    Posting: new (
      shard: Shard,
      i: number,
      loadSegment: (hash: string) => Promise<SegmentFile>,
      segment: number,
    ) => Posting;
    Source: new (postings: Posting[], check: Check | null) => Source;
    decodeIds(base64: string): Uint32Array;
    intersect(a: Uint32Array, b: Uint32Array): Uint32Array;
    subtract(a: Uint32Array, b: Uint32Array): Uint32Array;
    unite(lists: Uint32Array[]): Uint32Array;
  };
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

/** A string of a sorted list: UTF-16 units shared with the one before, and the rest. */
type FrontCoded = [shared: number, suffix: string];

/** A row of the index: its columns stand in the directory. */
type Row = (string | number | null)[];

/** The index file "directory": which file holds what. */
interface DirectoryFile {
  version: number;
  documents: number;
  block: number;
  blocks: string[];
  segment: number;
  columns: string[];
  visibilities: string[];
  /** Fields of the query language. */
  fields: string[];
  shards: { first: FrontCoded[]; hash: string[] };
}

/** The index file "i…": ids of a commoner term, base64 of LEB128 gaps. */
interface SegmentFile {
  ids: string;
}

/** The index file "t…": entries of the dictionary, by their place in `terms`. */
interface ShardFile {
  terms: FrontCoded[];
  df: number[];
  ids: string[];
  segments?: Record<number, string[]>;
  top: (Row | null)[][];
}

/** A shard whose terms have been expanded to `names`. */
type Shard = ShardFile & { names: string[] };

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

interface Meter {
  requests: number;
  bytes: number;
  onProgress: OnProgress | null;
  arrived(bytes: number): void;
}

interface IndexFiles {
  load(key: string, path: string, meter: Meter): Promise<unknown>;
  sizeOf(key: string): number;
  receive(key: string, data: unknown, bytes: number): void;
}

interface Directory {
  documents: number;
  block: number;
  blocks: string[];
  segment: number;
  columns: string[];
  visibilities: string[];
  fields: string[];
  /** Hashes of the shards, and their first terms. */
  hashes: string[];
  first: string[];
  shardOf(term: string): number;
  shardsOf(prefix: string): number[];
  loadShard(i: number, files: IndexFiles, meter: Meter): Promise<Shard>;
  loadBlock(i: number, files: IndexFiles, meter: Meter): Promise<Row[]>;
  loadSegment(hash: string, files: IndexFiles, meter: Meter): Promise<SegmentFile>;
}

interface Documents {
  directory: Directory;
  known: Map<number, Row>;
  /** Column of the caption. */
  caption: number;
  learn(numbers: ArrayLike<number>, rows: (Row | null)[]): void;
  blockOf(number: number): number;
  countBlocks(numbers: Iterable<number>, limit: number): number;
  read(numbers: number[]): Promise<Row[]>;
  describe(row: Row, number: number | undefined): Hit;
}

interface Posting {
  df: number;
  top: (Row | null)[];
  /** Of the segments; none when the ids are in the shard itself, `inline`. */
  hashes: string[];
  inline: string;
  loadSegment: (hash: string) => Promise<SegmentFile>;
  /** Ids in every segment but the last. */
  segment: number;
  /** Runs of ids that have been decoded. */
  read: Uint32Array[];
  readonly runs: Uint32Array[];
  readonly unread: number;
  readonly horizon: number;
  reach(count: number): Promise<void>;
  at(offset: number, limit: number): Promise<Uint32Array>;
  between(low: number, high: number): Uint32Array[];
  boundFrom(low: number): number;
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
