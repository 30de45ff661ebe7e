import { bindingFor, Database } from '../../../src/store/sqlite/binding.js';

test.each([
  { node: '20.20.2', nodeApi: 9, binding: 'better-sqlite3' },
  { node: '22.13.0', nodeApi: 9, binding: 'better-sqlite3' },
  { node: '22.14.0', nodeApi: 10, binding: 'better-sqlite3-13' },
  { node: '26.0.0', nodeApi: 11, binding: 'better-sqlite3-13' },
])('Node.js $node, with Node-API $nodeApi, gets $binding', ({ nodeApi, binding }) => {
  expect(bindingFor(nodeApi)).toBe(binding);
});

test('the binding of this Node.js survives garbage collections that find statements nobody uses', () => {
  const database = new Database(':memory:');
  for (let i = 0; i < 20_000; i++) database.prepare('SELECT ?').get(i);
  expect(database.prepare('SELECT 7').pluck().get()).toBe(7);
  database.close();
});
