# Values of every type, saved as find gives them: the row has the image that SQL
# would have given it, and saved again it is not touched.
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Server;

# written down as to_json writes them; NULL is added to each
my %special = (
	int8 => [ '9007199254740993', '-9223372036854775808', '9223372036854775807' ],
	numeric => [ '1.10', '1.1', '0.00', '-0.1', '123456789012345678901234567890.123456789', 'NaN', 'Infinity', '-Infinity', '1e30' ],
	float8 => [ '-0', 'NaN', 'Infinity', '-Infinity', '0.1', '4.9406564584124654e-324' ],
	timestamptz => [ 'infinity', '-infinity', '2024-02-29 23:59:59.999999+05:30', '0044-03-15 10:00:00+00 BC', '1883-11-18 12:03:58+00' ],
	timestamp => [ 'infinity', '-infinity', '294276-12-31 23:59:59.999999' ],
	date => [ 'infinity', '-infinity', '0044-03-15 BC', '5874897-12-31' ],
	jsonb => [ 'null', '"null"', '[null, {"a": {}}]', '12345678901234567890.0100', '"\u0041"' ],
	json => [ 'null', '{"b" :1,  "a":1.0, "b": 2 }', '"\u0041"' ],
	text => [ '', 'null', '{"$inc": 1}', "a\nb\\n" ],
	bytea => [ '\\x', '\\x00ff' ],
	ints => [ '{}', '{NULL}' ],
	texts => [ '{}', '{NULL,"NULL",""}' ],
);

my $server = start_server(q{timezone = 'Asia/Kolkata'});
my (undef, $err) = run_script($server, <<'SQL');
CREATE SCHEMA orm_test;
CREATE TYPE orm_test.mood AS ENUM ('sad', 'ok', 'a "b"', 'Émile');
CREATE DOMAIN orm_test.positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN orm_test.label AS varchar(40);
CREATE DOMAIN orm_test.numbers AS integer[];
CREATE TYPE orm_test.pair AS (one integer, "t w" text);
CREATE FUNCTION orm_test.saved(type text) RETURNS SETOF json LANGUAGE plpgsql AS $f$
DECLARE
	name text := 'v_' || type;
	id int;
	graph text;
	bad text;
	place tid;
BEGIN
	FOR id IN EXECUTE format('SELECT id FROM %I ORDER BY id', name) LOOP
		BEGIN
			graph := orm.find(name, id);
			EXECUTE format('TRUNCATE %I', 'w_' || type);
			PERFORM orm.save('w_' || type, graph);
			EXECUTE format('SELECT %L || v.v::text || %L || coalesce(w.v::text, %L) FROM %I v, %I w WHERE v.id = $1 AND (w.id <> v.id OR pg_catalog.record_image_ne(ROW (v.v), ROW (w.v)))',
				'had ', ', became ', 'NULL', name, 'w_' || type) INTO bad USING id;
			IF bad IS NULL AND orm.find('w_' || type, id)::text <> graph THEN
				bad := 'is found as ' || orm.find('w_' || type, id)::text;
			END IF;
			-- what the row has already is not written, by array and by object
			EXECUTE format('SELECT ctid FROM %I WHERE id = $1', name) INTO place USING id;
			PERFORM orm.save(name, graph), orm.replace(name, '[' || graph || ']');
			EXECUTE format('SELECT %L WHERE NOT EXISTS (SELECT FROM %I WHERE ctid = $1 AND id = $2)', 'was written again', name) INTO bad USING place, id;
		EXCEPTION WHEN OTHERS THEN
			bad := sqlstate || ' ' || sqlerrm;
		END;
		IF bad IS NOT NULL THEN
			RETURN NEXT to_json(type || ' ' || graph || ': ' || bad);
		END IF;
	END LOOP;
	RETURN NEXT to_json('done'::text);
END $f$;
SQL
is($err, '', 'types and functions are there');

seed_random(first_seed());
for my $name (type_names())
{
	my $type = type_named($name);
	my @values = (undef, @{ $special{$name} // [] }, map { random_value($type) } 1 .. rounds(25));
	# what JSON does not say: the lower bounds of an array, blanks around a document
	for (grep { defined } @values)
	{
		s/^\[[\d:]+\]=// if $name eq 'grid';
		s/^ // if $name eq 'json';
	}
	my $number = 0;
	my $sql = join '', map { "CREATE TABLE ${_}_$name (id int PRIMARY KEY, v $type->{sql});\nSELECT FROM orm.entity('${_}_$name', '${_}_$name');\n" } qw(v w);
	$sql .= "INSERT INTO v_$name VALUES " . join(', ', map { '(' . ++$number . ', ' . literal($_) . ')' } @values) . ";\n";
	$sql .= "SELECT orm_test.saved('$name');\n";
	my ($rows, $said) = run_script_of_texts($sql);
	is($said, '', "$name: the session lives");
	is(pop @$rows, 'done', "$name: all are saved");
	is(join("\n", @$rows[ 0 .. ($#$rows > 3 ? 3 : $#$rows) ]), '', "$name: " . @values . ' values are what they were');
}
$server->stop;
done_testing();

# answers that are JSON strings
sub run_script_of_texts
{
	my ($sql) = @_;
	$sql =~ s/SELECT (orm_test\.saved\(.*?\));/SELECT json_build_array(s) FROM $1 s;/;
	my ($rows, $said) = run_script($server, $sql);
	return ([ map { $_->[0] } @$rows ], $said);
}
