// Measures mappers against each other, to finished objects in the client:
//
//	node bench.mjs [--rounds N] [--only W4,W5] > orms.tsv
//
// Medians of rounds in which the variants of a workload take turns. Answers are
// compared first.
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { settings } from './connection.mjs';
import { backends, heading, line, option, takeTurns, warm } from './measure.mjs';
import { shape, workloads } from './workloads.mjs';

const rounds = Number(option('--rounds', 9));
const only = option('--only', Object.keys(workloads).join()).split(',');

const control = new pg.Client(settings);
await control.connect();

const mappers = [];
for (const file of (await readdir(new URL('mappers', import.meta.url))).sort()) {
	const before = await backends(control);
	const mapper = await (await import(`./mappers/${file}`)).open();
	const first = Object.values(mapper.variants)[0];
	await first('W4', workloads.W4);
	mapper.pids = (await backends(control)).filter((pid) => !before.includes(pid));
	mappers.push(mapper);
}

let wrong = 0;

// all variants of a workload, compared and warm
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
			await warm(run);
			runs.push(run);
		}
	return runs;
}

console.log(heading);
for (const name of only) {
	const runs = await prepare(name);
	await takeTurns(runs, rounds);
	for (const run of runs) console.log(line(name, workloads[name].title, run));
}
for (const mapper of mappers) await mapper.close();
await control.end();
process.exitCode = wrong > 0 ? 1 : 0;
