/** A checked value: same bits as `Base`, but only a parser may say that it is one. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name };
