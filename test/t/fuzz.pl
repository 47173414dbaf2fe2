# Nothing that a document holds gives a syntax error, an internal error or a
# crash: rows, or an error that the contract names.
#
# The documents of test/fuzz and random changes of them. ORM_TEST_ROUNDS (a
# hundred documents each) and ORM_TEST_SEED ask for more and for other ones.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use JSON::PP ();
use Test::More;
use OrmTest::Values;
use OrmTest::Server;

my $folder = "$FindBin::RealBin/../fuzz/documents";
my $codec = JSON::PP->new->allow_nonref->allow_bignum;

sub corpus
{
	my @lines;
	for my $file (sort glob "$folder/*.jsonl")
	{
		open my $in, '<:encoding(UTF-8)', $file or die "cannot read $file: $!\n";
		push @lines, grep { !/^#/ } map { chomp; $_ } <$in>;
	}
	return @lines;
}

# what stands in the place of anything
my @odd = (undef, \'true', \'false', \'0', \'-1', \'1.5', \'1e300', \'123456789012345678901234567890', '', 'id', 'a b', '-id', 'parent', 'parent.id', 'children',
	'*', '$eq', "'", '"', '\\', "\n", '%', '(', '漢', [], {}, [undef], [[]], { '$eq' => undef }, { '$not' => {} }, { '$in' => [] }, { id => \'1' });
my @keys = ('id', 'a b', 'document', 'numbers', 'mood', 'place', 'pair', 'parent', 'children', 'tags', '$and', '$or', '$not', '$eq', '$ne', '$in', '$nin', '$like',
	'$re', '$between', '$null', '$same', '$distinct', '$starts', 'where', 'order', 'limit', 'offset', 'select', 'omit', 'load', '$contains', '$contained', '$overlap', '$any', '$all', '$len', '$empty', '$key', '$jsonpath',
	'$op', '$col', '$value', '$search', '$some', '$none', '$every', '$count', '$aggregate', '$where', '$pivot', 'name', 'value', 'function', 'property', 'query', 'in', 'one', 'a', 'distinct', 'lock', 'page', 'total', 'after', 'before', '', '$', '$$', '.', '"');

# A value with some part of it changed; of the document itself mostly a part.
sub changed
{
	my ($value, $pool, $top) = @_;
	return pick(@odd, @$pool) if !ref $value || chance($top ? 1 : 15) || (ref $value ne 'HASH' && ref $value ne 'ARRAY');
	if (ref $value eq 'ARRAY')
	{
		my @list = @$value;
		return [ @list, changed(undef, $pool) ] if !@list || chance(30);
		my $at = between(0, $#list);
		$list[$at] = changed($list[$at], $pool);
		return \@list;
	}
	my %hash = %$value;
	my $key = pick(sort keys %hash) // pick(@keys);
	my $inner = exists $hash{$key} ? $hash{$key} : undef;
	if (chance($top ? 3 : 25)) { delete $hash{$key}; $key = pick(@keys) }
	$hash{$key} = chance(70) ? changed($inner, $pool) : $inner;
	return \%hash;
}

# numbers and truth of a decoded document, as tokens
sub tokens
{
	my ($value) = @_;
	return [ map { tokens($_) } @$value ] if ref $value eq 'ARRAY';
	return { map { $_ => tokens($value->{$_}) } keys %$value } if ref $value eq 'HASH';
	return $value if !defined $value || !ref $value && $codec->encode($value) =~ /^"/;
	my $token = $codec->encode($value);
	return \$token;
}

my $server = start_server();
my (undef, $err) = run_script($server, <<'SQL');
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (one int, two text);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE item (id int PRIMARY KEY, "a b" text, parent_id int CONSTRAINT up REFERENCES item, document jsonb, plain json, numbers int[],
	mood mood, at timestamptz, place point, pair pair, positive positive);
CREATE TABLE tag (id int PRIMARY KEY, name text);
CREATE TABLE item_tag (item_id int REFERENCES item, tag_id int REFERENCES tag, place int, PRIMARY KEY (item_id, tag_id));
INSERT INTO item SELECT i, 'x' || i, nullif(i / 3, 0), json_build_object('a', i), '[1, 2]', ARRAY[i, 2], 'ok', '2020-01-01', '(1,2)', '(1,x)', i FROM generate_series(1, 9) i;
INSERT INTO tag SELECT i, 't' || i FROM generate_series(1, 3) i;
INSERT INTO item_tag SELECT i, t, i FROM generate_series(1, 9) i, generate_series(1, 3) t WHERE i % t = 0;
SET client_min_messages = warning;
SELECT FROM orm.reflect();
SELECT FROM orm.belongs_to('item', 'parent', 'item', ARRAY['parent_id']);
SELECT FROM orm.has_many('item', 'children', 'item', ARRAY['parent_id']);
SELECT FROM orm.many_to_many('item', 'tags', 'tag', 'item_tag');

-- what everything that reads makes of a document: SQLSTATE and message of each that is no good
CREATE FUNCTION fuzz(document text) RETURNS json LANGUAGE plpgsql AS $f$
DECLARE
	call text;
	states text[] := '{}';
	allowed text[] := '{22023,42703,22P02,22004,42704,54001,2201B,22025}';	-- the last two: a pattern that is none
BEGIN
	PERFORM document::jsonb;
	FOREACH call IN ARRAY ARRAY['SELECT count(e) FROM (SELECT orm.fetch(''item'', $1)::text AS e) AS f', 'SELECT count(orm.list(''item'', $1)::text)', 'SELECT count(orm.first(''item'', $1)::text)',
		'SELECT orm.count(''item'', $1)', 'SELECT orm.exists(''item'', $1)', 'SELECT count(s) FROM orm.sql(''item'', $1) AS s',
		'SELECT count(orm.find(''item'', 1, $1)::text)', 'SELECT count(orm.paginate(''item'', $1)::text)',
		'SELECT count(orm.find(''item'', $1)::text)', 'SELECT count(e) FROM (SELECT orm.fetch(''item'', ''{"load": ["children"]}'', $1)::text AS e) AS f'] LOOP
		BEGIN
			EXECUTE call USING document::jsonb;
		EXCEPTION WHEN OTHERS THEN
			IF NOT sqlstate = ANY (allowed) THEN
				states := states || format('%s %s (%s)', sqlstate, sqlerrm, call);
			END IF;
		END;
	END LOOP;
	RETURN json_build_array(document, array_to_string(states, E'\n'));
EXCEPTION WHEN untranslatable_character OR invalid_text_representation OR numeric_value_out_of_range THEN
	RETURN json_build_array(document, '');	-- jsonb itself did not take it
END $f$;
SQL
is($err, '', 'the tables are there');

sub give
{
	my ($label, @documents) = @_;
	my ($rows, $err) = run_script($server, join '', "SET statement_timeout = '10s';\nSET client_min_messages = warning;\n", map { 'SELECT fuzz(' . literal($_) . ");\n" } @documents);
	my @bad = grep { $_->[1] ne '' } @$rows;
	is($err, '', "$label: the session lives");
	ok(@$rows == @documents && !@bad, "$label: rows, or an error of the contract") or diag(verdicts($rows, @bad));
	return;
}

my @corpus = corpus();
give('corpus', @corpus);
my @decoded = map { tokens($_) } map { eval { $codec->decode($_) } } grep { !/\\u/ } @corpus;
# parts of other documents are good material too
my @pool = map { my $d = $_; map { $d->{$_} } sort keys %$d } grep { ref eq 'HASH' } @decoded;
for my $seed (map { 3000 + $_ } first_seed() .. first_seed() + rounds(10) - 1)
{
	seed_random($seed);
	my @documents = map { my $d = pick(@decoded); $d = changed($d, \@pool, 1) for 1 .. between(1, 3); json($d) } 1 .. 100;
	give("seed $seed", @documents);
}

$server->stop;
done_testing();
