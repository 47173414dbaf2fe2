# Conditions on values that have parts: arrays, ranges, jsonb, composites. Each
# as a document and, spelled out element by element, as SQL.
package OrmTest::Fields;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use OrmTest::Values;

our @EXPORT = qw(part_types part_field);

# stands for the property in SQL, as in OrmTest::Where
my $x = "\x{E000}";

my %fields = (ints => \&ints_field, numbers => \&ints_field, range => \&range_field, jsonb => \&jsonb_field, pair => \&pair_field);

sub part_types { return sort keys %fields }
sub part_field { my ($type) = @_; return $fields{ $type->{name} } ? $fields{ $type->{name} }->() : () }

# NULL of a value that is not there
sub known { my ($sql) = @_; return "CASE WHEN $x IS NOT DISTINCT FROM NULL THEN NULL ELSE ($sql) END" }
sub token { my ($token) = @_; return \$token }
sub numbers { return map { between(-3, 3) } 1 .. between(0, 2) }
sub array { return 'ARRAY[' . join(',', @_) . ']::int[]' }

# an operator with a number, and its SQL about an expression
sub number_test
{
	my ($what) = @_;
	my ($name, $sign) = @{ pick([ '$gt', '>' ], [ '$gte', '>=' ], [ '$lt', '<' ], [ '$lte', '<=' ], [ '$eq', '=' ], [ '$ne', '<>' ]) };
	my $n = between(-2, 4);
	return (token($n), "$what = $n") if chance(25);
	return ({ $name => token($n) }, "$what $sign $n");
}

sub ints_field
{
	my $kind = pick(qw($contains $contained $overlap $any $all $len $empty));
	my @list = numbers();
	my $list = [ map { token($_) } @list ];
	my $array = array(@list);
	if ($kind eq '$contains')
	{
		return ({ $kind => token(2) }, known("EXISTS (SELECT FROM unnest($x) e WHERE e = 2)")) if chance(20);
		return ({ $kind => $list }, known("NOT EXISTS (SELECT FROM unnest($array) v WHERE NOT EXISTS (SELECT FROM unnest($x) e WHERE e = v))"));
	}
	return ({ $kind => $list }, known("NOT EXISTS (SELECT FROM unnest($x) e WHERE NOT EXISTS (SELECT FROM unnest($array) v WHERE e = v))")) if $kind eq '$contained';
	return ({ $kind => $list }, known("EXISTS (SELECT FROM unnest($x) e, unnest($array) v WHERE e = v)")) if $kind eq '$overlap';
	return ({ $kind => undef }, known("EXISTS (SELECT FROM unnest($x) e WHERE e IS NULL)")) if $kind eq '$any' && chance(20);
	if ($kind eq '$empty')
	{
		my $is = chance(50);
		return ({ $kind => token($is ? 'true' : 'false') }, known(($is ? 'NOT ' : '') . "EXISTS (SELECT FROM unnest($x))"));
	}
	my ($field, $sql) = number_test($kind eq '$len' ? "(SELECT count(*) FROM unnest($x))" : 'e');
	return ({ $kind => $field }, known($sql)) if $kind eq '$len';
	return ({ $kind => $field }, known("EXISTS (SELECT FROM unnest($x) e WHERE $sql)")) if $kind eq '$any';
	return ({ $kind => $field }, known("NOT EXISTS (SELECT FROM unnest($x) e WHERE coalesce(NOT ($sql), true))"));
}

# integers in a range, as far as ranges of the test and of its documents differ
sub within { my ($n, $range) = @_; return "(NOT isempty($range) AND coalesce($n >= lower($range), true) AND coalesce($n < upper($range), true))" }

sub range_field
{
	my $kind = pick(qw($contains $contains $contained $overlap $empty));
	my $n = between(-2, 6);
	my $range = literal(pick('empty', '[1,3)', '(,2]', '[3,)', "[$n," . ($n + 2) . ')', '(,)')) ;
	my $operand = $range =~ s/^'|'$//gr;
	my $all = 'generate_series(-30, 30) i WHERE ';
	$range = "$range\::int4range";
	if ($kind eq '$empty')
	{
		my $is = chance(50);
		return ({ $kind => token($is ? 'true' : 'false') }, known(($is ? '' : 'NOT ') . "$x = 'empty'"));
	}
	return ({ $kind => chance(50) ? token($n) : "$n" }, known(within($n, $x))) if $kind eq '$contains' && chance(50);
	return ({ $kind => $operand }, known("NOT EXISTS (SELECT FROM $all" . within('i', $range) . ' AND NOT ' . within('i', $x) . ')')) if $kind eq '$contains';
	return ({ $kind => $operand }, known("NOT EXISTS (SELECT FROM $all" . within('i', $x) . ' AND NOT ' . within('i', $range) . ')')) if $kind eq '$contained';
	$operand = "{$operand}" if $operand ne 'empty' && chance(30);
	return ({ $kind => $operand }, known("EXISTS (SELECT FROM $all" . within('i', $range) . ' AND ' . within('i', $x) . ')'));
}

# what stands at a step: the condition on it, as text of a number, string or truth
sub jsonb_leaf
{
	my ($step) = @_;
	my $type = "jsonb_typeof($step)";
	my $text = "($step #>> '{}')";
	return (undef, "coalesce($type, 'null') = 'null'") if chance(15);
	return ({ '$null' => token('false') }, "coalesce($type, 'null') <> 'null'") if chance(10);
	if (chance(45))
	{
		my ($field, $sql) = number_test("$text\::numeric");
		return ($field, "CASE WHEN $type = 'number' THEN $sql END");
	}
	if (chance(25))
	{
		my $n = between(0, 1);
		return ({ '$in' => [ token($n), '' ] }, "CASE WHEN $type IN ('number', 'string') THEN $text IN ('', '$n') END") if chance(50);
		return ({ '$nin' => [ token($n), 'a' ] }, "CASE WHEN $type = 'number' THEN $text\::numeric <> $n WHEN $type = 'string' THEN $text <> 'a' END");
	}
	if (chance(25))
	{
		my $token = pick('true', 'false');
		return (token($token), "CASE WHEN $type = 'boolean' THEN $text = '$token' END");
	}
	my $value = pick('', 'a', 'B', 'ab', '_', '"', 'é');
	my ($name, $sign) = @{ pick([ '$eq', '=' ], [ '$ne', '<>' ], [ '$gt', '>' ], [ '$lte', '<=' ]) };
	return ({ '$starts' => $value }, "CASE WHEN $type = 'string' THEN starts_with($text, " . literal($value) . ') END') if chance(25);
	return ({ $name => $value }, "CASE WHEN $type = 'string' THEN $text $sign " . literal($value) . ' END');
}

sub jsonb_field
{
	my @steps = map { pick('a', 'b', 'c', 'a b', '"', 'é', '0', '1') } 1 .. between(1, 2);
	my ($field, $sql) = jsonb_leaf("$x #> ARRAY[" . join(', ', map { literal($_) } @steps) . ']');
	$field = { $_ => $field } for reverse @steps;
	return ($field, $sql);
}

sub pair_field
{
	if (chance(50))
	{
		my ($field, $sql) = number_test("($x).one");
		return ({ one => $field }, $sql);
	}
	my $value = pick('x', '', 'a');
	return ({ 't w' => { '$gte' => $value } }, qq{($x)."t w" >= } . literal($value));
}

1;
