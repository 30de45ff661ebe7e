/** The client programs that are tried against the server, each with the toolchain that it needs. */

export interface Program {
  readonly name: string;
  /** Commands without which it cannot run; of those in one entry, any. */
  readonly needs: readonly string[];
  /** What to run, from the project's root. */
  readonly command: string;
}

export const PROGRAMS: readonly Program[] = [
  { name: 'typescript', needs: ['npm'], command: 'examples/typescript/run' },
  { name: 'python', needs: ['python3'], command: 'examples/python/run' },
  { name: 'go', needs: ['go'], command: 'examples/go/run' },
  { name: 'go conformance', needs: ['go'], command: 'examples/go/conform' },
  { name: 'java', needs: ['java', 'javac', 'mvn'], command: 'examples/java/run' },
  { name: 'java conformance', needs: ['java', 'javac', 'mvn'], command: 'examples/java/conform' },
  { name: 'grpcurl', needs: ['grpcurl|go'], command: 'examples/grpcurl/run' },
  { name: 'empty project', needs: ['npm'], command: 'test/clients/empty-project' },
  { name: 'grpc_health_probe', needs: ['go'], command: 'test/clients/health-probe' },
  { name: 'ghz', needs: ['go', 'python3'], command: 'test/clients/load' },
  { name: 'release', needs: ['go', 'python3', 'git'], command: 'test/clients/release' },
];
