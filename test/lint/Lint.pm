# What the lints share: the project's files, and one line of TAP for each thing looked at.
package Lint;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT = qw(sources headers sql_parts tracked slurp check warning done);

my ($number, $failed) = (0, 0);

sub sources { return sort(glob('src/*.c'), glob('src/*/*.c')) }
sub headers { return sort(glob('src/*.h'), glob('src/*/*.h')) }
sub sql_parts { return grep { !m{/orm--} } sort(glob('src/sql/*.sql')) }

# Every file under version control; of an unpacked archive, what is known by pattern.
sub tracked
{
	my @files = split /\0/, `git -c safe.directory='*' ls-files -z 2>/dev/null`;
	@files = (sources(), headers(), sql_parts(), glob('sql/*.sql docs/*.md *.md test/* test/*/* demo/*')) if !@files;
	return grep { -f && !-B } @files;
}

sub slurp
{
	my ($file) = @_;
	open my $in, '<', $file or die "cannot read $file: $!\n";
	local $/;
	return scalar <$in> // '';
}

# One test: "name" holds when there are no faults.
sub check
{
	my ($name, @faults) = @_;
	$failed++ if @faults;
	printf "%s %d - %s\n", (@faults ? 'not ok' : 'ok'), ++$number, $name;
	print "# $_\n" for @faults;
	return;
}

sub warning
{
	print "# warning: @_\n";
	return;
}

sub done
{
	print "1..$number\n";
	exit($failed ? 1 : 0);
}

1;
