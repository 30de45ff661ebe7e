/** Where the database is, for every command that needs one. */
import { Option } from 'commander';

/** @param says what the database is to the command */
export function dataOption(says: string): Option {
  return new Option('--data <database>', says).env('OPD_DATA').default('data/opd.sqlite');
}
