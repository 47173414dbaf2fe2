# Generates conditions: each as a document and, written independently, as SQL.
package OrmTest::Where;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use OrmTest::Values;

our @EXPORT = qw(random_where);

# stands for the property in SQL; no value holds it
my $x = "\x{E000}";

# Each returns the operand of an operator and SQL about "$x".
my %operators = (
	'$eq' => sub { my ($v) = @_; return ($v->{json}, "$x = $v->{sql}") },
	'$ne' => sub { my ($v) = @_; return ($v->{json}, "$x <> $v->{sql}") },
	'$same' => sub { my ($v) = @_; return chance(25) ? (undef, "$x IS NOT DISTINCT FROM NULL") : ($v->{json}, "$x IS NOT DISTINCT FROM $v->{sql}") },
	'$distinct' => sub { my ($v) = @_; return chance(25) ? (undef, "$x IS DISTINCT FROM NULL") : ($v->{json}, "$x IS DISTINCT FROM $v->{sql}") },
	'$gt' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} < $x") },
	'$gte' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} <= $x") },
	'$lt' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} > $x") },
	'$lte' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} >= $x") },
	'$between' => sub { my ($v, $w) = @_; return ([ $v->{json}, $w->{json} ], "$x BETWEEN $v->{sql} AND $w->{sql}") },
	'$in' => sub { my @v = some(@_); return ([ map { $_->{json} } @v ], any(@v)) },
	'$nin' => sub { my @v = some(@_); return ([ map { $_->{json} } @v ], 'NOT ' . any(@v)) },
	'$like' => sub { my $t = pick('%', '_', 'a%', '%a_', '\\%%', 'é%', ''); return ($t, "$x LIKE " . literal($t)) },
	'$ilike' => sub { my $t = pick('A%', '%B', '_', 'zZ'); return ($t, "lower($x) LIKE lower(" . literal($t) . ')') },
	'$starts' => sub { my $t = part(@_); return ($t, "starts_with($x, " . literal($t) . ')') },
	'$ends' => sub { my $t = part(@_); return ($t, ends("$x", literal($t))) },
	'$contains' => sub { my $t = part(@_); return ($t, 'position(' . literal($t) . " IN $x) > 0") },
	'$istarts' => sub { my $t = plain(); return ($t, "starts_with(lower($x), lower(" . literal($t) . '))') },
	'$iends' => sub { my $t = plain(); return ($t, ends("lower($x)", 'lower(' . literal($t) . ')')) },
	'$icontains' => sub { my $t = plain(); return ($t, 'position(lower(' . literal($t) . ") IN lower($x)) > 0") },
	'$re' => sub { my $t = pick('^a', 'b$', '.', '[^a-z]', '\\\\', '^$'); return ($t, "regexp_match($x, " . literal($t) . ") IS NOT NULL AND $x IS NOT NULL OR $x IS NULL AND NULL") },
	'$ire' => sub { my $t = pick('A', 'ZZ$', '^B'); return ($t, "regexp_match($x, " . literal($t) . qq{, 'i') IS NOT NULL AND $x IS NOT NULL OR $x IS NULL AND NULL}) },
);
my @equality = qw($eq $ne $same $distinct $in $nin);
my @order = qw($gt $gte $lt $lte $between);
my @patterns = qw($like $ilike $starts $ends $contains $istarts $iends $icontains $re $ire);

sub some { my ($v, $w) = @_; return (($v) x between(0, 1), ($w) x between(0, 1)) }
sub any { return @_ ? '(' . join(' OR ', map { "$x = $_->{sql}" } @_) . ')' : 'false' }
sub ends { my ($text, $end) = @_; return "right($text, length($end)) = $end" }
sub plain { return pick('A', 'b', 'aB', 'x%', '_', 'ZZ', '') }

# a part of a value, or of a pattern's own characters
sub part
{
	my ($v) = @_;
	return pick('%', '_', '\\', '') if chance(30);
	return substr $v->{text}, between(0, 1), between(1, 3) if length $v->{text} > 1;
	return $v->{text};
}

