/** A whole service in this process, on a port of its own, with a clock that the test sets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Service, type ServiceOptions, startService } from '../../src/cli/service.js';
import type { Instant, TimeZone } from '../../src/domain/time.js';
import { Client } from './client.js';

/** Stands still until a test moves it. */
export class Clock {
  #now: Instant;

  constructor(iso: string) {
    this.#now = Date.parse(iso) as Instant;
  }

  readonly now = (): Instant => this.#now;

  set(iso: string): void {
    this.#now = Date.parse(iso) as Instant;
  }
}

export interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** What the service has logged, a line each. */
export class RecordedLog {
  readonly lines: LogLine[] = [];
  readonly debug = this.#recorder('debug');
  readonly info = this.#recorder('info');
  readonly warn = this.#recorder('warn');
  readonly error = this.#recorder('error');

  get text(): string {
    // An Error has no properties of its own that JSON would show.
    const readable = (_: string, value: unknown) => (value instanceof Error ? value.stack : value);
    return this.lines.map((line) => JSON.stringify(line, readable)).join('\n');
  }

  /** The first line that fits, once it has been logged. */
  async until(fits: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const line = this.lines.find(fits);
      if (line) return line;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #wake: () => void = () => {};

  #recorder(level: string) {
    return (fields: object, message: string) => {
      this.lines.push({ level, fields, message });
      this.#wake();
    };
  }
}

/** A Monday, 09:30 in Kolkata. */
export const MORNING = '2026-03-02T04:00:00Z';
export const TODAY = '2026-03-02';

export class TestService {
  #service: Service;
  #client: Client;

  private constructor(
    private readonly options: ServiceOptions,
    readonly clock: Clock,
    readonly log: RecordedLog,
    service: Service,
  ) {
    this.#service = service;
    this.#client = new Client(service.address);
  }

  /** In memory where no file is named. The doctors' zone, where none is named, is Asia/Kolkata. */
  static async start(options: Partial<ServiceOptions> = {}): Promise<TestService> {
    const clock = new Clock(MORNING);
    const log = new RecordedLog();
    const whole: ServiceOptions = {
      listen: '127.0.0.1:0',
      data: ':memory:',
      timeZone: 'Asia/Kolkata' as TimeZone,
      now: clock.now,
      log,
      ...options,
    };
    return new TestService(whole, clock, log, await startService(whole));
  }

  get address(): string {
    return this.#service.address;
  }

  get client(): Client {
    return this.#client;
  }

  async stop(): Promise<void> {
    await this.#service.stop();
    this.#client.close();
  }

  /** Stops, and starts again on the same file, on another port: `client` is a new one. */
  async restart(): Promise<void> {
    await this.stop();
    this.#service = await startService(this.options);
    this.#client = new Client(this.#service.address);
  }
}

/** A path for a database that goes with its directory. */
export class TemporaryFile {
  readonly directory = mkdtempSync(join(tmpdir(), 'opd-test-'));
  readonly path = join(this.directory, 'opd.sqlite');

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
