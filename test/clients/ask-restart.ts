/** Asks the restart desk at a port for a restart, and waits for it. */
import { connect } from 'node:net';

let said = '';
connect(Number(process.argv[2]), '127.0.0.1')
  .setEncoding('utf8')
  .on('data', (text: string) => {
    said += text;
  })
  .on('close', () => process.exit(said === 'done' ? 0 : 1));
