// What an app may call, read from the types: each constructor, method, setter and function, and what its arguments hold.
import path from 'node:path';
import ts from 'typescript';
import { root } from '../waist/native.js';

/** Where a value goes: an argument's number, then members of it. `[]` is the first of an array, `*` each key of a record. */
export type Place = readonly [argument: number, ...members: string[]];

export type Callable = {
  /** `VideoFrame.copyTo`, say. */
  name: string;
  /** What has it: an export, or an object that the test makes. */
  owner: string;
  member: string;
  kind: 'function' | 'constructor' | 'method' | 'static' | 'setter' | 'stream';
  places: { place: Place; words: string[] }[];
};

/** An argument and three members within each other: `options.rtpParameters.codecs[0].mimeType`. */
const DEPTH = 4;

/** What apps get without a name for its class: of each, the module and the type. */
const OBJECTS = [
  ['lib/DataChannel.ts', 'DataChannel'],
  ['lib/EncodedStreams.ts', 'RTCInsertableStreams'],
  ['lib/SourceTrack.ts', 'SourceTrack'],
  ['lib/mediasoupClient.ts', 'HandlerInterface'],
  ['lib/mediasoupClient.ts', 'HandlerFactory'],
] as const;

/** The options of a transport are unknown there, as those of mediasoup-client's versions differ. */
const TRANSPORT_OPTIONS = ['handler/TransportHandler.ts', 'TransportOptions'] as const;
/** And this is more than mediasoup-client's. */
const ADDITIONAL_SETTINGS = ['lib/AdditionalSettings.ts', 'AdditionalSettings'] as const;

/** Reads the types of the package. */
export function readSurface(): Callable[] {
  const index = path.join(root, 'lib/index.ts');
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) =>
    ts.sys.readFile(file),
  ) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const others = [...OBJECTS, TRANSPORT_OPTIONS, ADDITIONAL_SETTINGS];
  const files = [index, ...others.map(([file]) => path.join(root, file))];
  const program = ts.createProgram(files, options);
  return new Surface(program, program.getTypeChecker()).read(index);
}

/** What the methods that streams write by call it. */
const STREAM_WORDS = 'chunk|frame|data';

/** Its name, and its type in each overload. */
type Parameter = readonly [name: string, types: readonly ts.Type[]];

class Surface {
  readonly #callables: Callable[] = [];

  constructor(
    readonly program: ts.Program,
    readonly checker: ts.TypeChecker,
  ) {}

  read(index: string): Callable[] {
    for (const symbol of this.#exportsOf(index)) {
      const resolved =
        symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
      if (resolved.flags & ts.SymbolFlags.Class) {
        this.#addClass(symbol.name, resolved, isTypeOnly(symbol));
      } else if (resolved.flags & ts.SymbolFlags.Function) {
        this.#add('function', symbol.name, symbol.name, this.checker.getTypeOfSymbol(resolved));
      }
    }
    for (const [file, name] of OBJECTS) {
      const symbol = this.#typeOf(file, name);
      if (symbol.flags & ts.SymbolFlags.Class) this.#addInstance(name, symbol);
      else this.#addMembers(name, this.checker.getDeclaredTypeOfSymbol(symbol));
    }
    return this.#callables;
  }

