# Walks through generated orders page by page, forward and backward, while rows
# elsewhere in the order come and go: each row that stays is met exactly once,
# in order. Cursors that are none are refused before any query.
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Schema;
use OrmTest::Server;

my $walks = 25;

# ---- tables ----

sub column_type { return type_named(pick(grep { !type_named($_)->{none} } type_names('order'))) }

# Few values, so that many rows have the same.
sub pool
{
	my ($type, $notnull) = @_;
	my @pool = map { random_value($type) } 1 .. between(1, 4);
	push @pool, undef if !$notnull;
	return \@pool;
}

sub table
{
	my ($schema, $name, $rows, $target) = @_;
	my @columns = map { my $notnull = chance(40); my $type = column_type(); { name => "c$_", type => $type, notnull => $notnull, pool => pool($type, $notnull) } } 1 .. 6;
	my $sql = "CREATE TABLE $schema.$name (id int PRIMARY KEY, stays bool NOT NULL, " . ($target ? "up_id int REFERENCES $schema.$target, " : '') .
	  join(', ', map { "$_->{name} $_->{type}{sql}" . ($_->{notnull} ? ' NOT NULL' : '') } @columns) . ");\n";
	for my $id (shuffled(1 .. $rows))
	{
		my @values = ($id, chance(70) ? 'true' : 'false', $target ? pick('NULL', 1 .. 5) : (), map { literal(pick(@{ $_->{pool} })) } @columns);
		$sql .= "INSERT INTO $schema.$name VALUES (" . join(', ', @values) . ");\n";
	}
	$sql .= "CREATE INDEX ON $schema.$name (" . join(', ', map { $_->{name} } (shuffled(@columns))[ 0, 1 ]) . ");\n" if chance(60);
	return ($sql, @columns);
}

# ---- orders ----

# What can be ordered by, as pairs of path and SQL.
sub choices
{
	my ($schema, $own, $up) = @_;
	return ((map { [ $_->{name}, "t.$_->{name}" ] } @$own), [ 'id', 't.id' ], [ 'twice', 't.id % 5' ],
		(map { [ "up.$_->{name}", "(SELECT u.$_->{name} FROM $schema.up u WHERE u.id = t.up_id)" ] } @$up),
		[ 'up.id', '(SELECT u.id FROM ' . $schema . '.up u WHERE u.id = t.up_id)' ]);
}

# A list for a document, and the same as SQL.
sub random_order
{
	my (@choices) = @_;
	my (@items, @sql);
	for my $choice ((shuffled(@choices))[ 0 .. between(0, 3) - 1 ])
	{
		my ($path, $sql) = @$choice;
		my $down = chance(50);
		my $nulls = pick('', '', 'nulls first', 'nulls last');
		push @items, $nulls ? { $path => ($down ? 'desc' : 'asc') . " $nulls" } : ($down ? "-$path" : $path);
		push @sql, "$sql " . ($down ? 'DESC' : 'ASC') . ' ' . uc $nulls;
	}
	return (\@items, join ', ', @sql, 't.id');
}

my $functions = <<'SQL';
CREATE FUNCTION orm_test.ids(page json) RETURNS int[] LANGUAGE sql AS $f$
	SELECT coalesce(array_agg((i->>'id')::int ORDER BY n), '{}') FROM json_array_elements(page->'items') WITH ORDINALITY AS e(i, n)
$f$;

-- the settings of one request are not those of the next
CREATE FUNCTION orm_test.other_settings() RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	PERFORM set_config('datestyle', (ARRAY['ISO', 'SQL, DMY', 'German', 'Postgres, MDY'])[1 + floor(random() * 4)], true),
		set_config('intervalstyle', (ARRAY['postgres', 'iso_8601', 'sql_standard', 'postgres_verbose'])[1 + floor(random() * 4)], true),
		set_config('timezone', (ARRAY['UTC', 'America/St_Johns', 'Asia/Kolkata'])[1 + floor(random() * 3)], true),
		set_config('bytea_output', (ARRAY['hex', 'escape'])[1 + floor(random() * 2)], true),
		set_config('extra_float_digits', (ARRAY['-5', '0', '1', '3'])[1 + floor(random() * 4)], true);
END $f$;

