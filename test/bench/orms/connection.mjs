// One connection each, through the variables that libpq reads.
const socket = process.env.PGHOST;
const port = Number(process.env.PGPORT ?? 5432);
const user = process.env.PGUSER ?? 'postgres';
const database = process.env.PGDATABASE ?? user;

export const settings = { host: socket, port, user, database, options: '-c search_path=bench' };
export const url = `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(socket)}`;