  #exportsOf(file: string): ts.Symbol[] {
    const source = this.program.getSourceFile(file);
    const module = source && this.checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} exports nothing`);
    return this.checker.getExportsOfModule(module);
  }

  #typeOf(file: string, name: string): ts.Symbol {
    const found = this.#exportsOf(path.join(root, file)).find((one) => one.name === name);
    if (!found) throw new Error(`${file} has no ${name}`);
    return found;
  }

  #addClass(name: string, symbol: ts.Symbol, isTypeOnly: boolean): void {
    const type = this.checker.getTypeOfSymbol(symbol);
    const constructors = type.getConstructSignatures();
    const isHere = !isTypeOnly && !constructors.some((one) => isHiddenSignature(one));
    if (isHere) this.#addSignatures('constructor', name, name, constructors);
    for (const member of type.getProperties()) {
      if (member.flags & ts.SymbolFlags.Method && isOurs(member)) {
        this.#add('static', name, member.name, this.checker.getTypeOfSymbol(member), member);
      }
    }
    this.#addInstance(name, symbol);
  }

  #addInstance(name: string, symbol: ts.Symbol): void {
    this.#addMembers(name, this.checker.getDeclaredTypeOfSymbol(symbol));
  }

  #addMembers(owner: string, type: ts.Type): void {
    for (const member of this.checker.getPropertiesOfType(type)) {
      if (!isOurs(member)) continue;
      const memberType = this.checker.getTypeOfSymbol(member);
      if (member.flags & ts.SymbolFlags.SetAccessor) {
        const setter = member.declarations?.find(ts.isSetAccessor);
        const parameter = setter?.parameters[0];
        const taken = parameter && this.checker.getTypeAtLocation(parameter);
        if (taken && !isHidden(member, this.checker)) {
          this.#push('setter', owner, member.name, [[member.name, [taken]]]);
        }
      } else if (nameOf(memberType) === 'WritableStream') {
        const [chunk] = this.checker.getTypeArguments(memberType as ts.TypeReference);
        if (chunk) this.#push('stream', owner, member.name, [[STREAM_WORDS, [chunk]]]);
      } else if (memberType.getCallSignatures().length > 0) {
        this.#add('method', owner, member.name, memberType, member);
      }
    }
  }

  #add(
    kind: Callable['kind'],
    owner: string,
    member: string,
    type: ts.Type,
    symbol?: ts.Symbol,
  ): void {
    if (symbol && isHidden(symbol, this.checker)) return;
    this.#addSignatures(kind, owner, member, type.getCallSignatures());
  }

  /** One callable for all overloads: what one of them takes is wrong for another. */
  #addSignatures(
    kind: Callable['kind'],
    owner: string,
    member: string,
    signatures: readonly ts.Signature[],
  ): void {
    const longest = signatures.reduce<readonly ts.Symbol[]>(
      (most, { parameters }) => (parameters.length > most.length ? parameters : most),
      [],
    );
    const parameters = longest.map((parameter, index): Parameter => {
      const all = signatures.flatMap((one) => one.parameters[index] ?? []);
      const name = parameter.name.startsWith('__') ? 'options' : parameter.name;
      return [name, all.map((one) => this.checker.getTypeOfSymbol(one))];
    });
    if (parameters.length > 0) this.#push(kind, owner, member, parameters);
  }

  #push(
    kind: Callable['kind'],
    owner: string,
    member: string,
    parameters: readonly Parameter[],
  ): void {
    const isFactory = owner === 'HandlerFactory' && member === 'factory';
    const places = parameters.flatMap(([name, given], index) => {
      const types = isFactory ? [this.#declared(TRANSPORT_OPTIONS)] : given;
      return [...this.#placesOf(types, [index], name.split('|'), [])];
    });
    const name = kind === 'function' || kind === 'constructor' ? owner : `${owner}.${member}`;
    this.#callables.push({ name, owner, member, kind, places });
  }

  #declared([file, name]: readonly [file: string, name: string]): ts.Type {
    return this.checker.getDeclaredTypeOfSymbol(this.#typeOf(file, name));
  }

  *#placesOf(
    types: readonly ts.Type[],
    place: Place,
    words: string[],
    within: ts.Type[],
  ): Generator<Callable['places'][number]> {
    yield { place, words };
    if (place.filter((part) => part !== '[]').length > DEPTH) return;
    const seen = new Set<string>();
    for (const part of types.flatMap((one) => (one.isUnion() ? one.types : [one]))) {
      if (within.includes(part)) continue;
      for (const [member, memberType] of this.#membersOf(part)) {
        if (seen.has(member)) continue;
        seen.add(member);
        const named = member === '[]' || member === '*' ? words : [...words, member];
        const types = member === 'additionalSettings' ? [this.#declared(ADDITIONAL_SETTINGS)] : [];
        yield* this.#placesOf([memberType, ...types], [...place, member], named, [...within, part]);
      }
    }
  }

  /** Of an array or a dictionary. Objects with methods are taken as a whole. */
  *#membersOf(type: ts.Type): Generator<[string, ts.Type]> {
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return;
    if (this.checker.isArrayType(type) || this.checker.isTupleType(type)) {
      const element = this.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
      if (element) yield ['[]', element];
      return;
    }
    if (type.getCallSignatures().length > 0) return;
    const members = this.checker.getPropertiesOfType(type);
    if (members.some(({ flags }) => flags & ts.SymbolFlags.Method) || type.isClass()) return;
    if (nameOf(type) === 'ArrayBufferView') return;
    const keys = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (keys) yield ['*', keys];
    for (const member of members) {
      // Of a record whose keys are known, one will do.
      if (!member.name.includes(':')) {
        yield [member.name, this.checker.getTypeOfSymbol(member)];
      }
    }
  }
}

/** Of a class or an interface: other types have no symbol, whatever TypeScript says of itself. */
function nameOf({ symbol }: { symbol?: ts.Symbol }): string | undefined {
  return symbol?.name;
}

/** Of this package, or what it implements of mediasoup-client. */
function isOurs(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((declaration) => {
    const file = path.relative(root, declaration.getSourceFile().fileName);
    return /^(lib|handler)\//.test(file) || file.endsWith('/HandlerInterface.d.ts');
  });
}

function isTypeOnly(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((one) => ts.isTypeOnlyImportOrExportDeclaration(one));
}

function isHiddenSignature({ declaration }: ts.Signature): boolean {
  if (!declaration) return false;
  const flags = ts.getCombinedModifierFlags(declaration);
  if (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) return true;
  return ts.getJSDocTags(declaration).some(({ tagName }) => tagName.text === 'internal');
}

function isHidden(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const [declaration] = symbol.declarations ?? [];
  const flags = declaration ? ts.getCombinedModifierFlags(declaration) : 0;
  if (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) return true;
  if (symbol.name.startsWith('#')) return true;
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return (
    symbol.getJsDocTags().some(({ name }) => name === 'internal') || text.startsWith('Not for apps')
  );
}