-- a row goes, another comes: neither of those that stay, and no number comes back
CREATE SEQUENCE orm_test.new_id START 1000;
CREATE FUNCTION orm_test.disturb(source text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	EXECUTE format('DELETE FROM %s WHERE id = (SELECT id FROM %1$s WHERE NOT stays ORDER BY random() LIMIT 1)', source);
	EXECUTE format('CREATE TEMPORARY TABLE one ON COMMIT DROP AS SELECT * FROM %s ORDER BY random() LIMIT 1', source);
	EXECUTE format('UPDATE one SET stays = false, id = nextval(''orm_test.new_id'')');
	EXECUTE format('INSERT INTO %s SELECT * FROM one', source);
	DROP TABLE one;
END $f$;

-- what is wrong with a page, or NULL
CREATE FUNCTION orm_test.fault(page json, most int, forward bool) RETURNS text LANGUAGE sql AS $f$
	SELECT CASE
		WHEN json_array_length(page->'items') > most THEN 'too many items'
		WHEN (page->>'has_next')::bool <> (page->>'next' IS NOT NULL) THEN 'has_next'
		WHEN (page->>'has_prev')::bool <> (page->>'prev' IS NOT NULL) THEN 'has_prev'
		WHEN json_array_length(page->'items') < most AND (page->>CASE WHEN forward THEN 'has_next' ELSE 'has_prev' END)::bool THEN 'a short page with more behind it'
		WHEN (page->>'total')::int <> 0 AND json_array_length(page->'items') = 0 AND page->>'page' IS NOT NULL THEN 'no items'
	END
$f$;

-- all pages from one end to the other; raises for a page that is wrong in itself
CREATE FUNCTION orm_test.walk(entity text, document jsonb, forward bool, disturbed text) RETURNS int[] LANGUAGE plpgsql AS $f$
DECLARE
	page json;
	met int[] := '{}';
	most int := (document->>'limit')::int;
	extra jsonb := '{}';
	last text;
BEGIN
	IF NOT forward THEN
		-- from behind the last row, which is where the last page is followed by none
		page := orm.paginate(entity, document, '{"limit": 1000}', '{"page": 1}');
		met := orm_test.ids(page);
		IF cardinality(met) = 0 THEN RETURN met; END IF;
		met := met[cardinality(met):];
		page := orm.paginate(entity, document, '{"limit": 1}', jsonb_build_object('page', (orm.count(entity, document - 'limit'))::int));
		IF orm_test.ids(page) <> met THEN RAISE 'the last page is %, not %', orm_test.ids(page), met; END IF;
		IF page->>'prev' IS NULL THEN RETURN met; END IF;
		extra := jsonb_build_object('before', page->>'prev');
	END IF;
	LOOP
		PERFORM orm_test.other_settings();
		page := orm.paginate(entity, document, extra);
		last := orm_test.fault(page, most, forward);
		IF last IS NOT NULL THEN RAISE '%: % % %', last, document, extra, page; END IF;
		-- fetch says the same, where it promises an order
		IF (document ? 'order' OR extra <> '{}') AND array(SELECT (e->>'id')::int FROM orm.fetch(entity, document, extra) AS f(e)) <> orm_test.ids(page) THEN
			RAISE 'fetch gives other rows: % %', document, extra;
		END IF;
		met := CASE WHEN forward THEN met || orm_test.ids(page) ELSE orm_test.ids(page) || met END;
		IF disturbed IS NOT NULL THEN PERFORM orm_test.disturb(disturbed); END IF;
		last := page->>CASE WHEN forward THEN 'next' ELSE 'prev' END;
		EXIT WHEN last IS NULL;
		extra := jsonb_build_object(CASE WHEN forward THEN 'after' ELSE 'before' END, last);
	END LOOP;
	RETURN met;
END $f$;

CREATE FUNCTION orm_test.check_walk(label text, entity text, source text, document jsonb, forward bool, disturbed bool, condition text, sort text) RETURNS json LANGUAGE plpgsql AS $f$
DECLARE
	wanted int[];
	met int[];
BEGIN
	EXECUTE format('SELECT coalesce(array_agg(t.id ORDER BY %s), ''{}'') FROM %s t WHERE stays AND %s', sort, source, condition) INTO wanted;
	met := orm_test.walk(entity, document, forward, CASE WHEN disturbed THEN source END);
	IF cardinality(met) <> (SELECT count(DISTINCT m) FROM unnest(met) m) THEN
		RETURN json_build_array(label, 'met twice', met);
	END IF;
	EXECUTE format('SELECT coalesce(array_agg(m ORDER BY n), ''{}'') FROM unnest($1) WITH ORDINALITY AS u(m, n) WHERE m = ANY ($2)') INTO met USING met, wanted;
	RETURN json_build_array(label, CASE WHEN met = wanted THEN 'same' ELSE 'different' END, wanted, met);
EXCEPTION WHEN OTHERS THEN
	RETURN json_build_array(label, SQLSTATE, SQLERRM);
END $f$;
SQL

sub walk_check
{
	my ($label, $schema, $own, $up) = @_;
	my ($order, $sort) = random_order(choices($schema, $own, $up));
	my %document = (limit => \(between(1, 7) . ''));
	$document{order} = $order if @$order;
	my $condition = 'true';
	if (chance(40))
	{
		# a group of its own: "or" must not reach across the keyset
		$document{where} = { '$or' => [ { id => { '$gt' => \'10' } }, { id => { '$lt' => \'5' } } ] };
		$condition = '(t.id > 10 OR t.id < 5)';
	}
	my ($forward, $disturbed) = map { chance(50) ? 'true' : 'false' } 1 .. 2;
	my $text = json(\%document);
	return "BEGIN; SELECT orm_test.check_walk(" .
	  join(', ', literal("$label $text forward $forward disturbed $disturbed"), literal("$schema.t"), literal("$schema.t"), literal($text), $forward, $disturbed, literal($condition), literal($sort)) .
	  "); ROLLBACK;\n";
}

my $server = start_server();
my (undef, $err) = run_script($server, types_sql() . $functions);
is($err, '', 'types and functions are there');

for my $seed (first_seed() .. first_seed() + rounds(8) - 1)
{
	seed_random($seed);
	my $schema = "k$seed";
	my ($up_sql, @up) = table($schema, 'up', 5);
	my ($own_sql, @own) = table($schema, 't', pick(0, 1, 20, 20, 40), 'up');
	(undef, $err) = run_script($server, "SET client_min_messages = warning;\nCREATE SCHEMA $schema;\n$up_sql$own_sql" .
		"SELECT FROM orm.entity('$schema.up', '$schema.up'), orm.entity('$schema.t', '$schema.t') t, orm.property('$schema.t', 'twice', expression => 'id % 5');\n");
	is($err, '', "seed $seed: the tables are made") or next;
	my @checks = map { walk_check("seed $seed walk $_", $schema, \@own, \@up) } 1 .. $walks;
	(my $rows, $err) = run_script($server, join '', "SELECT FROM setseed(0.$seed);\n", @checks);
	my @different = grep { $_->[1] ne 'same' } @$rows;
	is($err, '', "seed $seed: the session lives");
	ok(@$rows == @checks && !@different, "seed $seed: $walks walks meet each row once, in order")
	  or diag(join "\n", scalar(@$rows) . ' walks, ' . @different . ' different', map { JSON::PP->new->ascii->encode($_) } splice @different, 0, 4);
}

# ---- what is no cursor ----

(my $rows, $err) = run_script($server, <<'SQL');
SET client_min_messages = warning;
CREATE SCHEMA f;
CREATE TABLE f.a (id int PRIMARY KEY, n text, day date);
CREATE TABLE f.b (id int PRIMARY KEY, n text, day date);
INSERT INTO f.a SELECT i, 'n' || i, '2024-01-01'::date + i FROM generate_series(1, 9) i;
INSERT INTO f.b SELECT * FROM f.a;
SELECT FROM orm.entity('a', 'f.a') a, orm.entity('b', 'f.b') b;
CREATE TABLE f.token AS
	SELECT orm.paginate('a', '{"limit": 2}')->>'next' AS by_key,
		orm.paginate('a', '{"limit": 2, "order": ["n"]}')->>'next' AS by_n,
		orm.paginate('a', '{"limit": 2, "order": ["day"]}')->>'next' AS by_day,
		orm.paginate('b', '{"limit": 2, "order": ["n"]}')->>'next' AS of_b;
-- from here on a query that reads the table fails, and differently
CREATE FUNCTION f.fails() RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN RAISE 'a query ran'; END $f$;
CREATE ROLE reader;
GRANT USAGE ON SCHEMA f, orm, orm_test TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA f TO reader;
ALTER TABLE f.a ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON f.a USING (f.fails());
CREATE FUNCTION orm_test.answer(token text, sort jsonb) RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
	PERFORM orm.paginate('a', jsonb_build_object(CASE WHEN random() < 0.5 THEN 'after' ELSE 'before' END, token, 'order', sort));
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $f$;
-- the token of one row with other values, checksum and all; uuid_hash sums 16 bytes as the checksum does
CREATE FUNCTION orm_test.forge(token text, payload bytea) RETURNS text LANGUAGE sql AS $f$
	SELECT rtrim(translate(encode(substr(decode(translate(substr(token, 1, 12), '-_', '+/'), 'base64'), 1, 9) ||
		int4send(uuid_hash(encode(payload, 'hex')::uuid)) || payload, 'base64'), E'+/\n', '-_'), '=')
$f$;
SET ROLE reader;
SELECT json_build_array('true', orm_test.answer(by_key, '[]')) FROM f.token;
SELECT json_build_array('forged', orm_test.answer(orm_test.forge(by_key, int4send(12) || '000000000003'), '[]')) FROM f.token;
SELECT json_build_array('cut', orm_test.answer(left(t, n), s)) FROM f.token, LATERAL (VALUES (by_key, '[]'::jsonb), (by_n, '["n"]'), (by_day, '["day"]')) v(t, s), generate_series(0, length(t) - 1) n;
SELECT json_build_array('longer', orm_test.answer(by_n || e, '["n"]')) FROM f.token, unnest(ARRAY['A', 'AA', 'AAA', 'AAAA', '=', '==', ' ', E'\n', repeat('A', 100000)]) e;
SELECT json_build_array('changed', orm_test.answer(overlay(by_n PLACING c FROM n), '["n"]'))
	FROM f.token, generate_series(1, length(by_n)) n, unnest(ARRAY['A', '_', 'é', '%']) c WHERE substr(by_n, n, 1) <> c;
SELECT json_build_array('random', orm_test.answer(translate(encode(decode(string_agg(md5(n::text || m), ''), 'hex'), 'base64'), E'+/=\n', '-_'), '["n"]'))
	FROM f.token, generate_series(1, 40) n, generate_series(0, n % 4) m GROUP BY n;
SELECT json_build_array('no token', orm_test.answer(t, '["n"]')) FROM unnest(ARRAY['', '%%%', '{}', '["n2",2]', 'null', 'eyJuIjoxfQ', 'AQ']) t;
SELECT json_build_array('other order', orm_test.answer(t, s)) FROM f.token, LATERAL (VALUES (by_key, '["n"]'::jsonb), (by_n, '["-n"]'), (by_n, '[{"n": "asc nulls first"}]'), (by_n, '["n", "day"]'), (by_n, '[]'), (by_n, '["day"]'), (by_day, '["n"]')) v(t, s);
SELECT json_build_array('other entity', orm_test.answer(of_b, '["n"]')) FROM f.token;
SELECT json_build_array('no number', orm_test.answer(orm_test.forge(by_key, int4send(12) || v), '[]')) FROM f.token, unnest(ARRAY['123456789012', 'notanumber!!', '1; SELECT 1 ', '$1          ']::bytea[]) v;
SELECT json_build_array('no text', orm_test.answer(orm_test.forge(by_key, int4send(12) || v), '[]')) FROM f.token, unnest(ARRAY['\xffffffffffffffffffffffff', '\x310000000000000000000000']::bytea[]) v;
SELECT json_build_array('arity', orm_test.answer(orm_test.forge(by_key, v), '[]')) FROM f.token, unnest(ARRAY[int4send(1) || '1' || int4send(7) || '1234567', int4send(4) || '0001' || repeat(' ', 8)::bytea,
	int4send(13) || '123456789012', int4send(-1) || '123456789012', int4send(-2) || '123456789012', int4send(2147483647) || '123456789012']) v;
SELECT json_build_array('arity', orm_test.answer(orm_test.forge(by_n, v), '["n"]')) FROM f.token, unnest(ARRAY[int4send(12) || '123456789012', int4send(11) || '123456789012']) v;
SQL
is($err, '', 'all tokens were answered');
my (%count, @taken);
for my $row (@$rows)
{
	my ($kind, $answer) = @$row;
	$count{$kind}++;
	my $want = $kind eq 'true' || $kind eq 'forged' ? qr/^P0001 a query ran$/ : qr/^22023 invalid cursor$/;
	push @taken, "$kind: $answer" if $answer !~ $want;
}
is_deeply(\@taken, [], 'a true token reaches the table, and so does one that was well made up; no other');
cmp_ok($count{$_} // 0, '>', 0, "$_ was tried") for 'true', 'forged', 'cut', 'longer', 'changed', 'random', 'no token', 'other order', 'other entity', 'no number', 'no text', 'arity';

$server->stop;
done_testing();
