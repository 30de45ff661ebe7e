/** Colour, where it is wanted. */
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

export type Paint = (format: Format, text: string) => string;

export const plain: Paint = (_format, text) => text;

/** Whoever calls this has made sure that the reader is a terminal. */
export const colourful: Paint = (format, text) => styleText(format, text, { validateStream: false });
