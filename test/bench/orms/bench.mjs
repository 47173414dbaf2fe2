// Measures mappers against each other, to finished objects in the client:
//
//	node bench.mjs [--rounds N] [--only W4,W5] > orms.tsv
//
// Wall time, the client's CPU time and the server's, apart; medians of rounds in
// which the variants of a workload take turns. Answers are compared first.
import { readdir } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { settings } from './connection.mjs';
import { shape, workloads } from './workloads.mjs';

const option = (name, value) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : value);
const rounds = Number(option('--rounds', 9));
const only = option('--only', Object.keys(workloads).join()).split(',');
const least = 40; // milliseconds that a sample should take

const control = new pg.Client(settings);
await control.connect();
const backends = async () =>
	(await control.query('SELECT pid FROM pg_stat_activity WHERE backend_type = \'client backend\' AND pid <> pg_backend_pid()')).rows.map((r) => r.pid);

const mappers = [];
for (const file of (await readdir(new URL('mappers', import.meta.url))).sort()) {
	const before = await backends();
	const mapper = await (await import(`./mappers/${file}`)).open();
	const first = Object.values(mapper.variants)[0];
	await first('W4', workloads.W4);
	mapper.pids = (await backends()).filter((pid) => !before.includes(pid));
	mappers.push(mapper);
}

// nanoseconds on a CPU; a mapper that has let go of its connection and made another is an error
const serverTime = (mapper) =>
	mapper.pids.reduce((sum, pid) => sum + Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]), 0);

async function sample(run) {
	const server = serverTime(run.mapper);
	const cpu = process.cpuUsage();
	const wall = process.hrtime.bigint();
	for (let i = 0; i < run.repeat; i++) await run.call();
	const spent = process.cpuUsage(cpu);
	return {
		wall: Number(process.hrtime.bigint() - wall) / 1e6 / run.repeat,
		client: (spent.user + spent.system) / 1e3 / run.repeat,
		server: (serverTime(run.mapper) - server) / 1e6 / run.repeat,
	};
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
let wrong = 0;

// all variants of a workload, compared, warm, and with as many runs a sample as make it long enough
async function prepare(name) {
	const runs = [];
	let expected;
	for (const mapper of mappers)
		for (const [variant, call] of Object.entries(mapper.variants)) {
			const run = { mapper, variant, samples: [], repeat: 1, call: () => call(name, workloads[name]) };
			const got = shape(await run.call());
			expected ??= got;
			if (got !== expected) {
				wrong++;
				console.error(`bench: ${name}: ${mapper.kind} ${variant} differs`, got.slice(0, 200), expected.slice(0, 200));
			}
			for (let i = 0; i < 2; i++) await run.call();
			run.repeat = 1 + Math.floor(least / (await sample(run)).wall);
			runs.push(run);
		}
	return runs;
}

console.log(['workload', 'title', 'kind', 'variant', 'wall_ms', 'client_ms', 'server_ms'].join('\t'));
for (const name of only) {
	const runs = await prepare(name);
	for (let round = 0; round < rounds; round++)
		for (let i = 0; i < runs.length; i++) {
			const run = runs[(i + round) % runs.length];
			global.gc?.();
			run.samples.push(await sample(run));
		}
	for (const run of runs) {
		const times = ['wall', 'client', 'server'].map((what) => median(run.samples.map((s) => s[what])).toFixed(3));
		console.log([name, workloads[name].title, run.mapper.kind, run.variant, ...times].join('\t'));
	}
}
for (const mapper of mappers) await mapper.close();
await control.end();
process.exitCode = wrong > 0 ? 1 : 0;
