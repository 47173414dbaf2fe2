// Calls orm as a JavaScript program does: node-pg, extended protocol, parameters
// without a type. Speaks TAP. PGHOST, PGDATABASE and so on name the server.
import assert from 'node:assert/strict';
import pg from 'pg';

let number = 0;
let failed = 0;

async function check(name, run) {
  number += 1;
  try {
    await run();
    console.log(`ok ${number} - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${number} - ${name}`);
    const text = [error.message, error.code, error.detail, error.hint].filter(Boolean).join('\n');
    console.log(text.replace(/^/gm, '# '));
  }
}

const client = new pg.Client();
await client.connect();

// The one value that a call gives; of a set, all of them.
async function value(sql, ...params) {
  const { rows } = await client.query({ text: sql, values: params, rowMode: 'array' });
  return rows[0]?.[0];
}

async function values(sql, ...params) {
  const { rows } = await client.query({ text: sql, values: params, rowMode: 'array' });
  return rows.map((row) => row[0]);
}

async function fails(code, sql, ...params) {
  await assert.rejects(client.query(sql, params), (error) => {
    assert.equal(error.code, code, `${error.code}: ${error.message}`);
    return true;
  });
}

await client.query(`
  CREATE SCHEMA js;
  CREATE TABLE js.users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, active boolean NOT NULL,
    score numeric, born date, seen timestamptz, tags text[] NOT NULL DEFAULT '{}', extra jsonb, photo bytea);
  CREATE TABLE js.posts (id uuid PRIMARY KEY, user_id bigint NOT NULL REFERENCES js.users, title text NOT NULL);
  CREATE INDEX ON js.posts (user_id);
  CREATE TABLE js.seats (line int, seat varchar(3), user_id bigint REFERENCES js.users, PRIMARY KEY (line, seat));
  CREATE INDEX ON js.seats (user_id);
  INSERT INTO js.users (name, active, score, born, seen, tags, extra, photo) VALUES
    ('Ada', true, 9.50, '1815-12-10', '2024-01-01 00:00+00', '{a,b}', '{"n": 1}', '\\x00ff'),
    ('Alan', true, 9007199254740993, '1912-06-23', NULL, '{}', NULL, NULL),
    ('O''Hara "x"', false, NULL, NULL, NULL, '{}', '[]', NULL);
  INSERT INTO js.posts SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 1 + n % 2, 'post ' || n FROM generate_series(1, 5) n;
  INSERT INTO js.seats VALUES (1, 'A', 1), (1, 'B', 2), (2, 'A', NULL);
  SELECT orm.reflect('js');
`);

const uuid = '00000000-0000-0000-0000-000000000002';

for (const [type, key] of [['number', 1], ['string', '1'], ['bigint', 1n]]) {
  await check(`find by a ${type}`, async () => {
    const user = await value('SELECT orm.find($1, $2)', 'users', key);
    assert.equal(user.id, 1);
    assert.equal(user.name, 'Ada');
    assert.deepEqual(user.tags, ['a', 'b']);
    assert.deepEqual(user.extra, { n: 1 });
  });
}

await check('find by a uuid, with its relation', async () => {
  const post = await value('SELECT orm.find($1, $2, $3)', 'posts', uuid, { load: ['user'] });
  assert.equal(post.title, 'post 2');
  assert.equal(post.user.name, 'Ada');
});

await check('find by a composite key, as an object and as text', async () => {
  for (const key of [{ line: 1, seat: 'B' }, JSON.stringify({ line: 1, seat: 'B' })]) {
    const seat = await value('SELECT orm.find($1, $2)', 'seats', key);
    assert.equal(seat.user_id, 2);
  }
});

await check('a key that nobody has, and null, find nothing', async () => {
  assert.equal(await value('SELECT orm.find($1, $2)', 'users', 99), null);
  assert.equal(await value('SELECT orm.find($1, $2)', 'users', null), null);
});

await check('a key that does not fit is 22P02', () => fails('22P02', 'SELECT orm.find($1, $2)', 'users', 'Ada'));

