# Graphs to be saved: whole load trees over generated tables, and statements that
# spoil just those rows that a graph holds.
#
# Not here: tables and rows (Schema), trees that are read with conditions (Tree).
package OrmTest::Graph;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use OrmTest::Values;
use OrmTest::Schema;

our @EXPORT = qw(graph_tree graph_document graph_keys spoiling_sql plain_values exact_links);

# A value without what JSON does not say: the lower bounds of an array, blanks around a document,
# and whether null is the document or none.
sub plain
{
	my ($type, $value) = @_;
	return $value if !defined $value;
	$value =~ s/^\[\d+:\d+\]=// if $type->{name} eq 'grid';
	$value =~ s/^ // if $type->{name} eq 'json';
	$value = '0' if $value eq 'null' && $type->{name} =~ /^jsonb?$/;
	return $value;
}

sub plain_values
{
	for my $table (@_)
	{
		for my $column (@{ $table->{columns} })
		{
			$_->{ $column->{name} } = plain($column->{type}, $_->{ $column->{name} }) for @{ $table->{rows} };
		}
	}
	return;
}

# Foreign keys in the digits of what they refer to: a link that is made anew has these.
sub exact_links
{
	for my $table (@_)
	{
		for my $fk (@{ $table->{fks} })
		{
			for my $i (grep { $fk->{from}[$_]{type} == $fk->{to}[$_]{type} } 0 .. $#{ $fk->{from} })
			{
				my ($from, $to) = ($fk->{from}[$i]{name}, $fk->{to}[$i]{name});
				$_->{$from} = $_->{"\0to"}{ $fk->{name} }{$to} for grep { defined $_->{$from} && $_->{"\0to"}{ $fk->{name} } } @{ $table->{rows} };
			}
			# of other types, as a cast makes them
			for my $column (grep { $_->{type}{name} eq 'numeric' } @{ $fk->{from} })
			{
				my ($to) = map { $fk->{to}[$_] } grep { $fk->{from}[$_] == $column } 0 .. $#{ $fk->{from} };
				next if $to->{type} == $column->{type};
				s/\.0+$// for grep { defined } map { $_->{ $column->{name} } } @{ $table->{rows} };
			}
		}
	}
	return;
}

# A tree without conditions: all rows, all properties. "most" bounds how many relations it has.
sub graph_tree
{
	my ($table, $depth, $most, $relation) = @_;
	my $node = { table => $table, relation => $relation, loads => [] };
	my @relations = $depth > 0 ? shuffled(@{ $table->{relations} }) : ();
	splice @relations, between($relation ? 0 : 1, $most) if @relations > 1;
	push @{ $node->{loads} }, graph_tree($_->{target}, $depth - 1, $most, $_) for @relations;
	return $node;
}

sub graph_document
{
	my ($node) = @_;
	return {} if !@{ $node->{loads} };
	return { load => { map { quoted_name($_->{relation}{name}) => graph_document($_) } @{ $node->{loads} } } };
}

sub quoted_name { my ($name) = @_; $name =~ s/"/""/g; return qq{"$name"} }

# the key of a row, of the generator or as an object that was read
sub graph_keys
{
	my ($table, $row) = @_;
	return 'jsonb_build_object(' . join(', ', map { literal($_->{name}) . ', ' . literal($row->{ $_->{name} }) . "::$_->{type}{sql}" } @{ $table->{keys} }) . ')';
}

sub same_columns
{
	my ($columns, @values) = @_;
	return join ' AND ', map { identifier($columns->[$_]{name}) . ' = ' . literal($values[$_]) . "::$columns->[$_]{type}{sql}" } 0 .. $#$columns;
}

sub values_of { my ($object, @columns) = @_; return map { $object->{ $_->{name} } } @columns }

sub spoil_row
{
	my ($table, $object, $deletes) = @_;
	my $where = same_columns($table->{keys}, values_of($object, @{ $table->{keys} }));
	my $name = qualified($table);
	# an object of nothing but a key is a link, and would not be inserted again
	return "DELETE FROM $name WHERE $where" if $deletes && @{ $table->{columns} } > @{ $table->{keys} } && chance(30);
	my %fixed = map { $_->{name} => 1 } @{ $table->{keys} }, map { @$_ } @{ $table->{uniques} };
	my %foreign = map { $_->{name} => 1 } map { @{ $_->{from} } } @{ $table->{fks} };
	my @columns = grep { !$fixed{ $_->{name} } && !($foreign{ $_->{name} } && $_->{notnull}) } @{ $table->{columns} };
	return () if !@columns;
	my @set;
	for my $column ((shuffled(@columns))[ 0 .. between(0, $#columns) ])
	{
		my $null = $foreign{ $column->{name} } || (!$column->{notnull} && chance(40));
		push @set, identifier($column->{name}) . ' = ' . literal($null ? undef : plain($column->{type}, random_value($column->{type})));
	}
	return "UPDATE $name SET " . join(', ', @set) . " WHERE $where";
}

sub spoil_link
{
	my ($relation, $near, $far) = @_;
	my @links = (@{ $relation->{links} });
	my @columns = ((map { $_->[1] } @{ $relation->{links} }), map { $_->[0] } @{ $relation->{far_links} });
	my @values = (values_of($near, map { $_->[0] } @{ $relation->{links} }), values_of($far, map { $_->[1] } @{ $relation->{far_links} }));
	my $where = same_columns(\@columns, @values);
	my @pivots = grep { !$_->{notnull} } @{ $relation->{pivots} };
	return 'UPDATE ' . qualified($relation->{through}) . ' SET ' . join(', ', map { identifier($_->{name}) . ' = NULL' } @pivots) . " WHERE $where" if @pivots && chance(40);
	return 'DELETE FROM ' . qualified($relation->{through}) . " WHERE $where";
}

# Statements that change a part of the rows that an object, as read by its tree, holds, and with
# "deletes" delete some.
sub spoiling_sql
{
	my ($node, $object, $percent, $deletes) = @_;
	my @statements;
	push @statements, spoil_row($node->{table}, $object, $deletes) if chance($percent);
	for my $load (@{ $node->{loads} })
	{
		my $below = $object->{ $load->{relation}{name} };
		for my $far (ref $below eq 'ARRAY' ? @$below : $below // ())
		{
			push @statements, spoil_link($load->{relation}, $object, $far) if $load->{relation}{through} && chance($percent);
			push @statements, spoiling_sql($load, $far, $percent, $deletes);
		}
	}
	return @statements;
}

1;
