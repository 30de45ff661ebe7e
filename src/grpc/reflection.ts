/** Server reflection (v1 and v1alpha) from the descriptor image, so that grpcurl and buf curl need no proto files. */
import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { ReflectionService } from '@grpc/reflection';

// From dist/src/grpc/ to the package's own gen/.
const IMAGE = new URL('../../../gen/descriptors.binpb', import.meta.url);

/** Reflects the contract, the health service, and the google.rpc types in which error details come. */
export function reflectionService(): ReflectionService {
  const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(IMAGE));
  const fileDescriptorProtos = file.map((each) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, each))),
  );
  // The constructor reads nothing of a package but this.
  return new ReflectionService({ image: { fileDescriptorProtos } } as never);
}