await check('fetch with a document', async () => {
  const users = await values('SELECT orm.fetch($1, $2)', 'users', {
    where: { active: true }, order: ['-id'], select: ['id', 'name'], load: { posts: { select: ['title'], order: ['title'] } },
  });
  assert.deepEqual(users, [
    { id: 2, name: 'Alan', posts: [{ title: 'post 1' }, { title: 'post 3' }, { title: 'post 5' }] },
    { id: 1, name: 'Ada', posts: [{ title: 'post 2' }, { title: 'post 4' }] },
  ]);
});

await check('fetch with two clauses', async () => {
  const users = await values('SELECT orm.fetch($1, $2, $3)', 'users', { where: { active: true }, order: ['id'] }, { select: ['name'], limit: 1 });
  assert.deepEqual(users, [{ name: 'Ada' }]);
});

await check('fetch from the select list of FROM', async () => {
  const { rows } = await client.query(`SELECT entity->>'name' AS name FROM orm.fetch($1, $2)`, ['users', { order: ['name'] }]);
  assert.deepEqual(rows.map((row) => row.name).sort(), ['Ada', 'Alan', 'O\'Hara "x"']);
});

await check('list is one array, and empty when there is none', async () => {
  assert.deepEqual(await value('SELECT orm.list($1, $2)', 'users', { order: ['id'], select: ['id'] }), [{ id: 1 }, { id: 2 }, { id: 3 }]);
  assert.deepEqual(await value('SELECT orm.list($1, $2)', 'users', { where: { id: 99 } }), []);
});

await check('first, count, exists', async () => {
  assert.deepEqual(await value('SELECT orm.first($1, $2)', 'users', { order: ['-id'], select: ['id'] }), { id: 3 });
  assert.equal(await value('SELECT orm.count($1)', 'users'), '3');
  assert.equal(await value('SELECT orm.count($1, $2)', 'users', { where: { active: false } }), '1');
  assert.equal(await value('SELECT orm.exists($1, $2)', 'users', { where: { name: 'Ada' } }), true);
});

for (const [type, property, given] of [
  ['string', 'name', 'Ada'], ['number', 'score', 9.5], ['boolean', 'active', true], ['Date', 'seen', new Date('2024-01-01T00:00:00Z')],
]) {
  await check(`builder orm.where with a ${type}`, async () => {
    const users = await values('SELECT orm.fetch($1, orm.where($2, $3), orm.order($4))', 'users', property, given, 'id');
    assert.equal(users[0].name, 'Ada');
  });
}

await check('a value is never grammar', async () => {
  for (const name of ['O\'Hara "x"', '{"$ne": null}', "'; DROP TABLE js.users; --"]) {
    const count = await value('SELECT orm.count($1, orm.where($2, $3))', 'users', 'name', name);
    assert.equal(count, name.startsWith('O') ? '1' : '0');
  }
});

await check('a list as a parameter', async () => {
  const users = await values('SELECT orm.fetch($1, orm.where($2, $3, $4), orm.order($5))', 'users', 'id', 'in', [1, 3], 'id');
  assert.deepEqual(users.map((user) => user.id), [1, 3]);
});

await check('with, limit and select take parameters', async () => {
  const users = await values('SELECT orm.fetch($1, orm.order($2), orm.limit($3), orm.select($4), orm.with($5, orm.limit($6)))',
    'users', 'id', 1, 'id', 'posts', 1);
  assert.equal(users.length, 1);
  assert.equal(users[0].posts.length, 1);
});

await check('a named statement, run again with other values', async () => {
  for (const [id, name] of [[1, 'Ada'], [2, 'Alan']]) {
    const { rows } = await client.query({ name: 'by id', text: 'SELECT orm.find($1, $2) AS entity', values: ['users', id] });
    assert.equal(rows[0].entity.name, name);
  }
});

await check('an unknown relation is 42703, with place and hint', async () => {
  await assert.rejects(client.query('SELECT orm.fetch($1, $2)', ['users', { load: ['post'] }]), (error) => {
    assert.equal(error.code, '42703');
    assert.match(error.detail, /At \/load/);
    assert.match(error.hint, /posts/);
    return true;
  });
});

await check('an unknown entity is 42704', () => fails('42704', 'SELECT orm.fetch($1)', 'user'));
await check('a clause that is null is 22004', () => fails('22004', 'SELECT orm.fetch($1, $2)', 'users', null));

await client.end();
console.log(`1..${number}`);
process.exit(failed ? 1 : 0);