# A value of a column as text, JSON and SQL: of a row of the table, or any.
sub value_of
{
	my ($table, $column) = @_;
	my $type = $column->{type};
	my @held = grep { defined } map { $_->{ $column->{name} } } @{ $table->{rows} };
	my $text = @held && chance(75) ? pick(@held) : $type->{nth} ? '' . $type->{nth}->(between(1, 20)) : random_value($type);
	my $json = $text;
	# a JSON number when it can be one
	if ($type->{json} eq 'number' && chance(60) || $type->{json} eq 'document') { my $token = $text; $json = \$token }
	elsif ($type->{json} eq 'bare') { my $token = $text =~ /^t/ ? 'true' : 'false'; $json = chance(70) ? \$token : $text }
	elsif ($type->{json} eq 'array') { my $token = lc $text =~ tr/{}/[]/r; $json = \$token }
	return { text => $text, json => $json, sql => literal($text) . "::$type->{sql}" };
}

# a value for the JSON null of which there is no other way to ask
sub usable { my ($value) = @_; return !(ref $value->{json} && ${ $value->{json} } eq 'null') }

sub about
{
	my ($sql, $column, $alias) = @_;
	my $name = $alias . '.' . identifier($column->{name});
	$sql =~ s/$x/$name/g;
	return "($sql)";
}

sub operators_for
{
	my ($type) = @_;
	return (@equality, @order, $type->{text} ? (@patterns) x 2 : ()) if $type->{json};
	return ();
}

# A field: the document under a property, and its SQL as a function of the alias.
sub random_field
{
	my ($table, $column, $depth) = @_;
	my $type = $column->{type};
	if (!$type->{json} || chance(12))
	{
		my $is_null = chance(50);
		# of a row type IS NULL would ask about each field
		my $sql = $is_null ? "$x IS NOT DISTINCT FROM NULL" : "$x IS DISTINCT FROM NULL";
		my $field = $is_null && chance(50) ? undef : { '$null' => $is_null ? \'true' : \'false' };
		return ($field, $sql);
	}
	my ($v, $w) = map { value_of($table, $column) } 1 .. 2;
	return (undef, "$x IS NOT DISTINCT FROM NULL") if !usable($v) || !usable($w);
	# an object is operators, a list one value only where the type is an array
	return ($v->{json}, "$x = $v->{sql}") if $type->{json} ne 'document' && chance(20);
	if ($type->{json} !~ /document|array/ && chance(15))
	{
		my @list = some($v, $w);
		return ([ map { $_->{json} } @list ], any(@list));
	}
	if ($depth > 0 && chance(15))
	{
		my ($field, $sql) = random_field($table, $column, $depth - 1);
		return ({ '$not' => $field }, "NOT ($sql)");
	}
	my (%field, @sql);
	for my $name (map { pick(operators_for($type)) } 1 .. (chance(25) ? 2 : 1))
	{
		next if exists $field{$name};
		($field{$name}, my $sql) = $operators{$name}->($v, $w);
		push @sql, "($sql)";
	}
	return (\%field, join ' AND ', @sql);
}

sub entry_name { my ($name) = @_; return $name =~ /^\$/ ? "\$$name" : $name }

sub random_entry
{
	my ($table, $where, $depth) = @_;
	if ($depth > 0 && chance(35))
	{
		my $group = pick('$and', '$or', '$not');
		return () if exists $where->{$group};
		my @parts = map { [ random_where($table, $depth - 1) ] } $group eq '$not' ? 1 : 1 .. between(0, 3);
		$where->{$group} = $group eq '$not' ? $parts[0][0] : [ map { $_->[0] } @parts ];
		return sub {
			my ($alias) = @_;
			my @sql = map { $_->[1]->($alias) } @parts;
			return "(NOT $sql[0])" if $group eq '$not';
			return $group eq '$and' ? 'true' : 'false' if !@sql;
			return '(' . join($group eq '$and' ? ' AND ' : ' OR ', @sql) . ')';
		};
	}
	my $column = pick(@{ $table->{columns} });
	my $name = entry_name($column->{name});
	return () if exists $where->{$name} || $column->{type}{name} eq 'point';
	($where->{$name}, my $sql) = random_field($table, $column, 2);
	return sub { my ($alias) = @_; return about($sql, $column, $alias) };
}

# A document, and a function that gives its SQL for an alias.
sub random_where
{
	my ($table, $depth) = @_;
	my %where;
	my @parts = map { random_entry($table, \%where, $depth) } 1 .. (chance(5) ? 0 : between(1, 2));
	return (\%where, sub { my ($alias) = @_; return @parts ? '(' . join(' AND ', map { $_->($alias) } @parts) . ')' : 'true' });
}

1;
