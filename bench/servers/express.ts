/**
 * The design that this engine replaces, kept for comparison: Express and JSON, everything in memory, nothing durable, each slot
 * sorted anew for every token.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';

const PRIORITY: Record<string, number> = { EMERGENCY: 100, PAID: 80, FOLLOW_UP: 60, ONLINE: 40, WALK_IN: 20 };

interface Token {
  id: string;
  number: number;
  slotId: string;
  source: string;
  priority: number;
  status: 'ACTIVE' | 'WAITING' | 'DISPLACED';
  patientRef: string;
  createdAt: string;
  updatedAt: string;
}

const slots = new Map<string, { id: string; capacity: number; tokens: Token[] }>();

const app = express();
app.use(express.json());

app.post('/slots', (request, response) => {
  const slot = { id: randomUUID(), capacity: request.body.capacity as number, tokens: [] };
  slots.set(slot.id, slot);
  response.status(201).json({ id: slot.id, capacity: slot.capacity });
});

app.post('/slots/:id/tokens', (request, response) => {
  const slot = slots.get(request.params.id);
  const { source, patientRef } = request.body;
  const priority = PRIORITY[source];
  if (!slot || priority === undefined) {
    response.status(400).json({ error: 'bad request' });
    return;
  }
  const now = new Date().toISOString();
  const active = slot.tokens
    .filter((token) => token.status === 'ACTIVE')
    .sort((a, b) => a.priority - b.priority || b.number - a.number);
  const weakest = active[0];
  const displaces = active.length >= slot.capacity && weakest !== undefined && weakest.priority < priority;
  if (displaces) Object.assign(weakest, { status: 'DISPLACED', updatedAt: now });
  const token: Token = {
    id: randomUUID(),
    number: slot.tokens.length + 1,
    slotId: slot.id,
    source,
    priority,
    status: displaces || active.length < slot.capacity ? 'ACTIVE' : 'WAITING',
    patientRef,
    createdAt: now,
    updatedAt: now,
  };
  slot.tokens.push(token);
  response.status(201).json({ token, displaced: displaces ? weakest : null });
});

const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on  127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
