/**
 * Random messages of any type of the contract, made from its descriptors, so that a new field or
 * RPC is met by itself.
 */
import { readFileSync } from 'node:fs';
import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';

const IMAGE = new URL('../../../gen/descriptors.binpb', import.meta.url);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(IMAGE)));

/** A unary or streaming method of a service. */
export interface DescribedMethod {
  readonly path: string;
  readonly input: DescMessage;
  readonly isStreaming: boolean;
}

export function methodsOf(serviceName: string): DescribedMethod[] {
  const service = registry.getService(serviceName);
  if (!service) throw new Error(`the image has no ${serviceName}`);
  return service.methods.map(({ name, input, methodKind }) => ({
    path: `/${serviceName}/${name}`,
    input,
    isStreaming: methodKind !== 'unary',
  }));
}

/** What to fill texts with. Lists are long where there is room, and messages go two levels deep. */
export interface RandomMessageOptions {
  readonly text: fc.Arbitrary<string>;
  readonly itemsMax: number;
}

/** Encoded messages of a type. */
export function randomMessage(type: DescMessage, options: RandomMessageOptions): fc.Arbitrary<Uint8Array> {
  return messageArbitrary(type, options, 3).map((fields) =>
    toBinary(type, create(type, fields as MessageInitShape<DescMessage>) as Message),
  );
}

function messageArbitrary(type: DescMessage, options: RandomMessageOptions, depth: number): fc.Arbitrary<object> {
  const single = type.fields.filter(({ oneof }) => oneof === undefined);
  const entries = single.map((field) => [field.localName, fieldArbitrary(field, options, depth)] as const);
  const oneofs = type.oneofs.map(({ localName, fields }) => {
    const cases = fields.map((field) =>
      fieldArbitrary(field, options, depth).map((value) => ({ case: field.localName, value })),
    );
    return [localName, fc.oneof(...cases)] as const;
  });
  return fc.record(Object.fromEntries([...entries, ...oneofs]), { requiredKeys: [] });
}

function fieldArbitrary(field: DescField, options: RandomMessageOptions, depth: number): fc.Arbitrary<unknown> {
  const one = itemArbitrary(field, options, depth);
  if (field.fieldKind !== 'list') return one;
  return fc
    .tuple(one, one, fc.integer({ min: 0, max: options.itemsMax }))
    .map(([first, second, count]) => Array.from({ length: count }, (_, index) => (index % 2 ? second : first)));
}

function itemArbitrary(field: DescField, options: RandomMessageOptions, depth: number): fc.Arbitrary<unknown> {
  if (field.enum) return fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(2 ** 31 - 1));
  if (field.message) {
    return depth > 1 ? messageArbitrary(field.message, options, depth - 1) : fc.constant(create(field.message));
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return options.text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case ScalarType.UINT32:
      return fc.nat(2 ** 32 - 1);
    case ScalarType.BYTES:
      return fc.uint8Array();
    default:
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  }
}
