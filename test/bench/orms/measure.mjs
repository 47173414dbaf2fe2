// How a call is measured: wall time, the client's CPU time and the server's, apart.
import { readFileSync } from 'node:fs';

const least = 40; // milliseconds that a sample should take

export const option = (name, value) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : value);

// connections of the database other than the caller's
export const backends = async (control) =>
	(await control.query('SELECT pid FROM pg_stat_activity WHERE backend_type = \'client backend\' AND pid <> pg_backend_pid()')).rows.map((r) => r.pid);

// nanoseconds on a CPU; a mapper that has let go of its connection and made another is an error
const serverTime = (pids) => pids.reduce((sum, pid) => sum + Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]), 0);

async function sample(run) {
	const server = serverTime(run.mapper.pids);
	const cpu = process.cpuUsage();
	const wall = process.hrtime.bigint();
	for (let i = 0; i < run.repeat; i++) await run.call();
	const spent = process.cpuUsage(cpu);
	return {
		wall: Number(process.hrtime.bigint() - wall) / 1e6 / run.repeat,
		client: (spent.user + spent.system) / 1e3 / run.repeat,
		server: (serverTime(run.mapper.pids) - server) / 1e6 / run.repeat,
	};
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

// so many runs a sample that it is long enough
export async function warm(run) {
	for (let i = 0; i < 2; i++) await run.call();
	const { wall } = await sample(run);
	run.repeat = 1 + Math.floor(least / wall);
	// what takes seconds differs little from round to round
	run.rounds = wall > 1000 ? 3 : Infinity;
}

// variants of a workload take turns, each round in another order; "before" is not timed
export async function takeTurns(runs, rounds, before = async () => {}) {
	for (let round = 0; round < rounds; round++)
		for (let i = 0; i < runs.length; i++) {
			const run = runs[(i + round) % runs.length];
			if (round >= run.rounds) continue;
			await before();
			global.gc?.();
			run.samples.push(await sample(run));
		}
}

export const heading = ['workload', 'title', 'kind', 'variant', 'wall_ms', 'client_ms', 'server_ms'].join('\t');

export function line(name, title, run) {
	const times = ['wall', 'client', 'server'].map((what) => median(run.samples.map((s) => s[what])).toFixed(3));
	return [name, title, run.mapper.kind, run.variant, ...times].join('\t');
}
