/** The little of the library's interface that is used here. */
declare module 'cli-progress' {
  interface Options {
    readonly format?: string;
    readonly stream?: NodeJS.WritableStream;
    /** Leaves no bar behind. */
    readonly clearOnComplete?: boolean;
    /** Takes SIGINT to put the terminal right. */
    readonly gracefulExit?: boolean;
  }

  /** Draws nothing where its stream is no terminal. */
  class SingleBar {
    constructor(options: Options, preset: object);
    start(total: number, value: number, payload?: object): void;
    setTotal(total: number): void;
    update(value: number, payload?: object): void;
    stop(): void;
  }

  const progress: { SingleBar: typeof SingleBar; Presets: { readonly shades_classic: object } };
  export default progress;
}
