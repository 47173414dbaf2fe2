# update_all and delete_all write just the rows that SQL written independently
# chooses, for generated conditions, and tell their number.
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
use OrmTest::Tree;
use OrmTest::Where;
use OrmTest::Server;

my $conditions = 100;

# Each row that is written gets a mark, which is compared with the condition and taken off again;
# what is deleted is put back by an error. A foreign key may forbid it, as it may in SQL.
sub writes_sql
{
	return <<'SQL';
CREATE FUNCTION orm_test.writes_same(label text, entity text, document jsonb, relation text, condition text) RETURNS json LANGUAGE plpgsql AS $f$
DECLARE
	updated bigint;
	deleted bigint;
	wanted bigint;
	wrong bigint;
BEGIN
	updated := orm.update_all(entity, '{"written mark": 1}', document);
	EXECUTE format('SELECT count(*) FILTER (WHERE (%s) IS TRUE), count(*) FILTER (WHERE ("written mark" IS NOT NULL) IS DISTINCT FROM ((%s) IS TRUE)) FROM %s AS self', condition, condition, relation) INTO wanted, wrong;
	EXECUTE format('UPDATE %s SET "written mark" = NULL WHERE "written mark" IS NOT NULL', relation);
	BEGIN
		deleted := orm.delete_all(entity, document);
		RAISE SQLSTATE 'ZZ000';
	EXCEPTION
		WHEN SQLSTATE 'ZZ000' THEN NULL;
		WHEN foreign_key_violation THEN deleted := wanted;
	END;
	RETURN json_build_array(label, CASE WHEN updated = wanted AND deleted = wanted AND wrong = 0 THEN 'same'
		ELSE format('%s updated, %s deleted, %s wanted, %s rows wrong', updated, deleted, wanted, wrong) END);
END $f$;
SQL
}

sub check
{
	my ($label, $table) = @_;
	my ($where, $sql) = random_where($table, 3);
	my $document = json({ where => $where, all => \'true' });
	return 'SELECT orm_test.writes_same(' . join(', ', map { literal($_) } "$label, $table->{entity} $document", $table->{entity}, $document, qualified($table), $sql->('self')) . ");\n";
}

my $server = start_server();
my (undef, $err) = run_script($server, types_sql() . compare_sql() . writes_sql());
is($err, '', 'types and functions are there');

for my $seed (map { 7000 + $_ } first_seed() .. first_seed() + rounds(4) - 1)
{
	seed_random($seed);
	my @tables = random_schema("b$seed");
	(undef, $err) = run_script($server, "SET client_min_messages = warning;\nCREATE SCHEMA b$seed;\n" . schema_sql(@tables)
		. join('', map { 'ALTER TABLE ' . qualified($_) . " ADD \"written mark\" int;\n" } @tables) . "SELECT FROM orm.reflect('b$seed');\n");
	is($err, '', "seed $seed: the schema is made") or next;
	take_relations(model_of($server), @tables);
	my @checks = map { check("seed $seed condition $_", pick(@tables)) } 1 .. $conditions;
	(my $rows, $err) = run_script($server, join '', @checks);
	my @different = grep { $_->[1] ne 'same' } @$rows;
	is($err, '', "seed $seed: the session lives");
	ok(@$rows == @checks && !@different, "seed $seed: " . @checks . ' conditions write the same rows') or diag(verdicts($rows, @different));
	run_script($server, "SET client_min_messages = warning;\nDROP SCHEMA b$seed CASCADE;\n");
}

$server->stop;
done_testing();
